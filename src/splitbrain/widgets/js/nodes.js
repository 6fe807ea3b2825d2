// A node: a card with its name, role, state and what its database holds; beside it, its client's last answer.

import { set, svg, write } from "./dom.js";
import { clientPlace, outward } from "./geometry.js";

const STATES = /** @type {Record<string, string>} */ ({ up: "●", crashed: "✕", paused: "❚❚" });
const ROW = 17;
const OVER = 6; // so far a long answer may stand over the edge of the picture

/**
 * The outline says the state too: round corners up, cut corners crashed, square paused.
 * @param {string} state
 * @param {number} width
 * @param {number} height
 */
function outline(state, width, height) {
  const [x, y] = [width / 2, height / 2];
  if (state === "crashed") {
    const c = 14;
    return `M${c - x},${-y} H${x - c} L${x},${c - y} V${y - c} L${x - c},${y} H${c - x} L${-x},${y - c} V${c - y} Z`;
  }
  const r = state === "paused" ? 0 : 12;
  return `M${r - x},${-y} H${x - r} Q${x},${-y} ${x},${r - y} V${y - r} Q${x},${y} ${x - r},${y} H${r - x} ` +
    `Q${-x},${y} ${-x},${y - r} V${r - y} Q${-x},${-y} ${r - x},${-y} Z`;
}

/**
 * @param {string} name
 * @param {import("./types.js").Setup} setup
 */
export function createNode(name, setup) {
  const [w, h] = [setup.card_width, setup.card_height];
  const [left, top] = [-w / 2 + 11, -h / 2];
  const title = svg("title");
  const paths = [svg("path", { class: "sb-ring" }), svg("path", { class: "sb-card" })];
  const label = svg("text", { class: "sb-name", x: left, y: top + 21 });
  const state = svg("text", { class: "sb-state", x: w / 2 - 11, y: top + 20.5 });
  const [sign, word] = [svg("tspan", { class: "sb-sign" }), svg("tspan", { dx: 4 })];
  state.append(sign, word);
  const role = svg("text", { class: "sb-role", x: left, y: top + 36 });
  const [table, rule] = [svg("g", { class: "sb-rows" }), svg("line", { class: "sb-rule", x1: -w / 2, x2: w / 2 })];
  const group = svg("g", { class: "sb-node", "data-node": name, role: "button", tabindex: "0" },
    title, ...paths, rule, label, state, role, table);
  write(label, name);
  return {
    element: group,
    /** @param {import("./types.js").Card} card @param {boolean} selected */
    update(card, selected) {
      set(group, { "data-state": card.state, "aria-pressed": selected, "aria-label": `${card.label}: press Enter to choose what happens to it` });
      for (const path of paths) set(path, { d: outline(card.state, w, h) });
      const second = [card.role, card.marks].filter(Boolean).join(" · ");
      const line = top + (second ? 42 : 29);
      set(rule, { y1: line, y2: line });
      write(title, card.label);
      write(sign, STATES[card.state]);
      write(word, card.state);
      write(role, second);
      set(role, { "data-marked": card.marks ? "" : null, "data-long": second.length > 19 ? "" : null });
      drawRows(table, card, { left, right: w / 2 - 11, y: line + 17 });
    },
    /** @param {[number, number]} place */
    place([x, y]) {
      set(group, { transform: `translate(${x},${y})` });
    },
  };
}

/**
 * @param {Element} table
 * @param {import("./types.js").Card} card
 * @param {{left: number, right: number, y: number}} place
 */
function drawRows(table, { rows, more, state }, { left, right, y }) {
  const told = JSON.stringify([rows, more, state, y]);
  if (table.getAttribute("data-told") === told) return;
  const drawn = rows.map(([key, value, differs], i) =>
    svg("g", { class: differs ? "sb-row sb-differs" : "sb-row", transform: `translate(0,${y + i * ROW})` },
      svg("text", { x: left }, key),
      svg("text", { x: right, "text-anchor": "end" }, differs ? `≠ ${value}` : value)));
  const nothing = state === "crashed" ? "data on disk" : "empty";
  if (!rows.length) drawn.push(svg("text", { class: "sb-empty", x: left, y }, nothing));
  if (more) drawn.push(svg("text", { class: "sb-empty", x: left, y: y + rows.length * ROW - 3 }, `and ${more} more`));
  table.replaceChildren(...drawn);
  set(table, { "data-told": told });
}

/**
 * The client at a node: what it asked last, and what it was told.
 * @param {string} name
 * @param {import("./types.js").Setup} setup
 */
export function createAnswer(name, setup) {
  const text = svg("text", { y: 4 });
  const box = svg("rect", { y: -11, height: 22, rx: 11 });
  const stalk = svg("line", { x1: 0, y1: 0, x2: 0 });
  const group = svg("g", { class: "sb-answer", "data-client": name }, stalk, box, text);
  let half = 0;
  return {
    element: group,
    /** @param {import("./types.js").Answer} answer */
    update(answer) {
      set(group, { "data-status": answer ? answer.status : "none" });
      const said = answer ? `${answer.client}: ${answer.text}` : "";
      write(text, said);
      half = (said.length * 6.9 + 22) / 2;
      set(box, { x: -half, width: 2 * half });
    },
    /** A long answer at the edge moves inwards. @param {[number, number]} place */
    place(place) {
      const [x, y] = clientPlace(setup, place);
      const inside = Math.min(Math.max(x, half - OVER), setup.width - half + OVER);
      set(group, { transform: `translate(${inside},${y})` });
      set(stalk, { x1: x - inside, x2: x - inside, y2: outward(setup, place) * -34 });
    },
  };
}
