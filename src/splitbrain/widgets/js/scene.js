// The diagram: links, nodes, clients' answers and messages, from a snapshot and a virtual time.

import { set, svg, write } from "./dom.js";
import { dots, rowsAt } from "./film.js";
import { createLink } from "./links.js";
import { createAnswer, createNode } from "./nodes.js";

const LABELS = 4; // with more messages than this in the air their texts would cover each other
const SHAPES = /** @type {Record<string, string>} */ ({
  request: "M-6,0 A6,6 0 1 1 6,0 A6,6 0 1 1 -6,0 Z",
  send: "M0,-7 L7,0 L0,7 L-7,0 Z",
  lost: "M-6,-6 L6,6 M-6,6 L6,-6",
});

/**
 * @param {any} setup
 * @param {any} snapshot the first one: names and places do not change afterwards
 * @param {(wish: object) => void} wish
 */
export function createScene(setup, snapshot, wish) {
  const links = snapshot.links.map((/** @type {any} */ l) => createLink(l, setup, wish));
  const nodes = snapshot.nodes.map((/** @type {any} */ n) => createNode(n, setup, wish));
  const answers = snapshot.nodes.map((/** @type {any} */ n) => createAnswer(n));
  const air = svg("g", { class: "sb-air", "aria-hidden": "true" });
  const layer = (/** @type {any[]} */ parts) => svg("g", {}, ...parts.map((p) => p.element));
  const element = svg("svg", {
    class: "sb-scene", "data-crowded": snapshot.nodes.length > 8, viewBox: `0 0 ${setup.width} ${setup.height}`, role: "group",
    "aria-label": "The cluster: links, then nodes. Press Enter or Space on one to break or mend it.",
  }, layer(links), layer(nodes), layer(answers), air);
  return {
    element,
    /** All but messages and values: what is so from now on. */
    update(/** @type {any} */ next) {
      for (const [i, link] of next.links.entries()) links[i].update(link);
      for (const [i, node] of next.nodes.entries()) nodes[i].update(node);
    },
    /** Messages, values and answers as they were at a time; `previous` is null once that time is now. */
    draw(/** @type {any} */ next, /** @type {any} */ previous, /** @type {number} */ ms) {
      next.nodes.forEach((/** @type {any} */ n, /** @type {number} */ i) => {
        const rows = previous && rowsAt(next, previous, n.name, ms);
        nodes[i].hold(rows || n.rows, n.more);
        answers[i].update((previous ? previous.nodes[i] : n).answer);
      });
      drawMessages(air, dots(next, ms));
    },
  };
}

/**
 * @param {Element} air
 * @param {import("./film.js").Dot[]} seen
 */
function drawMessages(air, seen) {
  const old = new Map([...air.children].map((c) => [c.getAttribute("data-message"), c]));
  for (const dot of seen) {
    const element = old.get(dot.key) || air.appendChild(createMessage(dot));
    old.delete(dot.key);
    set(element, { transform: `translate(${dot.x.toFixed(1)},${dot.y.toFixed(1)})`, "data-lost": dot.lost });
    set(/** @type {Element} */ (element.firstElementChild), { d: SHAPES[dot.lost ? "lost" : dot.kind] || SHAPES.request });
    label(/** @type {Element} */ (element.lastElementChild), dot, seen.length <= LABELS);
  }
  for (const element of old.values()) element.remove();
}

/** @param {import("./film.js").Dot} dot */
function createMessage(dot) {
  return svg("g", { class: "sb-message", "data-message": dot.key, "data-kind": dot.kind },
    svg("path"), svg("text"));
}

/**
 * @param {Element} text
 * @param {import("./film.js").Dot} dot its text stands on the side where no node is
 * @param {boolean} shown
 */
function label(text, dot, shown) {
  set(text, { x: dot.side * 12, y: dot.lost ? -9 : 4, "text-anchor": dot.side > 0 ? "start" : "end", display: shown ? null : "none" });
  write(text, dot.lost ? `${dot.text} is lost` : dot.text);
}
