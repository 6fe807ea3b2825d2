// What is shown now: the present, a past moment, or a stretch that is played; and what was chosen in it.

import { compressed, even, mayMove, play } from "./film.js";
import { past, present } from "./look.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Selected} Selected */

const SLICE = 0.4; // seconds of playing that one wish asks for
const STILL = 700; // ms between two slices where nothing may move

/**
 * @param {import("./types.js").Setup} setup
 * @param {Snapshot} first
 * @param {HTMLElement} root
 * @param {{createParts: (setup: any, snapshot: any, act: any) => any, send: (message: object) => void, dead: () => boolean}} page
 */
export function createDirector(setup, first, root, page) {
  const state = {
    snapshot: first, cursor: /** @type {number | null} */ (null), selected: /** @type {Selected | null} */ (null),
    playing: false, stop: () => {}, frame: 0, shown: false,
  };
  const wish = (/** @type {any} */ wanted) => {
    if (page.dead()) return;
    if (!["line", "run"].includes(wanted.action)) pause();
    if (state.cursor !== null && wanted.action !== "line") goTo(null);
    parts.foot.sent(state.snapshot.wishes);
    page.send({ wish: wanted });
  };
  const draw = (/** @type {import("./types.js").Look} */ look) => drawAll(parts, state, look);
  const still = () => {
    if (state.cursor === null) draw(present(state.snapshot, parts.reel));
    else draw(past(setup, state.snapshot, parts.reel, state.cursor, parts.reel.timeAt(state.cursor)));
  };
  const goTo = (/** @type {number | null} */ position) => {
    state.stop();
    if (position !== null) state.playing = false;
    state.cursor = position !== null && position >= parts.reel.until ? null : position;
    cancelAnimationFrame(state.frame);
    state.frame = requestAnimationFrame(still);
  };
  const pause = () => {
    state.playing = false;
    parts.transport.update(false);
  };
  const screen = { setup, state, wish, draw, still, pause, reel: () => parts.reel, speed: () => parts.transport.speed() };
  const act = {
    wish, goTo, redraw: still, toggle: () => (state.playing ? stopPlaying(screen) : startPlaying(screen)),
    press: (/** @type {any} */ what, /** @type {any} */ event) => press(screen, what, event, () => parts.choices.focus()),
    part: (/** @type {string[][]} */ sides) => wish(sides.length > 1
      ? { action: "partition", groups: sides.map((s) => s.join(" ")).join(" | ") } : { action: "heal" }),
    leave: () => focusChosen(root, state.selected),
    point: (/** @type {number} */ id) => point(parts, id),
  };
  const parts = page.createParts(setup, first, act);
  root.replaceChildren(...parts.children);
  root.addEventListener("pointerover", ({ target }) => pointed(parts, target));
  root.addEventListener("focusin", ({ target }) => pointed(parts, target));
  parts.transport.update(false);
  return {
    redraw: still,
    hear: (/** @type {import("./types.js").News} */ news) => parts.reel.take(news),
    show: (/** @type {Snapshot} */ snapshot, fromTheBeginning = false) => show(screen, parts, snapshot, fromTheBeginning),
    stop() {
      state.stop();
      state.playing = false;
      cancelAnimationFrame(state.frame);
      parts.release();
    },
  };
}

/**
 * @param {any} parts
 * @param {any} state
 * @param {import("./types.js").Look} look
 */
function drawAll(parts, state, look) {
  const { snapshot, selected, cursor } = state;
  const chosen = new Set(selected?.kind === "node" ? [selected.name] : selected?.kind === "nodes" ? selected.names : []);
  parts.head.draw(look, cursor !== null);
  parts.scene.draw(look, parts.reel.homes, chosen);
  parts.choices.update(selected, snapshot, cursor === null);
  parts.scrubber.update(parts.reel, look.position, look.live);
  parts.spacetime.draw(look.position, new Set(snapshot.outcome.witness.operations));
  if (cursor !== null) point(parts, parts.reel.what.get(cursor)?.flight?.id ?? -1);
}

/**
 * A new snapshot: what has happened since the last one is played, unless a past moment is looked at.
 * @param {any} screen
 * @param {any} parts
 * @param {Snapshot} snapshot
 * @param {boolean} fromTheBeginning
 */
function show(screen, parts, snapshot, fromTheBeginning) {
  const { state } = screen;
  if (state.shown && snapshot === state.snapshot && !fromTheBeginning) return undefined; // it is being shown
  const before = fromTheBeginning ? { position: parts.reel.first, time: 0, run: snapshot.run } : state.snapshot;
  const fresh = !state.shown && !fromTheBeginning;
  Object.assign(state, { snapshot, shown: true });
  for (const part of [parts.log, parts.foot, parts.outcome]) part.update(snapshot);
  if (before.run !== snapshot.run) state.cursor = null;
  if (state.cursor !== null) return screen.still();
  state.stop();
  const stretch = parts.reel.times.slice(Math.max(before.position - parts.reel.first, 0), snapshot.position - parts.reel.first);
  const end = () => {
    screen.still();
    if (state.playing) goOn(screen);
  };
  const moves = !fresh && before.run === snapshot.run && snapshot.time > before.time && stretch.length > 0;
  if (!mayMove() || !(moves || state.playing)) return state.playing && !mayMove() ? later(screen, end) : end();
  const film = state.playing ? even(before.time, snapshot.time, screen.speed()) : compressed(stretch, before.time, snapshot.time);
  state.stop = play(film, (ms) => screen.draw(moment(screen, ms, before.position, snapshot.position)), end);
  return undefined;
}

/**
 * The reel at a time, between two positions.
 * @param {any} screen
 * @param {number} ms
 * @param {number} from
 * @param {number} to
 */
function moment({ setup, state, reel }, ms, from, to) {
  const position = Math.min(Math.max(reel().positionAt(ms), from), to);
  return past(setup, state.snapshot, reel(), position, ms);
}

/**
 * @param {any} screen
 * @param {() => void} end
 */
function later({ state, still }, end) {
  still();
  const handle = setTimeout(end, STILL);
  state.stop = () => clearTimeout(handle);
}

/** Play: what has been, from the moment that is looked at; at the present, what is to come. @param {any} screen */
function startPlaying(screen) {
  const { state, reel } = screen;
  screen.pause();
  state.playing = true;
  if (state.cursor === null) return goOn(screen);
  const [from, position] = [reel().timeAt(state.cursor), state.cursor];
  const to = reel().timeAt(reel().until);
  const end = () => {
    Object.assign(state, { cursor: null });
    stopPlaying(screen);
  };
  if (!mayMove() || to <= from) return end();
  state.cursor = reel().until; // not the present, until it is reached
  state.stop = play(even(from, to, screen.speed()), (ms) => screen.draw(moment(screen, ms, position, reel().until)), end);
  screen.draw(past(screen.setup, state.snapshot, reel(), position, from));
  return undefined;
}

/** @param {any} screen */
function stopPlaying(screen) {
  screen.state.stop();
  screen.pause();
  screen.still();
}

/** The next slice of the present, or an end where nothing is under way. @param {any} screen */
function goOn(screen) {
  const { state } = screen;
  if (state.snapshot.quiet && state.asked) {
    state.asked = false;
    return stopPlaying(screen);
  }
  state.asked = true;
  return screen.wish({ action: "run", ms: Math.max(Math.round(screen.speed() * SLICE * 1000) / 1000, 0.001) });
}

/**
 * Something was pressed: a link is cut or healed, and everything can be chosen.
 * @param {any} screen
 * @param {any} what
 * @param {any} event
 * @param {() => void} focusChoices
 */
function press(screen, what, event, focusChoices) {
  const { state, wish } = screen;
  if (state.cursor !== null) return;
  const byKey = event instanceof KeyboardEvent;
  if (what.kind === "link") {
    const link = state.snapshot.links.find((/** @type {any} */ l) => l.a === what.a && l.b === what.b);
    wish({ action: link.cut === "none" ? "cut" : "join", nodes: [what.a, what.b] });
  }
  state.selected = what.kind === "node" && event?.shiftKey ? added(state.selected, what.name) : what;
  screen.still();
  if (what.kind !== "link" && !event?.shiftKey && byKey) focusChoices();
}

/**
 * @param {Selected | null} selected
 * @param {string} name
 * @returns {Selected}
 */
function added(selected, name) {
  const before = selected?.kind === "nodes" ? selected.names : selected?.kind === "node" ? [selected.name] : [];
  const names = before.includes(name) ? before.filter((n) => n !== name) : [...before, name];
  return names.length === 1 ? { kind: "node", name: names[0] } : { kind: "nodes", names };
}

/**
 * @param {HTMLElement} root
 * @param {Selected | null} selected
 */
function focusChosen(root, selected) {
  const where = selected?.kind === "link" ? `[data-link="${selected.a} ${selected.b}"]`
    : selected?.kind === "message" ? `[data-flight="${selected.id}"]` : `[data-node="${selected?.kind === "node" ? selected.name : ""}"]`;
  /** @type {HTMLElement | null} */ (root.querySelector(where) || root.querySelector(".sb-node"))?.focus();
}

/**
 * A message that is pointed at is marked in both diagrams.
 * @param {any} parts
 * @param {number} id
 */
function point(parts, id) {
  parts.scene.mark(id);
  parts.spacetime.mark(id);
}

/**
 * @param {any} parts
 * @param {EventTarget | null} target
 */
function pointed(parts, target) {
  const message = target instanceof Element ? target.closest(".sb-message") : null;
  if (message) point(parts, Number(message.getAttribute("data-flight")));
}

