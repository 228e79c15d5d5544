// Saves without being asked: collects changes, sends them in batches and retries until they are
// stored.
//
// Calls its listener: status({kind, text}), conflict(id, mine, theirs), received(ids),
// finished(closed). Kinds of status: saved, saving, offline, refused.

import { randomId } from "./random_id.js";

const COLLECT_MS = 350;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30000;
const REFUSED = new Set([401, 403, 404, 410, 413, 415, 422]);

export class SaveQueue {
  #store;
  #state;
  #drafts;
  #listener;
  #batchMax;
  #waiting = new Set();
  #batch = null;
  #timer = 0;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;
  #kept = true;
  #sending = null;

  // drafts: where unsaved changes survive the page, as {id: {based_on, and the verdict}}.
  constructor({ store, state, drafts, batchMax, listener }) {
    this.#store = store;
    this.#state = state;
    this.#drafts = drafts;
    this.#batchMax = batchMax;
    this.#listener = listener;
    addEventListener("online", () => this.flush());
    addEventListener("pagehide", () => this.flush());
  }

  get idle() { return !this.#waiting.size && !this.#batch; }

  // Whether a change of this item is not stored yet.
  holds(id) {
    return this.#waiting.has(id) || this.#sent.some((one) => one.image_id === id);
  }

  add(ids) {
    if (this.#closed || !ids.length) return;
    for (const id of ids) this.#waiting.add(id);
    this.#report("saving", "Saving…");
    this.#schedule(COLLECT_MS);
  }

  // Sends what waits; resolves when nothing waits, or when a retry has to be waited for.
  async flush() {
    clearTimeout(this.#timer);
    if (this.#sending || this.#closed) return this.#sending;
    this.#sending = this.#sendAll().finally(() => { this.#sending = null; });
    return this.#sending;
  }

  // Sends nothing more; what waits stays in the drafts.
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  get #sent() { return this.#batch?.decisions ?? []; }

  async #sendAll() {
    while (!this.idle && !this.#closed) {
      this.#batch ??= this.#nextBatch();
      try {
        this.#stored(await this.#store.save(this.#batch));
      } catch (refusal) {
        if (!(await this.#recover(refusal))) return;
      }
    }
    if (this.#closed) return;
    this.#report("saved", this.#kept ? "All saved" : "Lost when the page closes");
  }

  #nextBatch() {
    const ids = [...this.#waiting].slice(0, this.#batchMax);
    for (const id of ids) this.#waiting.delete(id);
    const decisions = ids.map((id) => ({ image_id: id, ...this.#draft(id) }));
    return { id: randomId(), decisions };
  }

  #draft(id) {
    return { based_on: this.#state.signature(id).version, ...this.#state.verdict(id) };
  }

  // A store whose answer would be lost with the page reports kept: false.
  #stored(answer) {
    this.#kept = answer.kept ?? true;
    for (const [id, stored] of Object.entries(answer.decisions)) this.#state.confirm(id, stored);
    const ids = this.#sent.map((one) => one.image_id);
    this.#batch = null;
    this.#retryMs = FIRST_RETRY_MS;
    this.#listener.received(ids);
    this.#writeDrafts();
  }

  // Returns whether to continue at once; everything else is kept and retried.
  async #recover(refusal) {
    if (refusal.error === "stale") return this.#adoptStale(refusal.decisions);
    if (refusal.error === "repeated") return this.#adoptRepeated();
    if (refusal.error === "closed") {
      this.close();
      this.#listener.finished(refusal.closed);
      return false;
    }
    if (REFUSED.has(refusal.status)) this.#giveBack(refusal);
    else this.#retryLater();
    return false;
  }

  #giveBack({ status, message }) {
    for (const { image_id: id } of this.#sent) this.#waiting.add(id);
    this.#batch = null;
    this.#report("refused", message);
    if (status === 401) this.#schedule(LAST_RETRY_MS);
  }

  #retryLater() {
    const seconds = Math.round(this.#retryMs / 1000);
    const count = this.#waiting.size + this.#sent.length;
    this.#report("offline", `Offline: ${count} unsaved, trying again in ${seconds} s`);
    this.#schedule(this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
  }

  // Somebody else decided first: theirs count, and the rest of the batch is sent again.
  #adoptStale(theirs) {
    for (const { image_id: id } of this.#sent) if (!(id in theirs)) this.#waiting.add(id);
    this.#batch = null;
    for (const [id, decision] of Object.entries(theirs)) {
      const mine = this.#state.verdict(id);
      this.#waiting.delete(id);
      this.#state.receive({ [id]: decision });
      if (!this.#state.isSame(mine, decision)) this.#listener.conflict(id, mine, decision);
    }
    this.#listener.received(Object.keys(theirs));
    this.#writeDrafts();
    return true;
  }

  // The batch was stored already and its answer got lost.
  async #adoptRepeated() {
    const since = Math.min(...this.#sent.map((one) => one.based_on));
    const news = await this.#store.changes(since).catch(() => null);
    if (!news) {
      this.#retryLater();
      return false;
    }
    for (const { image_id: id } of this.#sent) {
      if (news.decisions[id]) this.#state.confirm(id, news.decisions[id]);
    }
    this.#batch = null;
    this.#writeDrafts();
    return true;
  }

  #schedule(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  #report(kind, text) {
    this.#writeDrafts();
    this.#listener.status({ kind, text });
  }

  #writeDrafts() {
    const ids = [...this.#waiting, ...this.#sent.map((one) => one.image_id)];
    this.#drafts.write(Object.fromEntries(ids.map((id) => [id, this.#draft(id)])));
  }
}
