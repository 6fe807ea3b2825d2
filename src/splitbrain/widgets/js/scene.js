// The diagram: regions, links, nodes, clients' answers and messages. It draws a look, and tells what was pressed.

import { set, svg } from "./dom.js";
import { draggable } from "./drag.js";
import { mayMove } from "./film.js";
import { region } from "./geometry.js";
import { createLink } from "./links.js";
import { createMessages } from "./messages.js";
import { createAnswer, createNode } from "./nodes.js";

/** @typedef {[number, number]} Point */
/** @typedef {import("./types.js").Look} Look */

const GLIDE = 350; // ms in which nodes go to where they belong after a partition

/**
 * @param {import("./types.js").Setup} setup
 * @param {import("./types.js").Snapshot} snapshot for the names of the links
 * @param {{press: (what: object, event?: Event) => void, part: (sides: string[][]) => void}} act
 */
export function createScene(setup, snapshot, act) {
  const links = snapshot.links.map((l) => createLink(l, setup, () => act.press({ kind: "link", a: l.a, b: l.b })));
  const nodes = setup.names.map((name) => createNode(name, setup));
  const answers = setup.names.map((name) => createAnswer(name, setup));
  const messages = createMessages(setup, (id, event) => act.press({ kind: "message", id }, event));
  const regions = svg("g", { class: "sb-regions", "aria-hidden": "true" });
  const layer = (/** @type {{element: Element}[]} */ parts) => svg("g", {}, ...parts.map((p) => p.element));
  const element = svg("svg", {
    class: "sb-scene", "data-crowded": setup.names.length > 8, viewBox: `0 0 ${setup.width} ${setup.height}`, role: "group",
    "aria-label": "The cluster: links, then nodes, then messages on their way",
  }, regions, layer(links), layer(nodes), layer(answers), messages.element);
  const places = createPlaces(() => arrange());
  let look = /** @type {Look | null} */ (null);
  let homes = /** @type {Map<string, string>} */ (new Map());
  const arrange = () => {
    for (const link of links) link.place(places.now);
    for (const [i, name] of setup.names.entries()) {
      const place = /** @type {Point} */ (places.now.get(name));
      nodes[i].place(place);
      answers[i].place(place);
    }
    if (look) drawRegions(regions, setup, look.groups, places.now);
    if (look) messages.draw(look.dots, places.now, homes);
  };
  for (const [i, name] of setup.names.entries()) {
    draggable(nodes[i].element, element, name, { places, act, groups: () => look?.groups || [], arrange });
  }
  return {
    element,
    mark: messages.mark,
    /**
     * @param {Look} next
     * @param {Map<string, string>} clients and their homes
     * @param {Set<string>} selected names of nodes
     */
    draw(next, clients, selected) {
      [look, homes] = [next, clients];
      set(element, { "data-live": next.live });
      const usual = next.links.length > 3 ? next.links[0].latency : "";
      for (const [i, link] of next.links.entries()) links[i].update(link, link.latency !== usual);
      for (const [i, card] of next.nodes.entries()) {
        nodes[i].update(card, selected.has(card.name));
        answers[i].update(card.answer);
      }
      places.go(new Map(next.nodes.map((card) => [card.name, [card.x, card.y]])));
    },
  };
}

/**
 * Where the nodes stand; they glide to where they belong.
 * @param {() => void} arrange draws what has moved
 */
function createPlaces(arrange) {
  let goal = /** @type {Map<string, Point>} */ (new Map());
  let handle = 0;
  const places = {
    now: /** @type {Map<string, Point>} */ (new Map()),
    /** @param {Map<string, Point>} wanted @param {boolean} [again] even if they are where they belong already */
    go(wanted, again = false) {
      const moved = [...wanted].some(([name, [x, y]]) => goal.get(name)?.[0] !== x || goal.get(name)?.[1] !== y);
      const first = !goal.size;
      goal = wanted;
      if (!moved && !again) return handle || arrange();
      cancelAnimationFrame(handle);
      handle = 0;
      if (!first && mayMove()) return glide(new Map(places.now));
      places.now = new Map(wanted);
      return arrange();
    },
    home: () => places.go(goal, true),
  };
  /** @param {Map<string, Point>} from */
  const glide = (from) => {
    const begun = performance.now();
    const tick = (/** @type {number} */ now) => {
      const share = Math.min(Math.max((now - begun) / GLIDE, 0), 1);
      const eased = share * share * (3 - 2 * share);
      for (const [name, [x, y]] of goal) {
        const [x0, y0] = from.get(name) || [x, y];
        places.now.set(name, [x0 + (x - x0) * eased, y0 + (y - y0) * eased]);
      }
      handle = share < 1 ? requestAnimationFrame(tick) : 0;
      arrange();
    };
    handle = requestAnimationFrame(tick);
  };
  return places;
}

/**
 * @param {Element} regions
 * @param {import("./types.js").Setup} setup
 * @param {string[][]} groups
 * @param {Map<string, Point>} places
 */
function drawRegions(regions, setup, groups, places) {
  while (regions.childElementCount > groups.length) regions.lastElementChild?.remove();
  for (const [i, names] of groups.entries()) {
    const path = regions.children[i] || regions.appendChild(svg("path"));
    const corners = names.map((name) => /** @type {Point} */ (places.get(name)));
    set(path, { class: `sb-region sb-region-${i % 4}`, d: region(setup, corners), "data-region": names.join(" ") });
  }
}
