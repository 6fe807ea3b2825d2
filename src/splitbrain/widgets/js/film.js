// Where messages are at a virtual time: functions of a snapshot, and nothing else.

/** @typedef {{id: number, kind: string, text: string, line: number[], sent: number, ends: number,
 *             lost: boolean, flying: boolean}} Journey */
/** @typedef {{key: string, kind: string, text: string, x: number, y: number, side: number,
 *             lost: boolean}} Dot */

const LOST_FOR = 3; // virtual ms that the cross of a lost message stays
const LANE = 7; // how far right of the line a message travels, so that two directions do not meet
const HALT = 0.2; // how far a message is drawn to come that a cut stopped at once

/**
 * @param {[number, number][]} clock pairs of a share of the playing time and a virtual time
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

/**
 * @param {Journey} journey
 * @param {number} ms
 * @param {number} now the snapshot's own time: what is still flying is drawn no further than there
 * @returns {number | null} the share of its way, or null where it is not to be seen
 */
function share(journey, ms, now) {
  const { sent, ends, lost, flying } = journey;
  if (ms < sent) return null;
  if (lost && ms >= ends) return ms < ends + LOST_FOR ? (ends > sent ? 1 : HALT) : null;
  if (flying) return ends > sent ? Math.min((Math.min(ms, now) - sent) / (ends - sent), 1) : 0;
  return ms < ends ? (ms - sent) / (ends - sent) : null;
}

/**
 * @param {{journeys: Journey[], time: number}} snapshot
 * @param {number} ms virtual time
 * @returns {Dot[]}
 */
export function dots(snapshot, ms) {
  const seen = [];
  for (const [index, journey] of snapshot.journeys.entries()) {
    const part = share(journey, ms, snapshot.time);
    if (part === null) continue;
    const [x1, y1, x2, y2] = journey.line;
    const length = Math.hypot(x2 - x1, y2 - y1) || 1;
    seen.push({
      key: `${journey.id}-${index}`, kind: journey.kind, text: journey.text,
      x: x1 + (x2 - x1) * part - ((y2 - y1) / length) * LANE,
      y: y1 + (y2 - y1) * part + ((x2 - x1) / length) * LANE,
      side: Math.abs(x2 - x1) < 30 || (x2 > x1) === (part < 0.5) ? 1 : -1,
      lost: journey.lost && ms >= journey.ends,
    });
  }
  return seen;
}

/**
 * What a node's database held at a moment of the film; null if it is as the snapshot says.
 * @param {any} snapshot
 * @param {any} previous the snapshot before
 * @param {string} name
 * @param {number} ms
 */
export function rowsAt(snapshot, previous, name, ms) {
  const changes = snapshot.changes.filter((/** @type {any} */ c) => c[1] === name);
  if (!changes.length || ms >= changes[changes.length - 1][0]) return null;
  const past = changes.filter((/** @type {any} */ c) => c[0] <= ms);
  if (past.length) return past[past.length - 1][2];
  return previous?.nodes.find((/** @type {any} */ n) => n.name === name)?.rows ?? null;
}

/**
 * Play a film once; a reader who asked for less motion sees its end at once.
 * @param {any} snapshot
 * @param {(ms: number) => void} frame drawn again and again, with the virtual time
 * @param {() => void} end
 * @returns {() => void} stops it
 */
export function play(snapshot, frame, end) {
  const { ms, clock } = snapshot.film;
  if (!ms || matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) {
    end();
    return () => {};
  }
  const begun = performance.now();
  let handle = 0;
  const tick = (/** @type {number} */ now) => {
    const part = Math.max(now - begun, 0) / ms;
    if (part >= 1) return end();
    frame(virtualTime(clock, part));
    handle = requestAnimationFrame(tick);
  };
  handle = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(handle);
}
