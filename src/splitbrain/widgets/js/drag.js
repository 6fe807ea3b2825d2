// A node is dragged away from the others to part it from them, and back to theirs to be with them; a click chooses it.

/** @typedef {[number, number]} Point */

const CLICK = 6; // units of the view box: less is a click
const NEAR = 180; // as near to another node as this, it is with that one
const AWAY = 60; // further from home than this, a node leaves its group

/**
 * @param {Element} element the node's
 * @param {SVGElement} scene
 * @param {string} name
 * @param {{places: {now: Map<string, Point>, home: () => void}, groups: () => string[][], arrange: () => void,
 *          act: {press: (what: object, event?: Event) => void, part: (sides: string[][]) => void}}} context
 */
export function draggable(element, scene, name, { places, groups, arrange, act }) {
  let from = /** @type {{pointer: Point, home: Point, moved: boolean} | null} */ (null);
  const at = (/** @type {Event} */ event) => inScene(/** @type {SVGSVGElement} */ (scene), /** @type {PointerEvent} */ (event));
  element.addEventListener("pointerdown", (event) => {
    const { button, pointerId } = /** @type {PointerEvent} */ (event);
    if (button !== 0) return;
    from = { pointer: at(event), home: /** @type {Point} */ (places.now.get(name)), moved: false };
    element.setPointerCapture(pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = at(event);
    const [dx, dy] = [x - from.pointer[0], y - from.pointer[1]];
    if (!from.moved && Math.hypot(dx, dy) < CLICK) return;
    from.moved = true;
    places.now.set(name, [from.home[0] + dx, from.home[1] + dy]);
    arrange();
  });
  const drop = (/** @type {Event} */ event) => {
    const begun = from;
    from = null;
    if (!begun) return;
    if (!begun.moved) return act.press({ kind: "node", name }, event);
    const place = /** @type {Point} */ (places.now.get(name));
    const sides = event.type === "pointerup" ? parted(name, place, begun.home, groups(), places.now) : null;
    places.home();
    if (sides) act.part(sides);
  };
  element.addEventListener("pointerup", drop);
  element.addEventListener("pointercancel", drop);
  element.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey, repeat } = /** @type {KeyboardEvent} */ (event);
    if ((key !== " " && (key !== "Enter" || shiftKey)) || ctrlKey || metaKey || altKey) return;
    event.preventDefault();
    if (!repeat) act.press({ kind: "node", name }, event);
  });
}

/**
 * @param {SVGSVGElement} scene
 * @param {PointerEvent} event
 * @returns {Point}
 */
function inScene(scene, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(scene.getScreenCTM()?.inverse());
  return [point.x, point.y];
}

/**
 * The sides that a drop asks for; null for none. The node joins the side of the one that it was dropped next to, or,
 * away from its own, stands alone.
 * @param {string} name
 * @param {Point} place
 * @param {Point} home
 * @param {string[][]} groups
 * @param {Map<string, Point>} places
 * @returns {string[][] | null}
 */
export function parted(name, place, home, groups, places) {
  const distance = (/** @type {Point} */ [x, y]) => Math.hypot(place[0] - x, place[1] - y);
  const others = [...places].filter(([n]) => n !== name).sort(([, a], [, b]) => distance(a) - distance(b));
  if (!others.length || distance(home) < AWAY) return null;
  const before = groups.length ? groups : [[...places.keys()]];
  const mine = before.find((g) => g.includes(name)) || [];
  const near = distance(others[0][1]) < NEAR;
  const next = (near && before.find((g) => g.includes(others[0][0]))) || mine;
  if (next === mine && mine.length === 1) return null;
  const without = before.map((g) => g.filter((n) => n !== name).concat(g === next && next !== mine ? [name] : []));
  return [...without, next === mine ? [name] : []].filter((g) => g.length);
}
