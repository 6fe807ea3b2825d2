// A link: one line; cut, a dashed one with a cross; cut one way, two lanes with arrowheads, one of them crossed.

import { pressable, set, svg, write } from "./dom.js";
import { between } from "./geometry.js";

const APART = 6; // half the distance of the two lanes
const CROSS = "M-5,-5 L5,5 M-5,5 L5,-5";
const HEAD = "M0,0 L-11,-5 L-11,5 Z";

/**
 * @param {import("./types.js").Link} link
 * @param {import("./types.js").Setup} setup
 * @param {() => void} press
 */
export function createLink({ a, b }, setup, press) {
  const title = svg("title");
  const lines = ["sb-hit", "sb-ring", "sb-wire"].map((name) => svg("line", { class: name }));
  const lanes = svg("g", { class: "sb-lanes" }, lane("sb-there"), lane("sb-back"));
  const word = svg("text", { class: "sb-word" });
  const takes = svg("text", { class: "sb-takes" });
  const mark = svg("g", { class: "sb-mark" }, svg("circle", { r: 11 }), svg("path", { d: CROSS }), word);
  const group = svg("g", { class: "sb-link", "data-link": `${a} ${b}` }, title, ...lines, lanes, takes, mark);
  pressable(group, press);
  return {
    element: group,
    /** @param {import("./types.js").Link} next @param {boolean} told whether its latency is told */
    update(next, told) {
      set(group, { "data-cut": next.cut, "aria-label": `${next.label}: press Enter to ${next.cut === "none" ? "cut" : "heal"} it` });
      set(group, { "data-takes": told ? "" : null });
      write(title, next.label);
      write(word, next.word);
      write(takes, next.latency);
    },
    /** @param {Map<string, [number, number]>} places */
    place(places) {
      const [from, to] = [/** @type {[number, number]} */ (places.get(a)), /** @type {[number, number]} */ (places.get(b))];
      const [[x1, y1], [x2, y2]] = between(setup, from, to);
      for (const line of lines) set(line, { x1, y1, x2, y2 });
      const length = Math.hypot(x2 - x1, y2 - y1);
      const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
      set(lanes, { transform: `translate(${x1},${y1}) rotate(${angle})` });
      for (const one of lanes.children) stretch(one, length, angle);
      set(mark, { transform: `translate(${(x1 + x2) / 2},${(y1 + y2) / 2})` });
      besides(word, x2 - x1, y2 - y1, x1 + x2 > setup.width, 18);
      besides(takes, x2 - x1, y2 - y1, x1 + x2 > setup.width, 9);
      set(takes, { transform: `translate(${(x1 + x2) / 2},${(y1 + y2) / 2})` });
    },
  };
}

/**
 * Put a word clear of a line of this direction, beside the line's middle.
 * @param {Element} word
 * @param {number} dx
 * @param {number} dy
 * @param {boolean} left on the line's left, or else on its right
 * @param {number} away
 */
function besides(word, dx, dy, left, away) {
  const length = Math.hypot(dx, dy) || 1;
  if (Math.abs(dy) < length / 4) return set(word, { x: 0, y: -away, "text-anchor": "middle" });
  const side = (left ? -away : away) / length;
  return set(word, { x: Math.abs(dy) * side, y: 4 - Math.sign(dy) * dx * side, "text-anchor": left ? "end" : "start" });
}

/** One direction, along the x axis: there at the right of the way, back at the right of its own. @param {string} name */
function lane(name) {
  return svg("g", { class: name, transform: `translate(0,${name === "sb-there" ? APART : -APART})` },
    svg("line", { y1: 0, y2: 0 }), svg("path", { class: "sb-tip", d: HEAD }), svg("path", { class: "sb-stop", d: CROSS }));
}

/**
 * @param {Element} one a lane
 * @param {number} length
 * @param {number} angle of the link: the cross stands upright
 */
function stretch(one, length, angle) {
  const there = one.classList.contains("sb-there");
  const [line, tip, stop] = one.children;
  set(line, { x1: there ? 0 : length, x2: there ? length : 0 });
  set(tip, { transform: `translate(${there ? length : 0},0)${there ? "" : " rotate(180)"}` });
  set(stop, { transform: `translate(${length / 2},0) rotate(${-angle})` });
}
