// What has been decided about each item, with undo and redo. Knows no page and no server.
//
// A verdict is {decision, ...}: the fields of the board's blank verdict, as they travel to the
// server. decision is "open" or one of the board's own words; the other fields are empty while they
// are as the pipeline made them.

const NOBODY = Object.freeze({ version: 0, reviewer: "", at: "", origin: null });

export class DecisionState {
  #blank;
  #fields;
  #items;
  #verdicts = new Map();
  #counts = new Map();
  #signatures = new Map();
  #done = [];
  #undone = [];

  constructor(items, decisions, blankVerdict) {
    this.#blank = Object.freeze({ ...blankVerdict });
    this.#fields = Object.keys(blankVerdict);
    this.items = items;
    this.#items = new Map(items.map((item) => [item.id, item]));
    this.#counts.set(this.#blank.decision, items.length);
    this.receive(decisions);
  }

  item(id) { return this.#items.get(id); }
  verdict(id) { return this.#verdicts.get(id) ?? this.#blank; }

  // A field of the verdict, or the item's own value while the verdict leaves it empty.
  value(id, field) { return this.verdict(id)[field] || this.item(id)[field]; }

  // Who made the decision that the server holds, and its version there:
  // {version, reviewer, at, origin}; origin: {run} of the earlier review that it is from, or null.
  signature(id) { return this.#signatures.get(id) ?? NOBODY; }

  isSame(one, other) {
    return this.#fields.every((field) => one[field] === other[field]);
  }

  count(decision) { return this.#counts.get(decision) ?? 0; }

  // What undo would take back; "" when there is nothing.
  get undoable() { return this.#done.at(-1)?.what ?? ""; }

  // Changes items in one step that can be undone; returns the ids whose verdict differs now.
  change(ids, patchOf, what) {
    const changes = [];
    for (const id of ids) {
      const before = this.verdict(id);
      const after = Object.freeze({ ...before, ...patchOf(this.item(id), before) });
      if (!this.isSame(before, after)) changes.push({ id, before, after });
    }
    if (!changes.length) return [];
    this.#done.push({ what, changes });
    this.#undone = [];
    return this.#set(changes.map(({ id, after }) => ({ id, to: after })));
  }

  // Both return {what, ids, skipped}, or null when there is no step.
  undo() { return this.#step(this.#done, this.#undone, "after", "before"); }
  redo() { return this.#step(this.#undone, this.#done, "before", "after"); }

  // Adopts what the server holds; returns the ids whose verdict differs now.
  receive(decisions) {
    const changed = [];
    for (const [id, decision] of Object.entries(decisions)) {
      if (!this.#items.has(id)) continue;
      const verdict = this.#verdictIn(decision);
      if (!this.isSame(verdict, this.verdict(id))) changed.push(id);
      this.#put(id, verdict);
      this.confirm(id, decision);
    }
    return changed;
  }

  // The server has stored what was sent; the verdict here may have changed since.
  confirm(id, { version, reviewer, decided_at: at, origin = null }) {
    this.#signatures.set(id, { version, reviewer, at, origin });
  }

  #verdictIn(decision) {
    return Object.freeze(Object.fromEntries(
      this.#fields.map((field) => [field, decision[field] ?? ""])));
  }

  // Skips what somebody else has decided since.
  #step(from, to, expected, wanted) {
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    const own = step.changes.filter(
      (change) => this.isSame(change[expected], this.verdict(change.id)));
    const ids = this.#set(own.map((change) => ({ id: change.id, to: change[wanted] })));
    return { what: step.what, ids, skipped: step.changes.length - own.length };
  }

  #set(moves) {
    for (const { id, to } of moves) this.#put(id, to);
    return moves.map(({ id }) => id);
  }

  #put(id, verdict) {
    const { decision: before } = this.verdict(id);
    this.#counts.set(before, this.count(before) - 1);
    this.#counts.set(verdict.decision, this.count(verdict.decision) + 1);
    this.#verdicts.set(id, verdict);
  }
}
