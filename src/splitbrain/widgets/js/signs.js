// The signs of the space-time diagram. None speaks by its colour alone.

import { svg } from "./dom.js";

const LETTER = 6.4; // pixels, on average, of the small type

/**
 * A message: solid there, dashed back, dotted while it is under way, a cross where it is lost.
 * @param {import("./types.js").Flight} flight
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {boolean} marked
 */
export function arrow(flight, x1, y1, x2, y2, marked) {
  const back = flight.kind === "response" || flight.kind === "error";
  const [tx, ty] = flight.lost && flight.ends === flight.sent ? [x1 + 6, y1 + (y2 - y1) * 0.3] : [x2, y2];
  const angle = (Math.atan2(ty - y1, tx - x1) * 180) / Math.PI;
  const end = flight.end === null ? [] : [svg("path", {
    class: "sb-st-head", transform: `translate(${tx},${ty})${flight.lost ? "" : ` rotate(${angle})`}`,
    d: flight.lost ? "M-4,-4 L4,4 M-4,4 L4,-4" : "M0,0 L-8,-3.5 L-8,3.5 Z",
  })];
  return svg("g", {
    class: "sb-st-flight", "data-flight": flight.id, "data-back": back, "data-lost": flight.lost, "data-open": flight.end === null,
    "data-marked": marked ? "" : null,
  }, svg("title", {}, `${flight.text}, ${flight.source} to ${flight.target}${flight.lost ? ": lost" : ""}`),
  svg("line", { class: "sb-st-wide", x1, y1, x2: tx, y2: ty }), svg("line", { class: "sb-st-wire", x1, y1, x2: tx, y2: ty }), ...end);
}

/**
 * An operation: a bar on its client's line, with what was asked and told.
 * @param {import("./types.js").Asked} asked
 * @param {[number, number, number]} across where it begins and ends, and where the next one begins
 * @param {number} y
 * @param {boolean} witness
 */
export function operation(asked, [x1, x2, free], y, witness) {
  const text = `${witness ? "◆ " : ""}${asked.text} ${asked.told}`.trim();
  const width = Math.max(x2 - x1, 4);
  const inside = text.length * LETTER + 10 < width || x2 + text.length * LETTER + 8 > free;
  const fits = Math.floor((width - 10) / LETTER);
  const shown = !inside || text.length <= fits ? text : fits > 3 ? `${text.slice(0, fits - 1)}…` : "";
  return svg("g", { class: "sb-st-asked", "data-operation": asked.id, "data-status": asked.status, "data-witness": witness ? "" : null },
    svg("title", {}, `${asked.client}: ${text}`),
    svg("rect", { x: x1, y: y - 8, width, height: 16, rx: 4 }),
    svg("text", { x: inside ? x1 + 6 : x1 + width + 5, y: y + 4 }, shown));
}

/**
 * A fault while it was active.
 * @param {import("./types.js").Shade} span
 * @param {number} x1
 * @param {number} x2
 * @param {[number, number]} heights
 */
export function shade(span, x1, x2, [top, bottom]) {
  const width = Math.max(x2 - x1, 2);
  const from = Math.max(x1, 0) + 4; // readable also where it began before the window
  const text = span.text.length * LETTER < x2 - from ? [svg("text", { x: from, y: bottom - 3 }, span.text)] : [];
  return [svg("g", { class: "sb-st-shade", "data-fault": span.text }, svg("title", {}, span.text),
    svg("rect", { x: x1, y: top, width, height: bottom - top }), svg("path", { d: `M${x1},${top} V${bottom}` }), ...text)];
}

const HAPPENED = /** @type {Record<string, string>} */ ({ crash: "✕", restart: "●", pause: "❚❚", resume: "▶", note: "✎" });

/**
 * What happens at a node: a commit, a crash, a new role.
 * @param {import("./types.js").Mark} mark
 * @param {number} x
 * @param {number} y
 */
export function sign(mark, x, y) {
  if (mark.kind === "commit") {
    return [svg("rect", { class: "sb-st-commit", "data-forced": mark.more, x: x - 4, y: y - 4, width: 8, height: 8 },
      svg("title", {}, `${mark.place} commits${mark.more ? ", forced to disk" : ""}`))];
  }
  const text = mark.kind === "role" ? mark.text : HAPPENED[mark.kind];
  return [svg("text", { class: `sb-st-sign sb-st-${mark.kind}`, x: x + (mark.kind === "role" ? 6 : 0), y: y + (mark.kind === "role" ? -5 : 4.5) },
    svg("title", {}, `${mark.place}: ${mark.kind} ${mark.text}`), text)];
}

/**
 * @param {number} x
 * @param {number} ms
 */
export function tick(x, ms) {
  return [svg("line", { class: "sb-st-tick", x1: x, x2: x, y1: 15, y2: 20 }),
    svg("text", { class: "sb-st-time", x, y: 12 }, `${ms.toLocaleString("en", { maximumFractionDigits: 1 })} ms`)];
}
