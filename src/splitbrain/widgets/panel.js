// The panel's page side. It draws the trait `snapshot` and sends wishes; what is true is known in Python only.

import { createControls } from "./js/controls.js";
import { html, keepKeys, set, write } from "./js/dom.js";
import { play } from "./js/film.js";
import { watchKernel } from "./js/kernel.js";
import { createScene } from "./js/scene.js";

const PATIENCE = 250; // ms without an answer after which the panel says that it waits
const HINT = "Click a link to cut it, a node to crash it; Tab and Enter do the same.";
const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const AGREES = new Map([[true, "yes"], [false, "no"]]);

/** The line at the top: virtual time, and what the copies or the checker say. */
function createHead() {
  const clock = html("b", {});
  const verdict = html("span", { class: "sb-verdict", role: "status" });
  return {
    element: html("div", { class: "sb-head" }, html("span", { class: "sb-clock" }, "virtual time ", clock), verdict),
    draw(/** @type {any} */ next, /** @type {any} */ previous, /** @type {number} */ ms) {
      write(clock, previous ? `${ms.toLocaleString("en", ONE_DIGIT)} ms` : next.clock);
      const { text, agrees } = (previous || next).verdict;
      write(verdict, text);
      set(verdict, { "data-agrees": AGREES.get(agrees) || "unknown" });
    },
  };
}

/** The log: lines are added, never rewritten, so that a screen reader reads only what is new. */
function createLog() {
  const list = html("ol", { class: "sb-log", role: "log", "aria-live": "polite", "aria-label": "What happened", tabindex: 0 });
  let last = 0;
  return {
    element: list,
    update(/** @type {any} */ snapshot) {
      const kept = new Set(snapshot.log.map((/** @type {any} */ [number]) => String(number)));
      for (const line of [...list.children]) if (!kept.has(line.dataset.line)) line.remove();
      if (snapshot.log.every((/** @type {any} */ [number]) => number < last)) last = 0;
      for (const [number, when, text] of snapshot.log) {
        if (number > last) list.append(html("li", { "data-line": number }, html("span", {}, when), ` ${text}`));
        last = Math.max(last, number);
      }
      list.scrollTop = list.scrollHeight;
    },
  };
}

/** What was done last, as code; and, while a wish is not yet carried out, that it waits. */
function createFoot() {
  const code = html("code", {});
  const lead = html("span", {});
  const waiting = html("span", { class: "sb-waiting", role: "status" });
  let expected = 0;
  let timer = 0;
  return {
    element: html("div", { class: "sb-foot" }, lead, code, waiting),
    sent(/** @type {number} */ done) {
      expected = Math.max(expected, done) + 1;
      clearTimeout(timer);
      timer = setTimeout(() => write(waiting, "waits until the running cell has ended"), PATIENCE);
    },
    update(/** @type {any} */ snapshot) {
      write(code, snapshot.code);
      write(lead, snapshot.code ? "the same in code:" : HINT);
      if (snapshot.wishes < expected) return;
      clearTimeout(timer);
      write(waiting, "");
    },
  };
}

function createLegend() {
  return html("div", { class: "sb-legend", "aria-hidden": "true" }, ...[
    ["●", "request"], ["○", "answer"], ["◆", "one-way message"], ["✕", "lost"],
  ].map(([sign, text]) => html("span", {}, html("b", { "data-sign": text }, sign), ` ${text}`)));
}

/**
 * When the kernel has gone, nothing here can answer any more: say so.
 * @param {HTMLElement} root
 */
function sayDead(root) {
  if (root.classList.contains("sb-is-dead")) return;
  root.classList.add("sb-is-dead");
  root.prepend(html("div", { class: "sb-dead", role: "alert" },
    "The kernel has ended: this is the last that the panel knew. Run its cell again."));
  for (const control of root.querySelectorAll("button, input, select")) set(control, { disabled: "" });
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  const setup = model.get("setup");
  const [head, log, foot] = [createHead(), createLog(), createFoot()];
  const wish = (/** @type {object} */ wanted) => {
    if (root.classList.contains("sb-is-dead")) return;
    foot.sent(model.get("snapshot").wishes);
    model.send({ wish: wanted });
  };
  const scene = createScene(setup, model.get("snapshot"), wish);
  const root = html("div", { class: "sb-panel", role: "group", "aria-label": setup.title },
    head.element,
    html("div", { class: "sb-body" },
      html("div", { class: "sb-picture" }, scene.element, createLegend()), log.element),
    createControls(setup, wish), foot.element);
  el.append(root);
  const release = [keepKeys(root), watchKernel(model, () => sayDead(root))];
  let previous = /** @type {any} */ (null);
  let stop = () => {};
  const show = () => {
    const snapshot = model.get("snapshot");
    const before = previous;
    stop();
    previous = snapshot;
    for (const part of [log, foot, scene]) part.update(snapshot);
    const draw = (/** @type {any} */ past, /** @type {number} */ ms) => {
      for (const part of [head, scene]) part.draw(snapshot, past, ms);
    };
    const end = () => draw(null, snapshot.time);
    if (before) stop = play(snapshot, (ms) => draw(before, ms), end);
    else end();
  };
  model.on("change:snapshot", show);
  show();
  return () => {
    stop();
    for (const undo of release) undo();
    model.off("change:snapshot", show);
  };
}

export default { render };
