// A link: one line; cut, a dashed one with a cross; cut one way, two lanes with arrowheads, one of them crossed.

import { pressable, set, svg, write } from "./dom.js";

const APART = 6; // half the distance of the two lanes
const CROSS = "M-5,-5 L5,5 M-5,5 L5,-5";
const HEAD = "M0,0 L-11,-5 L-11,5 Z";

/**
 * @param {any} link
 * @param {any} setup
 * @param {(wish: object) => void} wish
 */
export function createLink(link, setup, wish) {
  const { x1, y1, x2, y2, a, b } = link;
  const ends = { x1, y1, x2, y2 };
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  const length = Math.hypot(x2 - x1, y2 - y1);
  const title = svg("title");
  const [aside, anchor] = besides(x2 - x1, y2 - y1, x1 + x2 > setup.width);
  const word = svg("text", { class: "sb-word", ...aside, "text-anchor": anchor });
  const group = svg("g", { class: "sb-link", "data-link": `${a} ${b}` },
    title,
    svg("line", { class: "sb-hit", ...ends }),
    svg("line", { class: "sb-ring", ...ends }),
    svg("line", { class: "sb-wire", ...ends }),
    svg("g", { class: "sb-lanes", transform: `translate(${x1},${y1}) rotate(${angle})` },
      lane(length, angle, "sb-there"), lane(length, angle, "sb-back")),
    svg("g", { class: "sb-mark", transform: `translate(${(x1 + x2) / 2},${(y1 + y2) / 2})` },
      svg("circle", { r: 11 }), svg("path", { d: CROSS }), word));
  let now = link;
  pressable(group, () => wish({ action: now.action, nodes: [a, b] }));
  return {
    element: group,
    update(/** @type {any} */ next) {
      now = next;
      set(group, { "data-cut": next.cut, "aria-label": next.label });
      write(title, next.code);
      write(word, next.word);
    },
  };
}

/**
 * Where a word stands clear of a line of this direction, from the line's middle.
 * @param {number} dx
 * @param {number} dy
 * @param {boolean} left on the line's left, or else on its right
 * @returns {[{x: number, y: number}, string]}
 */
function besides(dx, dy, left) {
  const length = Math.hypot(dx, dy) || 1;
  if (Math.abs(dy) < length / 4) return [{ x: 0, y: -18 }, "middle"];
  const away = (left ? -18 : 18) / length;
  return [{ x: Math.abs(dy) * away, y: 4 - Math.sign(dy) * dx * away }, left ? "end" : "start"];
}

/**
 * One direction, drawn along the x axis: there at the right of the way, back at the right of its own.
 * @param {number} length
 * @param {number} angle of the link: the cross stands upright
 * @param {string} name
 */
function lane(length, angle, name) {
  const there = name === "sb-there";
  const [from, to] = there ? [0, length] : [length, 0];
  return svg("g", { class: name, transform: `translate(0,${there ? APART : -APART})` },
    svg("line", { x1: from, y1: 0, x2: to, y2: 0 }),
    svg("path", { class: "sb-tip", d: HEAD, transform: `translate(${to},0)${there ? "" : " rotate(180)"}` }),
    svg("path", { class: "sb-stop", d: CROSS, transform: `translate(${length / 2},0) rotate(${-angle})` }));
}
