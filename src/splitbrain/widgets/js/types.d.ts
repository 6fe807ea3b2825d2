// What the Python side sends, and what is made of it here. Types only: nothing of this reaches the page.

export type Link = { a: string; b: string; cut: string; latency: string; label: string; word: string };
export type Answer = { client: string; text: string; status: string } | null;
export type Verdict = { text: string; agrees: boolean | null };
export type Card = {
  name: string; x: number; y: number; state: string; role: string; marks: string;
  rows: [string, string, boolean][]; more: number; label: string; answer: Answer;
};
/** A message on its way, as the present knows it; `arrives` is null while it waits at a node that is paused. */
export type Flying = {
  id: number; kind: string; source: string; target: string; text: string; operation: string; sent: number;
  arrives: number | null;
};
export type Outcome = {
  told: [string, string][]; verdict: { status: string; text: string } | null;
  witness: { operations: string[]; events: number[] };
};
export type Snapshot = {
  run: number; time: number; clock: string; position: number; quiet: boolean; nodes: Card[]; links: Link[];
  groups: string[][]; verdict: Verdict; flying: Flying[]; log: [number, string, string][]; code: string; line: string;
  wishes: number; outcome: Outcome;
};
export type Choice = {
  word: string; wish: { action: string }; turned: boolean;
  field: { name: string; unit: string; value: number; min?: number } | null;
};
export type Scenario = { name: string; story: string; look_for: string };
export type Setup = {
  title: string; names: string[]; operations: { name: string; fields: [string, string][] }[]; run_ms: number;
  width: number; height: number; card_width: number; card_height: number; kernel: string;
  choices: { node: Record<string, Choice[]>; link: Record<string, Choice[]>; message: Choice[] };
  scenarios: Scenario[]; scenario: Scenario | null;
};
export type News = {
  run: number; from: number; until: number; whole: boolean; times: number[]; tracks: [number, string, any][];
  flights: [number, number, string, string, string, string, string, number][]; ends: [number, number, number][];
  marks: [number, string, string, string, any?][];
};
/** One message, or one copy of it: under way from position `begin` to `end` of the journal (null: still). */
export type Flight = {
  id: number; key: string; kind: string; source: string; target: string; text: string; operation: string;
  begin: number; sent: number; end: number | null; ends: number; lost: boolean;
};
export type Mark = { position: number; kind: string; place: string; text: string; more: any };
/** A span in which a fault was active, from position to position. */
export type Shade = { begin: number; end: number | null; text: string; nodes: string[] };
/** An operation of a client, from the position where it was asked to that where the client was told. */
export type Asked = { id: string; client: string; text: string; begin: number; end: number | null; status: string; told: string };
/** All that the scene draws: of the present or of a past moment. */
export type Look = {
  nodes: Card[]; links: Link[]; groups: string[][]; verdict: Verdict; ms: number; position: number; live: boolean;
  dots: Dot[];
};
/** A message at a share of its way. */
export type Dot = {
  id: number; key: string; kind: string; source: string; target: string; text: string; share: number; lost: boolean;
  live: boolean;
};
export type Selected =
  | { kind: "node"; name: string } | { kind: "nodes"; names: string[] } | { kind: "link"; a: string; b: string }
  | { kind: "message"; id: number };
export type Wish = (wanted: object) => void;
