// What is shown now: the present, a past moment, or a stretch that is played; and what was chosen in it.

import { compressed, even, mayMove, play } from "./film.js";
import { past, present } from "./look.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Selected} Selected */

const STORY = 14_000; // real ms that a scenario takes at most, from its beginning
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
  const screen = /** @type {any} */ ({ setup, state, root, page });
  screen.parts = page.createParts(setup, first, acts(screen));
  root.replaceChildren(...screen.parts.children);
  const pointed = (/** @type {Event} */ { target }) => {
    const message = target instanceof Element ? target.closest(".sb-message") : null;
    if (message) point(screen.parts, Number(message.getAttribute("data-flight")));
  };
  for (const event of ["pointerover", "focusin"]) root.addEventListener(event, pointed);
  screen.parts.transport.update(false);
  return {
    redraw: () => drawStill(screen),
    hear: (/** @type {import("./types.js").News} */ news) => screen.parts.reel.take(news),
    show: (/** @type {Snapshot} */ snapshot, fromTheBeginning = false) => show(screen, snapshot, fromTheBeginning),
    stop() {
      state.stop();
      state.playing = false;
      cancelAnimationFrame(state.frame);
      for (const event of ["pointerover", "focusin"]) root.removeEventListener(event, pointed);
      screen.parts.release();
    },
  };
}

/** What the parts call when they are used. @param {any} screen */
function acts(screen) {
  const wish = (/** @type {any} */ wanted) => ask(screen, wanted);
  return {
    wish,
    goTo: (/** @type {number | null} */ position) => goTo(screen, position),
    redraw: () => screen.parts && drawStill(screen),
    toggle: () => (screen.state.playing ? stopPlaying(screen) : startPlaying(screen)),
    press: (/** @type {any} */ what, /** @type {any} */ event) => press(screen, what, event),
    part: (/** @type {string[][]} */ sides) => wish(sides.length > 1
      ? { action: "partition", groups: sides.map((s) => s.join(" ")).join(" | ") } : { action: "heal" }),
    leave: () => focusChosen(screen.root, screen.state.selected),
    point: (/** @type {number} */ id) => point(screen.parts, id),
  };
}

/**
 * Send a wish: it is about the present.
 * @param {any} screen
 * @param {any} wanted
 */
function ask(screen, wanted) {
  const { state, page, parts } = screen;
  if (page.dead()) return;
  if (!["line", "run"].includes(wanted.action)) pause(screen);
  if (state.cursor !== null && wanted.action !== "line") goTo(screen, null);
  parts.foot.sent(state.snapshot.wishes);
  page.send({ wish: wanted });
}

/**
 * Look at a past moment; null: at the present.
 * @param {any} screen
 * @param {number | null} position
 */
function goTo(screen, position) {
  const { state, parts } = screen;
  state.stop();
  if (state.playing) pause(screen);
  state.cursor = position !== null && position >= parts.reel.until ? null : position;
  cancelAnimationFrame(state.frame);
  state.frame = requestAnimationFrame(() => drawStill(screen));
}

/** @param {any} screen */
function pause({ state, parts }) {
  state.playing = false;
  parts.transport.update(false);
}

/** @param {any} screen */
function drawStill({ setup, state, parts }) {
  const { cursor, snapshot } = state;
  drawAll(parts, state, cursor === null ? present(snapshot, parts.reel)
    : past(setup, snapshot, parts.reel, cursor, parts.reel.timeAt(cursor)));
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
 * @param {Snapshot} snapshot
 * @param {boolean} fromTheBeginning
 */
function show(screen, snapshot, fromTheBeginning) {
  const { state, parts } = screen;
  if (state.shown && snapshot === state.snapshot && !fromTheBeginning) return; // it is being shown
  const before = fromTheBeginning ? { position: parts.reel.first, time: 0, run: snapshot.run } : state.snapshot;
  const moves = (state.shown || fromTheBeginning) && before.run === snapshot.run && snapshot.time > before.time;
  Object.assign(state, { snapshot, shown: true });
  for (const part of [parts.log, parts.foot, parts.outcome]) part.update(snapshot);
  if (before.run !== snapshot.run) state.cursor = null;
  if (state.cursor !== null) return drawStill(screen);
  state.stop();
  return playStretch(screen, before, moves, fromTheBeginning ? STORY : undefined);
}

/**
 * @param {any} screen
 * @param {{position: number, time: number}} before
 * @param {boolean} moves whether virtual time has passed that can be played
 * @param {number} [longest] real ms
 */
function playStretch(screen, before, moves, longest) {
  const { state, parts } = screen;
  const { time, position } = state.snapshot;
  const stretch = parts.reel.times.slice(Math.max(before.position - parts.reel.first, 0), position - parts.reel.first);
  const end = () => {
    drawStill(screen);
    if (state.playing) goOn(screen);
  };
  if (!mayMove()) return state.playing ? later(screen, end) : end();
  if (!moves || !(stretch.length || state.playing)) return end();
  const film = state.playing ? even(before.time, time, parts.transport.speed()) : compressed(stretch, before.time, time, longest);
  state.stop = play(film, (ms) => drawMoment(screen, ms, before.position, position), end);
  return undefined;
}

/**
 * The reel at a time, between two positions.
 * @param {any} screen
 * @param {number} ms
 * @param {number} from
 * @param {number} to
 */
function drawMoment({ setup, state, parts }, ms, from, to) {
  const position = Math.min(Math.max(parts.reel.positionAt(ms), from), to);
  drawAll(parts, state, past(setup, state.snapshot, parts.reel, position, ms));
}

/**
 * @param {any} screen
 * @param {() => void} end
 */
function later(screen, end) {
  drawStill(screen);
  const handle = setTimeout(end, STILL);
  screen.state.stop = () => clearTimeout(handle);
}

/** Play: what has been, from the moment that is looked at; at the present, what is to come. @param {any} screen */
function startPlaying(screen) {
  const { state, parts } = screen;
  const { reel, transport } = parts;
  Object.assign(state, { playing: true, asked: false });
  transport.update(true);
  if (state.cursor === null) return goOn(screen);
  const [position, from, to] = [state.cursor, reel.timeAt(state.cursor), reel.timeAt(reel.until)];
  const end = () => {
    state.cursor = null;
    stopPlaying(screen);
  };
  if (!mayMove() || to <= from) return end();
  const frame = (/** @type {number} */ ms) => {
    state.cursor = Math.max(reel.positionAt(ms), position);
    drawMoment(screen, ms, position, reel.until);
  };
  state.stop = play(even(from, to, transport.speed()), frame, end);
  return undefined;
}

/** @param {any} screen */
function stopPlaying(screen) {
  screen.state.stop();
  pause(screen);
  drawStill(screen);
}

/** The next slice of the present, or an end where nothing is under way. @param {any} screen */
function goOn(screen) {
  const { state, parts } = screen;
  if (state.snapshot.quiet && state.asked) return stopPlaying(screen);
  state.asked = true;
  return ask(screen, { action: "run", ms: Math.max(Math.round(parts.transport.speed() * SLICE * 1000) / 1000, 0.001) });
}

/**
 * Something was pressed: a link is cut or healed, and everything can be chosen.
 * @param {any} screen
 * @param {any} what
 * @param {any} event
 */
function press(screen, what, event) {
  const { state, parts } = screen;
  if (state.cursor !== null) return;
  if (what.kind === "link") {
    const link = state.snapshot.links.find((/** @type {any} */ l) => l.a === what.a && l.b === what.b);
    ask(screen, { action: link.cut === "none" ? "cut" : "join", nodes: [what.a, what.b] });
  }
  const several = what.kind === "node" && event?.shiftKey;
  state.selected = several ? added(state.selected, what.name) : what;
  drawStill(screen);
  if (what.kind !== "link" && !several && event instanceof KeyboardEvent) parts.choices.focus();
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
  let where = ".sb-node";
  if (selected?.kind === "link") where = `[data-link="${selected.a} ${selected.b}"]`;
  else if (selected?.kind === "message") where = `.sb-message[data-flight="${selected.id}"]`;
  else if (selected?.kind === "node") where = `[data-node="${selected.name}"]`;
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
