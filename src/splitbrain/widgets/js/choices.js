// What can be done to the thing that was chosen: a button for each, in one fixed place below the diagram.

import { html, set, write } from "./dom.js";

/** @typedef {import("./types.js").Selected} Selected */
/** @typedef {import("./types.js").Choice} Choice */

const HINT = "Click a link to cut or heal it, a node or a message to choose what happens to it; drag a node away from the others to part them.";
const PAST = "This is the past: nothing can be done to it.";

/**
 * @param {import("./types.js").Setup} setup
 * @param {import("./types.js").Wish} wish
 * @param {() => void} leave the keyboard goes back to what was chosen
 */
export function createChoices(setup, wish, leave) {
  const name = html("b", {});
  const buttons = html("div", { class: "sb-buttons" });
  const element = html("div", { class: "sb-choices", role: "group", "aria-label": "What can be done" }, name, buttons);
  let shown = "";
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") leave();
  });
  return {
    element,
    /**
     * @param {Selected | null} selected
     * @param {import("./types.js").Snapshot} snapshot
     * @param {boolean} live
     */
    update(selected, snapshot, live) {
      const found = (live && selected && offered(setup, snapshot, selected)) || { title: live ? HINT : PAST, names: {}, choices: [] };
      const told = JSON.stringify(found);
      if (told === shown) return;
      shown = told;
      const focused = buttons.contains(document.activeElement);
      set(element, { "data-chosen": found.choices.length ? "" : null });
      write(name, found.title);
      buttons.replaceChildren(...found.choices.map((c) => control(c, found.names, wish)));
      if (focused) focusFirst(buttons, leave);
    },
    focus: () => focusFirst(buttons, leave),
  };
}

/**
 * @param {Element} buttons
 * @param {() => void} otherwise
 */
function focusFirst(buttons, otherwise) {
  const first = buttons.querySelector("button");
  if (first) first.focus();
  else otherwise();
}

/**
 * @param {import("./types.js").Setup} setup
 * @param {import("./types.js").Snapshot} snapshot
 * @param {Selected} selected
 * @returns {{title: string, names: object, choices: (Choice & {told: string})[]} | null}
 */
function offered(setup, snapshot, selected) {
  if (selected.kind === "node") {
    const card = snapshot.nodes.find((n) => n.name === selected.name);
    return card ? { title: selected.name, names: { nodes: [selected.name] }, choices: told(setup.choices.node[card.state]) } : null;
  }
  if (selected.kind === "nodes") return several(selected.names);
  if (selected.kind === "link") {
    const { a, b } = selected;
    const link = snapshot.links.find((l) => l.a === a && l.b === b);
    return link ? { title: `${a} – ${b}, ${link.latency}`, names: { nodes: [a, b] }, choices: told(setup.choices.link[link.cut], a, b) } : null;
  }
  const flying = snapshot.flying.find((f) => f.id === selected.id);
  return flying ? { title: `${flying.text}, ${flying.source} → ${flying.target}`, names: { message: flying.id }, choices: told(setup.choices.message) } : null;
}

/** @param {string[]} names */
function several(names) {
  const choice = { word: "part them from the others", told: "part them from the others", wish: { action: "partition" }, field: null, turned: false };
  return { title: names.join(" "), names: { groups: names.join(" ") }, choices: [choice] };
}

/**
 * @param {Choice[]} choices
 * @param {string} [a]
 * @param {string} [b]
 */
function told(choices, a = "", b = "") {
  return choices.map((c) => ({ ...c, told: c.word.replace("{0}", a).replace("{1}", b) }));
}

/**
 * @param {Choice & {told: string}} choice
 * @param {any} names
 * @param {import("./types.js").Wish} wish
 */
function control(choice, names, wish) {
  const { field, turned } = choice;
  const button = html("button", { type: "button", "data-do": choice.told }, choice.told);
  const input = field && html("input", { type: "number", name: field.name, value: field.value, min: field.min ?? null, step: "any", "aria-label": `${choice.told}, in ${field.unit}` });
  const nodes = turned ? { nodes: [...names.nodes].reverse() } : {};
  button.addEventListener("click", () => wish({ ...choice.wish, ...names, ...nodes, ...(input ? { [input.name]: input.valueAsNumber } : {}) }));
  return field ? html("span", { class: "sb-filled" }, button, input, field.unit) : button;
}
