// The journal on the page: what Python has told, added up, and any past moment found in it. It holds, and looks up.

/** @typedef {import("./types.js").News} News */
/** @typedef {import("./types.js").Flight} Flight */

const BLOCK = 64; // positions; each block lists the messages that were under way in it
const LOST_FOR = 3; // virtual ms that the cross of a lost message stays
const NARROW = 1.5; // pixels between two events of the same moment, in the space-time diagram
const LEAST = 6;
const MOST = 48;
const PACE = 14; // pixels a virtual ms, between these

export class Reel {
  constructor() {
    /** @type {number} */ this.run = -1;
    /** @type {number} where what is known begins */ this.first = 0;
    /** @type {number} where it ends */ this.until = 0;
    this.clear(0);
  }

  /** @param {number} first position at which what is known begins */
  clear(first) {
    this.first = first;
    this.until = first;
    /** @type {number[]} */ this.times = [];
    /** @type {number[]} pixels from the start, of each position */ this.offsets = [0];
    /** @type {Map<string, {at: number[], looks: any[]}>} */ this.tracks = new Map();
    /** @type {Map<number, Flight[]>} */ this.flights = new Map();
    /** @type {Flight[][]} */ this.blocks = [];
    /** @type {Set<Flight>} */ this.open = new Set();
    /** @type {import("./types.js").Mark[]} */ this.marks = [];
    /** @type {number[]} their positions */ this.markedAt = [];
    /** @type {Map<number, import("./types.js").Shade>} */ this.shades = new Map();
    /** @type {Map<string, import("./types.js").Asked>} */ this.asked = new Map();
    /** @type {Map<string, string>} clients and the nodes beside which they stand */ this.homes = new Map();
    /** @type {Map<number, {flight?: Flight, mark?: any}>} what happened at a position */ this.what = new Map();
  }

  /**
   * Add what is new. False if something before it is missing: then the whole has to be asked for.
   * @param {News} news
   */
  take(news) {
    if (news.whole) {
      if (news.run === this.run && this.first <= news.from && news.until <= this.until) return true;
      this.run = news.run;
      this.clear(news.from);
    } else if (news.run !== this.run || news.from > this.until) return false;
    else if (news.from < this.until) return true;
    this.addTimes(news.times);
    for (const [position, thing, look] of news.tracks) this.addLook(position, thing, look);
    for (const [begin, id, kind, source, target, text, operation, sent] of news.flights) {
      this.begin({ id, key: `${id}`, kind, source, target, text, operation, begin, sent, end: null, ends: Infinity, lost: false });
    }
    for (const [position, id, lost] of news.ends) this.end(position, id, lost === 1);
    for (const [position, kind, place, text, more] of news.marks) this.mark({ position, kind, place, text, more });
    this.until = news.until;
    return true;
  }

  /** @param {number[]} times */
  addTimes(times) {
    for (const time of times) {
      const gap = this.times.length ? time - this.times[this.times.length - 1] : time;
      const wide = gap > 0 ? Math.min(Math.max(gap * PACE, LEAST), MOST) : NARROW;
      this.times.push(time);
      this.offsets.push(this.offsets[this.offsets.length - 1] + wide);
    }
  }

  /**
   * @param {number} position
   * @param {string} thing
   * @param {any} look
   */
  addLook(position, thing, look) {
    const track = this.tracks.get(thing) || { at: [], looks: [] };
    this.tracks.set(thing, track);
    track.at.push(position);
    track.looks.push(look);
  }

  /** @param {Flight} flight */
  begin(flight) {
    const copies = this.flights.get(flight.id) || [];
    this.flights.set(flight.id, copies);
    if (copies.length) flight.key = `${flight.id}-${copies.length}`;
    copies.push(flight);
    this.open.add(flight);
    if (copies.length === 1) this.what.set(flight.begin, { flight });
  }

  /**
   * @param {number} position
   * @param {number} id
   * @param {boolean} lost
   */
  end(position, id, lost) {
    const copies = this.flights.get(id);
    if (!copies) return; // it was sent before what is known begins
    if (!copies.some((f) => f.end === null)) this.begin({ ...copies[0], end: null }); // a duplicate shows by arriving
    const flight = /** @type {Flight} */ (copies.find((f) => f.end === null));
    Object.assign(flight, { end: position, ends: this.timeAt(position), lost });
    this.open.delete(flight);
    for (let b = this.block(flight.begin); b <= this.block(position) + 1; b++) {
      if (!this.blocks[b]) this.blocks[b] = [];
      this.blocks[b].push(flight);
    }
    this.what.set(position, { flight });
  }

  /** @param {import("./types.js").Mark} mark */
  mark(mark) {
    const { position, kind, text, more } = mark;
    if (kind === "open") this.shades.set(more[0], { begin: position, end: null, text, nodes: more[1] });
    else if (kind === "close") Object.assign(this.shades.get(more[0]) || {}, { end: position });
    else if (kind === "repeat") this.begin({ .../** @type {Flight[]} */ (this.flights.get(more))[0], begin: position, end: null });
    else if (kind === "invoke") this.ask(mark);
    else if (kind === "complete") {
      Object.assign(this.asked.get(more[0]) || {}, { end: position, status: more[1], told: text });
    } else {
      this.marks.push(mark);
      this.markedAt.push(position);
    }
    if (kind !== "close" && !this.what.has(position)) this.what.set(position, { mark });
  }

  /** @param {import("./types.js").Mark} mark */
  ask({ position, place, text, more }) {
    this.homes.set(place, more[1]);
    this.asked.set(more[0], { id: more[0], client: place, text, begin: position, end: null, status: "waiting", told: "" });
  }

  /** @param {number} position */
  block(position) {
    return Math.floor((position - this.first) / BLOCK);
  }

  /** Virtual ms of the last event before a position. @param {number} position */
  timeAt(position) {
    return position > this.first ? this.times[position - this.first - 1] : 0;
  }

  /** How many events have happened at a virtual time. @param {number} ms */
  positionAt(ms) {
    return this.first + above(this.times, ms);
  }

  /** Pixels from the start of the space-time diagram. @param {number} position */
  offset(position) {
    return this.offsets[Math.min(Math.max(position - this.first, 0), this.offsets.length - 1)];
  }

  /** The position at so many pixels. @param {number} pixels */
  under(pixels) {
    return this.first + Math.max(above(this.offsets, pixels) - 1, 0);
  }

  /**
   * How a thing looked at a position.
   * @param {string} thing
   * @param {number} position
   */
  look(thing, position) {
    const track = this.tracks.get(thing);
    const index = track ? above(track.at, position) - 1 : -1;
    return track && index >= 0 ? track.looks[index] : null;
  }

  /**
   * The messages that were under way anywhere between two positions.
   * @param {number} from
   * @param {number} to
   * @returns {Flight[]}
   */
  between(from, to) {
    const found = new Set([...this.open].filter((f) => f.begin <= to));
    for (let b = this.block(from); b <= this.block(to); b++) {
      for (const f of this.blocks[b] || []) if (f.begin <= to && /** @type {number} */ (f.end) >= from) found.add(f);
    }
    return [...found];
  }

  /**
   * Commits, crashes and the like between two positions.
   * @param {number} from
   * @param {number} to
   */
  marksBetween(from, to) {
    const first = above(this.markedAt, from - 1);
    const found = [];
    for (let i = first; i < this.marks.length && this.marks[i].position <= to; i++) found.push(this.marks[i]);
    return found;
  }

  /**
   * The messages that are to be seen at a position and a time: under way, or lost a moment ago.
   * @param {number} position
   * @param {number} ms
   */
  seen(position, ms) {
    return this.between(Math.max(position - BLOCK, this.first), position).filter((f) => f.begin <= position
      && (f.end === null || position < f.end || (f.lost && ms < f.ends + LOST_FOR)));
  }
}

/**
 * How many of the sorted numbers are at most this one.
 * @param {number[]} sorted
 * @param {number} value
 */
function above(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
