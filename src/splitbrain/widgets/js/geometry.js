// Where lines begin and end, and the outline of a group. Units are those of the scene's view box, y downwards.

/** @typedef {[number, number]} Point */
/** @typedef {{width: number, height: number, card_width: number, card_height: number}} Sizes */

const STALK = 34; // from a card's edge to the middle of its client's answer
const AROUND = 13; // a region's edge lies so far outside of its cards

/**
 * The point on a card's edge towards another card.
 * @param {Sizes} setup
 * @param {Point} from
 * @param {Point} to
 * @returns {Point}
 */
function edge(setup, [x, y], [otherX, otherY]) {
  const [dx, dy] = [otherX - x, otherY - y];
  const reach = Math.min(dx ? setup.card_width / 2 / Math.abs(dx) : 1, dy ? setup.card_height / 2 / Math.abs(dy) : 1, 0.5);
  return [x + dx * reach, y + dy * reach];
}

/**
 * The piece of the line from a to b that no card covers.
 * @param {Sizes} setup
 * @param {Point} a
 * @param {Point} b
 * @returns {[Point, Point]}
 */
export function between(setup, a, b) {
  return [edge(setup, a, b), edge(setup, b, a)];
}

/**
 * -1 if the client of a node stands above it, 1 if below.
 * @param {Sizes} setup
 * @param {Point} place
 */
export function outward(setup, [, y]) {
  return y < setup.height / 2 - 1 ? -1 : 1;
}

/**
 * Where the client of a node stands.
 * @param {Sizes} setup
 * @param {Point} place
 * @returns {Point}
 */
export function clientPlace(setup, [x, y]) {
  return [x, y + outward(setup, [x, y]) * (setup.card_height / 2 + STALK)];
}

/**
 * The short way of a message from the client of a node to that node.
 * @param {Sizes} setup
 * @param {Point} place
 * @returns {[Point, Point]}
 */
export function call(setup, place) {
  const out = outward(setup, place);
  const [x, y] = clientPlace(setup, place);
  return [[x, y - out * 11], [x, place[1] + (out * setup.card_height) / 2]];
}

/**
 * The outline around cards at these places: a convex hull (Andrew's monotone chain, 1979).
 * @param {Sizes} setup
 * @param {Point[]} places
 */
export function region(setup, places) {
  const [w, h] = [setup.card_width / 2 + AROUND, setup.card_height / 2 + AROUND];
  const corners = places.flatMap(([x, y]) => /** @type {Point[]} */ ([[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]]));
  corners.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const outline = [...half(corners), ...half(corners.reverse())];
  return `M${outline.map((point) => point.map((n) => n.toFixed(1)).join(",")).join(" L")} Z`;
}

/** @param {Point[]} points */
function half(points) {
  /** @type {Point[]} */
  const chain = [];
  for (const p of points) {
    while (chain.length > 1 && turns(chain[chain.length - 2], chain[chain.length - 1], p) <= 0) chain.pop();
    chain.push(p);
  }
  return chain.slice(0, -1);
}

/**
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 */
function turns(a, b, c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
