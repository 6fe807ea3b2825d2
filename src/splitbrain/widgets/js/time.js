// Time: to let it go on, and to look back.

import { button, group, labelled } from "./controls.js";
import { html, set, write } from "./dom.js";

const SPEEDS = [[2, "slowest"], [10, "slow"], [50, "quick"], [250, "quickest"]]; // virtual ms a second

/**
 * @param {import("./types.js").Setup} setup
 * @param {import("./types.js").Wish} wish
 * @param {() => void} toggle plays or pauses
 */
export function createTransport(setup, wish, toggle) {
  const ms = html("input", { name: "ms", type: "number", min: 1, step: 1, value: setup.run_ms });
  const speed = html("select", { name: "speed" }, ...SPEEDS.map(([value, name]) => html("option", { value }, `${name}, ${value} ms a second`)));
  speed.value = "10";
  const player = button("play", "let time go on", toggle);
  const element = group("Time", player, labelled("speed", speed),
    button("step", "run one event", () => wish({ action: "step" })),
    button("run", "run this many virtual milliseconds", () => wish({ action: "run", ms: ms.valueAsNumber })),
    labelled("ms", ms, "after"),
    button("until quiet", "run until nothing is under way", () => wish({ action: "quiet" })),
    button("reset", "start again: nothing has happened yet", () => wish({ action: "reset" })));
  return {
    element,
    speed: () => Number(speed.value),
    /** @param {boolean} playing */
    update(playing) {
      write(player, playing ? "❚❚ pause" : "▶ play");
      set(player, { "aria-label": playing ? "pause" : "play" });
    },
  };
}

/**
 * Any past moment, by its place in the journal.
 * @param {(position: number | null) => void} goTo null: back to the present
 */
export function createScrubber(goTo) {
  const range = html("input", { type: "range", name: "moment", min: 0, max: 0, value: 0, step: 1, "aria-label": "moment of the run, by events" });
  const said = html("span", { class: "sb-moment", "aria-live": "polite" });
  const now = button("now", "back to the present", () => goTo(null));
  range.addEventListener("input", () => goTo(range.valueAsNumber));
  return {
    element: html("div", { class: "sb-scrubber", role: "group", "aria-label": "Looking back" }, range, now, said),
    /**
     * @param {import("./reel.js").Reel} reel
     * @param {number} position
     * @param {boolean} live
     */
    update(reel, position, live) {
      set(range, { min: reel.first, max: reel.until, disabled: reel.until === reel.first ? "" : null });
      if (range.valueAsNumber !== position) range.value = `${position}`;
      const text = live ? `now, after ${reel.until.toLocaleString("en")} events` : described(reel, position);
      set(range, { "aria-valuetext": text });
      set(now, { disabled: live ? "" : null });
      write(said, text);
    },
  };
}

/**
 * @param {import("./reel.js").Reel} reel
 * @param {number} position
 */
function described(reel, position) {
  const time = reel.timeAt(position).toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 3 });
  return `${position.toLocaleString("en")} of ${reel.until.toLocaleString("en")}, at ${time} ms: ${happened(reel, position)}`;
}

const TOLD = /** @type {Record<string, (place: string, text: string) => string>} */ ({
  commit: (place) => `${place} commits`, values: (place) => `${place} holds something new`, crash: (place, text) => `${place} crashes (${text})`,
  restart: (place) => `${place} restarts`, pause: (place) => `${place} is paused`, resume: (place) => `${place} goes on`,
  role: (place, text) => `${place} is now ${text}`, note: (place, text) => `${place}: ${text}`, fault: (_, text) => text,
  invoke: (place, text) => `${place} asks ${text}`, complete: (place, text) => `${place} is told ${text}`,
});

/**
 * The event just before a position, in words.
 * @param {import("./reel.js").Reel} reel
 * @param {number} position
 */
export function happened(reel, position) {
  const { flight, mark } = reel.what.get(position) || {};
  if (mark) return TOLD[mark.kind]?.(mark.place, mark.text) || mark.kind;
  if (!flight) return position > reel.first ? "a node's database changes" : "nothing has happened yet";
  if (position === flight.begin) return `${flight.source} sends ${flight.text} to ${flight.target}`;
  return flight.lost ? `${flight.text} from ${flight.source} to ${flight.target} is lost` : `${flight.target} receives ${flight.text} from ${flight.source}`;
}
