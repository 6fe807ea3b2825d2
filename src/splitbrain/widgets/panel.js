// The panel's page side. It draws the traits `snapshot` and `news` and sends wishes; what is true is known in Python only.

import { createChoices } from "./js/choices.js";
import { clientControls, networkControls } from "./js/controls.js";
import { html, keepKeys, set } from "./js/dom.js";
import { createDirector } from "./js/director.js";
import { watchKernel } from "./js/kernel.js";
import { Reel } from "./js/reel.js";
import { createScene } from "./js/scene.js";
import { createSpaceTime } from "./js/spacetime.js";
import { createFoot, createHead, createLegend, createLog, createOutcome, createScenarios } from "./js/text.js";
import { createScrubber, createTransport } from "./js/time.js";

/**
 * When the kernel has gone, nothing here can answer any more: say so.
 * @param {HTMLElement} root
 */
function sayDead(root) {
  if (root.classList.contains("sb-is-dead")) return;
  root.classList.add("sb-is-dead");
  root.prepend(html("div", { class: "sb-dead", role: "alert" },
    "The kernel has ended: this is the last that the panel knew. Run its cell again."));
  for (const control of root.querySelectorAll("button, input:not([type=range]), select")) set(control, { disabled: "" });
}

/**
 * All parts of the panel for one setup, and where they stand.
 * @param {import("./js/types.js").Setup} setup
 * @param {import("./js/types.js").Snapshot} snapshot
 * @param {any} act what a press, a drag or a key asks for
 */
function createParts(setup, snapshot, act) {
  const reel = new Reel();
  const parts = {
    reel, head: createHead(setup.title), log: createLog(), foot: createFoot(act.wish), outcome: createOutcome(),
    scene: createScene(setup, snapshot, act), choices: createChoices(setup, act.wish, act.leave),
    spacetime: createSpaceTime(setup, reel, act), scrubber: createScrubber(act.goTo),
    transport: createTransport(setup, act.wish, act.toggle),
  };
  const { head, log, foot, outcome, scene, choices, spacetime, scrubber, transport } = parts;
  const diagram = html("div", { class: "sb-diagram" }, spacetime.element);
  const children = [
    head.element, ...(setup.scenarios.length ? [createScenarios(setup, act.wish)] : []),
    html("div", { class: "sb-body" },
      html("div", { class: "sb-picture" }, scene.element, createLegend(), choices.element), log.element),
    html("div", { class: "sb-controls" }, clientControls(setup, act.wish), networkControls(setup, act.wish), transport.element),
    scrubber.element, diagram, outcome.element, foot.element];
  const watcher = new ResizeObserver(() => {
    spacetime.resize(diagram.clientWidth);
    act.redraw();
  });
  watcher.observe(diagram);
  return { ...parts, children, release: () => watcher.disconnect() };
}

/**
 * Whether a snapshot is of the cluster that a setup is for.
 * @param {import("./js/types.js").Setup} setup
 * @param {import("./js/types.js").Snapshot} snapshot
 */
function fits(setup, snapshot) {
  return setup.names.join(" ") === snapshot.nodes.map((node) => node.name).join(" ");
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  const root = html("div", { class: "sb-panel", role: "group" });
  el.append(root);
  let built = model.get("setup");
  let director = build();
  function build() {
    set(root, { "aria-label": built.title });
    return createDirector(built, model.get("snapshot"), root, {
      createParts, send: (/** @type {object} */ message) => model.send(message),
      dead: () => root.classList.contains("sb-is-dead"),
    });
  }
  const hear = (/** @type {any} */ news) => {
    if (director.hear(news) === false) model.send({ reel: "whole" });
  };
  const show = () => {
    const [setup, snapshot] = [model.get("setup"), model.get("snapshot")];
    if (!fits(setup, snapshot)) return; // the one has come before the other
    const turned = setup !== built;
    if (turned) {
      director.stop();
      built = setup;
      director = build();
    }
    hear(model.get("news"));
    director.show(snapshot, turned && Boolean(setup.scenario));
  };
  const custom = (/** @type {any} */ message) => {
    if (!message.news) return;
    hear(message.news);
    director.redraw();
  };
  const heard = /** @type {[string, (value: any) => void][]} */ ([
    ["change:setup", show], ["change:snapshot", show], ["msg:custom", custom]]);
  for (const [event, listener] of heard) model.on(event, listener);
  const release = [keepKeys(root), watchKernel(model, () => sayDead(root))];
  show();
  return () => {
    director.stop();
    for (const undo of release) undo();
    for (const [event, listener] of heard) model.off(event, listener);
  };
}

export default { render };
