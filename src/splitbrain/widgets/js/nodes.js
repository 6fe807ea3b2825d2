// A node: a card with its name, role, state and what its database holds; beside it, its client's last answer.

import { pressable, set, svg, write } from "./dom.js";

const SIGNS = /** @type {Record<string, string>} */ ({ up: "●", crashed: "✕", paused: "❚❚" });
const ROW = 17;

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
 * @param {any} node
 * @param {any} setup
 * @param {(wish: object) => void} wish
 */
export function createNode(node, setup, wish) {
  const [w, h] = [setup.card_width, setup.card_height];
  const [left, top] = [-w / 2 + 11, -h / 2];
  const title = svg("title");
  const paths = [svg("path", { class: "sb-ring" }), svg("path", { class: "sb-card" })];
  const name = svg("text", { class: "sb-name", x: left, y: top + 21 });
  const state = svg("text", { class: "sb-state", x: w / 2 - 11, y: top + 20.5 });
  const sign = svg("tspan", { class: "sb-sign" });
  const stateWord = svg("tspan", { dx: 4 });
  state.append(sign, stateWord);
  const role = svg("text", { class: "sb-role", x: left, y: top + 36 });
  const table = svg("g", { class: "sb-rows" });
  const rule = svg("line", { class: "sb-rule", x1: -w / 2, x2: w / 2 });
  const group = svg("g", { class: "sb-node", "data-node": node.name, transform: `translate(${node.x},${node.y})` },
    title, ...paths, rule, name, state, role, table);
  let now = node;
  pressable(group, () => wish({ action: now.action, nodes: [node.name] }));
  return {
    element: group,
    update(/** @type {any} */ next) {
      now = next;
      set(group, { "data-state": next.state, "aria-label": next.label });
      for (const path of paths) set(path, { d: outline(next.state, w, h) });
      const line = top + (next.role ? 42 : 29);
      set(rule, { y1: line, y2: line });
      write(title, next.code);
      write(name, next.name);
      write(sign, SIGNS[next.state]);
      write(stateWord, next.state);
      write(role, next.role);
    },
    hold(/** @type {any[]} */ rows, /** @type {number} */ more) {
      const line = top + (now.role ? 42 : 29);
      drawRows(table, rows, more, { left, right: w / 2 - 11, y: line + 17 }, now.state);
    },
  };
}

/**
 * @param {Element} table
 * @param {any[]} rows
 * @param {number} more
 * @param {{left: number, right: number, y: number}} place
 * @param {string} state
 */
function drawRows(table, rows, more, { left, right, y }, state) {
  const drawn = rows.map(([key, value, differs], i) =>
    svg("g", { class: differs ? "sb-row sb-differs" : "sb-row", transform: `translate(0,${y + i * ROW})` },
      svg("text", { x: left }, key),
      svg("text", { x: right, "text-anchor": "end" }, differs ? `≠ ${value}` : value)));
  const nothing = state === "crashed" ? "data on disk" : "empty";
  if (!rows.length) drawn.push(svg("text", { class: "sb-empty", x: left, y }, nothing));
  if (more) drawn.push(svg("text", { class: "sb-empty", x: left, y: y + rows.length * ROW - 3 }, `and ${more} more`));
  const same = table.childElementCount === drawn.length && drawn.every((d, i) => d.isEqualNode(table.children[i]));
  if (!same) table.replaceChildren(...drawn);
}

/**
 * The client at a node: what it asked last, and what it was told.
 * @param {any} node
 */
export function createAnswer(node) {
  const text = svg("text", { y: 4 });
  const box = svg("rect", { y: -11, height: 22, rx: 11 });
  const stalk = svg("line", { x1: 0, y1: 0, x2: 0, y2: node.client_y < node.y ? 34 : -34 });
  const group = svg("g", { class: "sb-answer", "data-client": node.name,
    transform: `translate(${node.client_x},${node.client_y})` }, stalk, box, text);
  return {
    element: group,
    update(/** @type {any} */ answer) {
      set(group, { "data-status": answer ? answer.status : "none" });
      const said = answer ? `${answer.client}: ${answer.text}` : "";
      write(text, said);
      const width = said.length * 6.9 + 22;
      set(box, { x: -width / 2, width });
    },
  };
}
