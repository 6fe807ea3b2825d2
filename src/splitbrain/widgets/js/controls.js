// The controls beside the diagram: native elements, built once, so that what was typed and the focus stay.

import { html } from "./dom.js";

/** @typedef {import("./types.js").Wish} Wish */
/** @typedef {import("./types.js").Setup} Setup */

/**
 * What clients ask.
 * @param {Setup} setup
 * @param {Wish} wish
 */
export function clientControls(setup, wish) {
  const home = html("select", { name: "client" }, ...setup.names.map((n) => html("option", {}, n)));
  const wait = html("input", { type: "checkbox", name: "wait", checked: "" });
  const fields = /** @type {Map<string, any>} */ (new Map());
  for (const operation of setup.operations) {
    for (const [name, first] of operation.fields) {
      if (!fields.has(name)) fields.set(name, html("input", { name, size: 5, autocomplete: "off", value: first }));
    }
  }
  const buttons = setup.operations.map((operation) =>
    button(operation.name, `ask the node to ${operation.name}`, () => wish({
      action: "call", nodes: [home.value], operation: operation.name, wait: wait.checked,
      arguments: operation.fields.map(([name]) => fields.get(name).value),
    })));
  return group("Client", labelled("client at", home),
    ...[...fields].map(([name, input]) => labelled(name, input)), ...buttons, labelled("and wait for the answer", wait, "after"));
}

/**
 * Partitions by name, and the end of all cuts.
 * @param {Setup} setup
 * @param {Wish} wish
 */
export function networkControls(setup, wish) {
  const half = Math.ceil(setup.names.length / 2);
  const value = [setup.names.slice(0, half), setup.names.slice(half)].map((names) => names.join(" ")).join(" | ");
  const groups = html("input", { name: "groups", class: "sb-groups", autocomplete: "off", value });
  const part = () => wish({ action: "partition", groups: groups.value });
  groups.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") part();
  });
  return group("Network", labelled("groups", groups), button("partition", "cut every link between the groups", part),
    button("heal", "mend every link", () => wish({ action: "heal" })));
}

/**
 * @param {string} name
 * @param {...Node} children
 */
export function group(name, ...children) {
  return html("div", { role: "group", "aria-label": name, class: "sb-group" }, ...children);
}

/**
 * @param {string} name
 * @param {string} title
 * @param {() => void} act
 * @param {string} [sign]
 */
export function button(name, title, act, sign = name) {
  const element = html("button", { type: "button", title, "data-do": name, "aria-label": sign === name ? null : name }, sign);
  element.addEventListener("click", act);
  return element;
}

/**
 * @param {string} name
 * @param {Node} control
 * @param {string} [side]
 */
export function labelled(name, control, side = "before") {
  const text = html("span", {}, name);
  return html("label", {}, ...(side === "after" ? [control, text] : [text, control]));
}
