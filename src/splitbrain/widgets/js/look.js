// What is to be drawn: of the present, as the snapshot says; of a past moment, as the reel has it.

/** @typedef {import("./types.js").Look} Look */
/** @typedef {import("./types.js").Dot} Dot */

const STOPPED = 0.2; // how far a message is drawn to come that a cut stopped at once

/**
 * The present.
 * @param {import("./types.js").Snapshot} snapshot
 * @param {import("./reel.js").Reel} reel
 * @returns {Look}
 */
export function present(snapshot, reel) {
  const { nodes, links, groups, verdict, time: ms, position } = snapshot;
  /** @type {Map<number, number>} */
  const copies = new Map();
  const dots = snapshot.flying.map((f) => {
    const copy = copies.get(f.id) || 0;
    copies.set(f.id, copy + 1);
    const share = f.arrives === null ? 1 : part(ms, f.sent, f.arrives);
    return { ...f, key: copy ? `${f.id}-${copy}` : `${f.id}`, share, lost: false, live: true };
  });
  const lost = reel.seen(position, ms).filter((f) => f.lost && f.end !== null).map((f) => dot(f, position, ms));
  return { nodes, links, groups, verdict, ms, position, live: true, dots: [...dots, ...lost] };
}

/**
 * A past moment: so many events have happened, and it is this time.
 * @param {import("./types.js").Setup} setup
 * @param {import("./types.js").Snapshot} snapshot for the names of its links, and for arrivals still to come
 * @param {import("./reel.js").Reel} reel
 * @param {number} position
 * @param {number} ms
 * @returns {Look}
 */
export function past(setup, snapshot, reel, position, ms) {
  const coming = new Map(snapshot.flying.map((f) => [f.id, f.arrives]));
  return {
    nodes: setup.names.map((name) => ({ ...reel.look(`n ${name}`, position), answer: reel.look(`a ${name}`, position) })),
    links: snapshot.links.map((link) => reel.look(`l ${link.a} ${link.b}`, position) || link),
    groups: reel.look("g", position) || [], verdict: reel.look("v", position) || { text: "", agrees: null },
    ms, position, live: false, dots: reel.seen(position, ms).map((f) => dot(f, position, ms, coming.get(f.id))),
  };
}

/**
 * @param {import("./types.js").Flight} flight
 * @param {number} position
 * @param {number} ms
 * @param {number | null} [arrives] when it will, if it is still under way in the present
 * @returns {Dot}
 */
function dot(flight, position, ms, arrives = null) {
  const { id, key, kind, source, target, text } = flight;
  const ended = flight.end !== null && position >= flight.end;
  const ends = flight.end === null ? arrives : flight.ends;
  const stopped = ended && flight.ends === flight.sent;
  const share = stopped ? STOPPED : ended || ends === null ? 1 : part(ms, flight.sent, ends);
  return { id, key, kind, source, target, text, share, lost: flight.lost && ended, live: false };
}

/**
 * @param {number} ms
 * @param {number} sent
 * @param {number} ends
 */
function part(ms, sent, ends) {
  return ends > sent ? Math.min(Math.max((ms - sent) / (ends - sent), 0), 1) : 0;
}
