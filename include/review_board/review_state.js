// What has been decided about each picture, and the way back. Knows no page and no server.
//
// A verdict is {decision, reason, caption, character} as it travels: decision is "approve",
// "reject" or "open"; caption and character are empty while they are as the pipeline made them.

const UNTOUCHED = Object.freeze({ decision: "open", reason: "", caption: "", character: "" });
const FIELDS = Object.keys(UNTOUCHED);

export function sameVerdict(one, other) {
  return FIELDS.every((field) => one[field] === other[field]);
}

function verdictIn(decision) {
  return Object.freeze(Object.fromEntries(FIELDS.map((field) => [field, decision[field] ?? ""])));
}

export class ReviewState {
  #items;
  #verdicts = new Map();
  #signatures = new Map();
  #done = [];
  #undone = [];

  constructor(items, decisions) {
    this.items = items;
    this.#items = new Map(items.map((item) => [item.id, item]));
    this.receive(decisions);
  }

  item(id) { return this.#items.get(id); }
  verdict(id) { return this.#verdicts.get(id) ?? UNTOUCHED; }
  caption(id) { return this.verdict(id).caption || this.item(id).caption; }
  character(id) { return this.verdict(id).character || this.item(id).character; }

  // Who made the decision that the server holds, and its version there: {version, reviewer, at}.
  signature(id) { return this.#signatures.get(id) ?? { version: 0, reviewer: "", at: "" }; }

  get undoable() { return this.#done.at(-1)?.what ?? ""; }

  // Changes pictures in one step that can be undone; the ids that are really different now.
  change(ids, patchOf, what) {
    const changes = [];
    for (const id of ids) {
      const before = this.verdict(id);
      const after = Object.freeze({ ...before, ...patchOf(this.item(id), before) });
      if (!sameVerdict(before, after)) changes.push({ id, before, after });
    }
    if (!changes.length) return [];
    this.#done.push({ what, changes });
    this.#undone = [];
    return this.#put(changes.map(({ id, after }) => ({ id, to: after })));
  }

  undo() { return this.#step(this.#done, this.#undone, "after", "before"); }
  redo() { return this.#step(this.#undone, this.#done, "before", "after"); }

  // Takes over what the server holds; the ids whose verdict is another now.
  receive(decisions) {
    const changed = [];
    for (const [id, decision] of Object.entries(decisions)) {
      if (!this.#items.has(id)) continue;
      const { version, reviewer, decided_at: at } = decision;
      const verdict = verdictIn(decision);
      if (!sameVerdict(verdict, this.verdict(id))) changed.push(id);
      this.#verdicts.set(id, verdict);
      this.#signatures.set(id, { version, reviewer, at });
    }
    return changed;
  }

  // The server has taken what was sent; the verdict here may have moved on since.
  confirm(id, { version, reviewer, decided_at: at }) {
    this.#signatures.set(id, { version, reviewer, at });
  }

  counts() {
    const counts = { open: 0, approve: 0, reject: 0 };
    for (const item of this.items) counts[this.verdict(item.id).decision] += 1;
    return counts;
  }

  // A step back leaves alone what somebody else has decided since: {what, ids, left}.
  #step(from, to, expected, wanted) {
    const step = from.pop();
    if (!step) return null;
    const own = step.changes.filter(
      (change) => sameVerdict(change[expected], this.verdict(change.id)));
    to.push(step);
    const moves = own.map((change) => ({ id: change.id, to: change[wanted] }));
    return { what: step.what, ids: this.#put(moves), left: step.changes.length - own.length };
  }

  #put(moves) {
    for (const { id, to } of moves) this.#verdicts.set(id, to);
    return moves.map(({ id }) => id);
  }
}
