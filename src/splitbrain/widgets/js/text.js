// What the panel says in words: the line at the top, the log, what came of it, and the code.

import { html, set, write } from "./dom.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */

const PATIENCE = 250; // ms without an answer after which the panel says that it waits
const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const AGREES = new Map([[true, "yes"], [false, "no"]]);

/** The line at the top: virtual time, and what the copies or the checker say. @param {string} title */
export function createHead(title) {
  const clock = html("b", {});
  const verdict = html("span", { class: "sb-verdict", role: "status" });
  const past = html("span", { class: "sb-past" }, "looking back");
  return {
    element: html("div", { class: "sb-head" }, html("span", { class: "sb-title" }, title),
      html("span", { class: "sb-clock" }, "virtual time ", clock), past, verdict),
    /** @param {import("./types.js").Look} look @param {boolean} back */
    draw({ ms, verdict: { text, agrees } }, back) {
      write(clock, `${ms.toLocaleString("en", ONE_DIGIT)} ms`);
      write(verdict, text);
      set(verdict, { "data-agrees": AGREES.get(/** @type {any} */ (agrees)) || "unknown" });
      set(past, { hidden: back ? null : "" });
    },
  };
}

/** The log: lines are added, never rewritten, so that a screen reader reads only what is new. */
export function createLog() {
  const list = html("div", { class: "sb-log", role: "log", "aria-live": "polite", "aria-label": "What happened", tabindex: 0 });
  let last = 0;
  return {
    element: list,
    /** @param {Snapshot} snapshot */
    update({ log }) {
      const kept = new Set(log.map(([number]) => String(number)));
      for (const line of [...list.children]) if (!kept.has(line.dataset.line)) line.remove();
      if (log.every(([number]) => number < last)) last = 0;
      for (const [number, when, text] of log) {
        if (number > last) list.append(html("div", { "data-line": number }, html("span", {}, when), ` ${text}`));
        last = Math.max(last, number);
      }
      list.scrollTop = list.scrollHeight;
    },
  };
}

/** What was done last, as code; all of it as one line, to copy; and that a wish waits. @param {import("./types.js").Wish} wish */
export function createFoot(wish) {
  const [code, line] = [html("code", {}), html("input", { class: "sb-line", readonly: "", "aria-label": "all that was done, as one line" })];
  const waiting = html("span", { class: "sb-waiting", role: "status" });
  const copy = html("button", { type: "button", "data-do": "copy", title: "one line of code that repeats all that was done" }, "copy all as one line");
  const element = html("div", { class: "sb-foot" }, html("span", { class: "sb-lead" }, "the same in code:"), code, waiting, copy, line);
  let [expected, timer, wanted] = [0, 0, false];
  copy.addEventListener("click", () => {
    wanted = true;
    wish({ action: "line" });
  });
  return {
    element,
    /** @param {number} done */
    sent(done) {
      expected = Math.max(expected, done) + 1;
      clearTimeout(timer);
      timer = setTimeout(() => write(waiting, "waits until the running cell has ended"), PATIENCE);
    },
    /** @param {Snapshot} snapshot */
    update(snapshot) {
      write(code, snapshot.code);
      set(element, { "data-code": snapshot.code ? "" : null });
      if (line.value !== snapshot.line) line.value = snapshot.line;
      set(line, { hidden: snapshot.line ? null : "" });
      if (snapshot.wishes < expected) return;
      clearTimeout(timer);
      write(waiting, "");
      if (wanted && snapshot.line) toClipboard(line, waiting);
      wanted = false;
    },
  };
}

/**
 * @param {HTMLInputElement} line
 * @param {Element} said
 */
function toClipboard(line, said) {
  const tell = (/** @type {string} */ text) => () => write(said, text);
  line.select();
  if (!navigator.clipboard) return tell("press Ctrl+C to copy it")();
  return navigator.clipboard.writeText(line.value).then(tell("copied"), tell("press Ctrl+C to copy it"));
}

const VERDICTS = /** @type {Record<string, string>} */ ({ ok: "✓", violated: "✕", unknown: "?" });

/** What has come of the run: answers, latency, staleness, cost, and whether the answers can be right. */
export function createOutcome() {
  const list = html("div", { class: "sb-told" });
  const verdict = html("p", { class: "sb-judged", role: "status" });
  return {
    element: html("div", { class: "sb-outcome", role: "group", "aria-label": "What has come of it" }, verdict, list),
    /** @param {Snapshot} snapshot */
    update({ outcome }) {
      const told = outcome.verdict;
      write(verdict, told ? `${VERDICTS[told.status]} ${told.status}: ${told.text}` : "");
      set(verdict, { "data-status": told ? told.status : "none" });
      const pairs = outcome.told.map(([word, text]) => html("span", {}, html("span", { class: "sb-word-of" }, word), ` ${text}`));
      list.replaceChildren(...pairs);
    },
  };
}

export function createLegend() {
  return html("div", { class: "sb-legend", "aria-hidden": "true" }, ...[
    ["●", "request"], ["○", "answer"], ["◆", "one-way message"], ["⊗", "lost"],
  ].map(([sign, text]) => html("span", {}, html("b", { "data-sign": text }, sign), ` ${text}`)));
}

/**
 * The scenarios by name, and what to look for in the one that is shown.
 * @param {import("./types.js").Setup} setup
 * @param {import("./types.js").Wish} wish
 */
export function createScenarios(setup, wish) {
  const { scenario, scenarios } = setup;
  const menu = html("select", { name: "scenario" }, html("option", { value: "" }, "your own cluster"),
    ...scenarios.map((s) => html("option", { value: s.name }, s.name)));
  menu.value = scenario ? scenario.name : "";
  const play = html("button", { type: "button", "data-do": "scenario", title: "run it, and show it from its beginning" }, "show");
  play.addEventListener("click", () => wish({ action: "scenario", name: menu.value || null }));
  const told = scenario ? [html("p", {}, scenario.story), html("p", {}, html("b", {}, "Look for: "), scenario.look_for)] : [];
  return html("div", { class: "sb-scenarios", role: "group", "aria-label": "Scenarios" },
    html("label", {}, html("span", {}, "scenario"), menu), play, html("div", { class: "sb-story", role: "status" }, ...told));
}
