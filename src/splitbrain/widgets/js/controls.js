// The controls beside the diagram: native elements, built once, so that what was typed and the focus stay.

import { html } from "./dom.js";

/**
 * @param {any} setup
 * @param {(wish: object) => void} wish
 */
export function createControls(setup, wish) {
  return html("div", { class: "sb-controls" }, clientControls(setup, wish), timeControls(setup, wish));
}

/**
 * @param {any} setup
 * @param {(wish: object) => void} wish
 */
function clientControls(setup, wish) {
  const home = html("select", { name: "client" }, ...setup.names.map((/** @type {string} */ n) => html("option", {}, n)));
  const fields = /** @type {Map<string, any>} */ (new Map());
  for (const operation of setup.operations) {
    for (const [name, first] of operation.fields) {
      if (!fields.has(name)) fields.set(name, html("input", { name, size: 5, autocomplete: "off", value: first }));
    }
  }
  const buttons = setup.operations.map((/** @type {any} */ operation) =>
    button(operation.name, `ask the node to ${operation.name}`, () => wish({
      action: "call", nodes: [home.value], operation: operation.name,
      arguments: operation.fields.map((/** @type {any} */ [name]) => fields.get(name).value),
    })));
  return group("Client", labelled("client at", home),
    ...[...fields].map(([name, input]) => labelled(name, input)), ...buttons);
}

/**
 * @param {any} setup
 * @param {(wish: object) => void} wish
 */
function timeControls(setup, wish) {
  const ms = html("input", { name: "ms", type: "number", min: 1, step: 1, value: setup.run_ms });
  return group("Time and repair",
    button("step", "run one event", () => wish({ action: "step" })),
    button("run", "run this many virtual milliseconds", () => wish({ action: "run", ms: ms.valueAsNumber })),
    labelled("ms", ms, "after"),
    button("heal", "mend every link", () => wish({ action: "heal" })),
    button("reset", "start again: nothing has happened yet", () => wish({ action: "reset" })));
}

/**
 * @param {string} name
 * @param {...Node} children
 */
function group(name, ...children) {
  return html("div", { role: "group", "aria-label": name, class: "sb-group" }, ...children);
}

/**
 * @param {string} name
 * @param {string} title
 * @param {() => void} act
 */
function button(name, title, act) {
  const element = html("button", { type: "button", title, "data-do": name }, name);
  element.addEventListener("click", act);
  return element;
}

/**
 * @param {string} name
 * @param {Node} control
 * @param {string} [side]
 */
function labelled(name, control, side = "before") {
  const text = html("span", {}, name);
  return html("label", {}, ...(side === "after" ? [control, text] : [text, control]));
}
