// How a stretch of virtual time is played: functions of the events' times, and one timer.

const GAP = 4; // virtual ms: an idle stretch longer than this is played as if it had been this long
const PLAYED = 160; // real ms a virtual one takes, within bounds
const SHORTEST = 500;
const LONGEST = 2400;

/** @typedef {{ms: number, clock: [number, number][]}} Film real ms, and pairs of a share of them and a virtual time */

/**
 * Of a stretch: idle time is played short, so that a timeout of a second does not hide the milliseconds that matter.
 * @param {number[]} times of the events in it
 * @param {number} from
 * @param {number} to
 * @param {number} [longest] real ms
 * @returns {Film}
 */
export function compressed(times, from, to, longest = LONGEST) {
  const moments = [...new Set([from, ...times.filter((t) => t > from && t < to), to])];
  const played = [0];
  for (let i = 1; i < moments.length; i++) played.push(played[i - 1] + Math.min(moments[i] - moments[i - 1], GAP));
  const total = played[played.length - 1] || 1;
  return {
    ms: Math.min(Math.max(total * PLAYED, SHORTEST), longest),
    clock: moments.map((moment, i) => [played[i] / total, moment]),
  };
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} speed virtual ms a second
 * @returns {Film}
 */
export function even(from, to, speed) {
  return { ms: ((to - from) / speed) * 1000, clock: [[0, from], [1, to]] };
}

/**
 * @param {[number, number][]} clock
 * @param {number} share
 * @returns {number} virtual ms
 */
export function virtualTime(clock, share) {
  const next = clock.findIndex(([s]) => s >= share);
  if (next <= 0) return clock[Math.max(next, 0)][1];
  const [s0, t0] = clock[next - 1];
  const [s1, t1] = clock[next];
  return s1 > s0 ? t0 + ((share - s0) / (s1 - s0)) * (t1 - t0) : t1;
}

/** Whether things may move: a reader may have asked for less motion, and nobody sees a hidden page. */
export function mayMove() {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches && !document.hidden;
}

/**
 * @param {Film} film
 * @param {(ms: number) => void} frame drawn again and again, with the virtual time
 * @param {() => void} end
 * @returns {() => void} stops it
 */
export function play(film, frame, end) {
  const begun = performance.now();
  let handle = 0;
  const tick = (/** @type {number} */ now) => {
    const share = Math.max(now - begun, 0) / film.ms;
    if (share >= 1) return end();
    frame(virtualTime(film.clock, share));
    handle = requestAnimationFrame(tick);
  };
  handle = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(handle);
}
