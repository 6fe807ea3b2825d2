// The space-time diagram: a line a process, time to the right, an arrow a message (Lamport 1978). Of the whole run only
// the window around the moment that is looked at is drawn, from the reel, so its length does not matter.

import { set, svg, write } from "./dom.js";
import { arrow, operation, shade, sign, tick } from "./signs.js";

/** @typedef {import("./reel.js").Reel} Reel */

const [LEFT, RIGHT, TOP, LINE, CLIENT] = [64, 22, 24, 26, 22]; // pixels
const PAD = 16; // pixels before the first event
const EDGE = 0.15; // nearer than this share of the width to an edge, the window moves on

/**
 * @param {import("./types.js").Setup} setup
 * @param {Reel} reel
 * @param {{goTo: (position: number) => void, point: (id: number) => void}} act
 */
export function createSpaceTime(setup, reel, act) {
  const layers = ["rows", "shades", "asked", "flights", "signs", "ticks"].map((name) => svg("g", { class: `sb-st-${name}` }));
  const head = svg("line", { class: "sb-playhead", y1: 4 });
  const window = svg("svg", { class: "sb-st-window", x: LEFT, y: 0 }, ...layers.slice(1), head);
  const element = svg("svg", { class: "sb-spacetime", role: "img", "aria-label": "Space-time diagram" }, layers[0], window);
  const scroller = { left: 0, width: 900, marked: -1 };
  const draw = (/** @type {number} */ position, /** @type {Set<string>} */ witness) => {
    const rows = rowsOf(setup, reel);
    const room = scroller.width - LEFT - RIGHT;
    scroller.left = scrolled(scroller.left, reel.offset(position), reel.offset(reel.until), room);
    const height = TOP + [...rows.values()].reduce((sum, r) => Math.max(sum, r.y), 0) + LINE - TOP;
    set(element, { viewBox: `0 0 ${scroller.width} ${height}`, height });
    set(window, { width: room + RIGHT, height });
    const frame = { reel, rows, left: scroller.left - PAD, right: room, height, witness, marked: scroller.marked,
      from: reel.under(scroller.left), to: reel.under(scroller.left + room + RIGHT), until: position };
    for (const [i, parts] of [lines(frame), shades(frame), operations(frame), arrows(frame), signs(frame), ticks(frame)].entries()) {
      layers[i].replaceChildren(...parts);
    }
    const x = reel.offset(position) - frame.left;
    set(head, { x1: x, x2: x, y2: height });
  };
  listen(element, scroller, reel, act);
  return {
    element, draw,
    /** @param {number} id of a message that is pointed at */
    mark(id) {
      scroller.marked = id;
      for (const one of layers[3].children) set(one, { "data-marked": one.getAttribute("data-flight") === `${id}` ? "" : null });
    },
    /** @param {number} width in pixels */
    resize(width) {
      scroller.width = Math.max(width, 320);
    },
  };
}

/**
 * @param {Element} element
 * @param {{left: number}} scroller
 * @param {Reel} reel
 * @param {{goTo: (position: number) => void, point: (id: number) => void}} act
 */
function listen(element, scroller, reel, act) {
  element.addEventListener("pointerover", ({ target }) => {
    act.point(Number(/** @type {Element} */ (target).closest("[data-flight]")?.getAttribute("data-flight") ?? -1));
  });
  element.addEventListener("pointerleave", () => act.point(-1));
  element.addEventListener("click", (event) => {
    const { left } = element.getBoundingClientRect();
    const x = /** @type {MouseEvent} */ (event).clientX - left;
    if (x > LEFT - 8) act.goTo(Math.min(reel.under(Math.max(x - LEFT - PAD, 0) + scroller.left + 2), reel.until));
  });
}

/**
 * Where the window begins: it stays while the moment is well inside.
 * @param {number} left
 * @param {number} x
 * @param {number} end
 * @param {number} room
 */
function scrolled(left, x, end, room) {
  if (end <= room) return 0;
  const edge = room * EDGE;
  const kept = x < left + edge ? x - edge : x > left + room - edge ? x - room + edge : left;
  return Math.min(Math.max(kept, 0), Math.max(end - room, 0));
}

/**
 * The height of each process's line: a client stands above the node that it asks.
 * @param {import("./types.js").Setup} setup
 * @param {Reel} reel
 * @returns {Map<string, {y: number, client: boolean}>}
 */
function rowsOf(setup, reel) {
  const rows = new Map();
  let y = TOP - 4;
  for (const name of setup.names) {
    for (const [client, home] of reel.homes) {
      if (home !== name) continue;
      y += CLIENT;
      rows.set(client, { y, client: true });
    }
    y += LINE;
    rows.set(name, { y, client: false });
  }
  return rows;
}

/** @typedef {{reel: Reel, rows: Map<string, {y: number, client: boolean}>, left: number, right: number, height: number,
 *   witness: Set<string>, marked: number, from: number, to: number, until: number}} Frame */

/** @param {Frame} frame @param {number} position */
const across = ({ reel, left, right }, position) => Math.min(Math.max(reel.offset(position) - left, -99), right + 99);

/** @param {Frame} frame */
function lines(frame) {
  return [...frame.rows].flatMap(([name, { y, client }]) => {
    const text = svg("text", { class: client ? "sb-st-client" : "sb-st-name", x: LEFT - 10, y: y + 4 });
    write(text, name);
    return [svg("line", { class: client ? "sb-st-line sb-st-aside" : "sb-st-line", x1: LEFT, x2: LEFT + frame.right, y1: y, y2: y }), text];
  });
}

/** @param {Frame} frame */
function shades(frame) {
  const { reel, rows, from, to } = frame;
  return [...reel.shades.values()].filter((s) => s.begin <= to && (s.end === null || s.end >= from)).flatMap((s) => {
    const [x1, x2] = [across(frame, s.begin), across(frame, s.end ?? reel.until)];
    const heights = s.nodes.map((name) => rows.get(name)?.y ?? TOP);
    return shade(s, x1, x2, s.nodes.length > 1 ? [Math.min(...heights) - 12, Math.max(...heights) + 11] : [heights[0] - 10, heights[0] + 10]);
  });
}

/** @param {Frame} frame */
function arrows(frame) {
  const { reel, rows, from, to } = frame;
  return reel.between(from, to).flatMap((f) => {
    const [source, target] = [rows.get(f.source), rows.get(f.target)];
    if (!source || !target || (f.end !== null && f.end < from)) return [];
    const end = f.end ?? reel.until;
    return [arrow(f, reel.offset(f.begin) - frame.left, source.y, reel.offset(end) - frame.left, target.y, f.id === frame.marked)];
  });
}

/** @param {Frame} frame */
function operations(frame) {
  const { reel, rows, from, to, witness } = frame;
  const next = /** @type {Map<string, number>} */ (new Map()); // where the following operation of a client begins
  return [...reel.asked.values()].filter((o) => o.begin <= to && (o.end === null || o.end >= from)).reverse().flatMap((o) => {
    const row = rows.get(o.client);
    const [x1, x2] = [across(frame, o.begin), across(frame, o.end ?? reel.until)];
    const free = next.get(o.client) ?? frame.right + RIGHT;
    next.set(o.client, x1);
    return row ? [operation(o, [x1, x2, free], row.y, witness.has(o.id))] : [];
  });
}

/** @param {Frame} frame */
function signs(frame) {
  const { reel, rows, from, to, left } = frame;
  return reel.marksBetween(from, to).flatMap((m) => {
    const row = rows.get(m.place);
    return row ? sign(m, reel.offset(m.position) - left, row.y) : [];
  });
}

/** The times along the top, where there is room for them. @param {Frame} frame */
function ticks({ reel, from, to, left, right }) {
  const found = [];
  let free = 0;
  for (let position = Math.max(from, reel.first + 1); position <= to; position++) {
    const x = reel.offset(position) - left;
    if (x < free || x > right - 14) continue;
    found.push(...tick(x, reel.timeAt(position)));
    free = x + 70;
  }
  return found;
}
