// Messages on their way: a shape for each kind, on a lane of its own; in the present each can be chosen.

import { pressable, set, svg, write } from "./dom.js";
import { between, call } from "./geometry.js";

/** @typedef {[number, number]} Point */
/** @typedef {import("./types.js").Dot} Dot */

const LABELS = 4; // with more messages than this in the air their texts would cover each other
const LANE = 7; // how far right of the line a message travels, so that two directions do not meet
const SHAPES = /** @type {Record<string, string>} */ ({
  request: "M-6,0 A6,6 0 1 1 6,0 A6,6 0 1 1 -6,0 Z",
  send: "M0,-7 L7,0 L0,7 L-7,0 Z",
  lost: "M-7,0 A7,7 0 1 1 7,0 A7,7 0 1 1 -7,0 Z M-3.2,-3.2 L3.2,3.2 M-3.2,3.2 L3.2,-3.2", // not the cross of a link
});

/**
 * @param {import("./types.js").Setup} setup
 * @param {(id: number, event: Event) => void} press
 */
export function createMessages(setup, press) {
  const element = svg("g", { class: "sb-air" });
  let marked = -1;
  return {
    element,
    /**
     * @param {Dot[]} dots
     * @param {Map<string, Point>} places
     * @param {Map<string, string>} homes of clients
     */
    draw(dots, places, homes) {
      const old = new Map([...element.children].map((c) => [c.getAttribute("data-message"), c]));
      for (const dot of dots) {
        const line = way(setup, dot, places, homes);
        if (!line) continue;
        const drawn = old.get(dot.key) || element.appendChild(createMessage(dot, press));
        old.delete(dot.key);
        place(drawn, dot, line, dots.length <= LABELS || dot.id === marked);
        set(drawn, { "data-marked": dot.id === marked ? "" : null });
      }
      for (const gone of old.values()) gone.remove();
    },
    /** @param {number} id of the message that is pointed at, here or in the space-time diagram; -1: none */
    mark(id) {
      marked = id;
      for (const child of element.children) set(child, { "data-marked": child.getAttribute("data-flight") === `${id}` ? "" : null });
    },
  };
}

/**
 * The line on which a message travels; null for one that has none here.
 * @param {import("./types.js").Setup} setup
 * @param {Dot} dot
 * @param {Map<string, Point>} places
 * @param {Map<string, string>} homes
 * @returns {[Point, Point] | null}
 */
function way(setup, { source, target }, places, homes) {
  const [from, to] = [places.get(source), places.get(target)];
  if (from && to) return source === target ? null : between(setup, from, to);
  if (to && homes.get(source) === target) return call(setup, to);
  if (!from || homes.get(target) !== source) return null;
  const [outside, inside] = call(setup, from);
  return [inside, outside];
}

/**
 * @param {Dot} dot
 * @param {(id: number, event: Event) => void} press
 */
function createMessage(dot, press) {
  const element = svg("g", { class: "sb-message", "data-message": dot.key, "data-flight": dot.id, "data-kind": dot.kind },
    svg("circle", { class: "sb-hit", r: 13 }), svg("circle", { class: "sb-ring", r: 12 }), svg("path"), svg("text"));
  pressable(element, (event) => press(dot.id, event));
  return element;
}

/**
 * @param {Element} element
 * @param {Dot} dot
 * @param {[Point, Point]} line
 * @param {boolean} labelled
 */
function place(element, dot, [[x1, y1], [x2, y2]], labelled) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const x = x1 + (x2 - x1) * dot.share - ((y2 - y1) / length) * LANE;
  const y = y1 + (y2 - y1) * dot.share + ((x2 - x1) / length) * LANE;
  const side = Math.abs(x2 - x1) < 30 || x2 > x1 === dot.share < 0.5 ? 1 : -1;
  const [, , shape, text] = element.children;
  set(element, {
    transform: `translate(${x.toFixed(1)},${y.toFixed(1)})`, "data-lost": dot.lost, tabindex: dot.live ? "0" : "-1",
    "aria-label": `message ${dot.text} from ${dot.source} to ${dot.target}, ${dot.lost ? "lost" : "on its way"}`,
    "data-live": dot.live,
  });
  set(shape, { d: SHAPES[dot.lost ? "lost" : dot.kind] || SHAPES.request });
  set(text, { x: side * 12, y: dot.lost ? -9 : 4, "text-anchor": side > 0 ? "start" : "end", display: labelled ? null : "none" });
  write(text, dot.lost ? `${dot.text} is lost` : dot.text);
}
