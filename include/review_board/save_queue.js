// Saves by itself: gathers what changed, sends it in batches, and tries again until it is stored.
//
// Tells its listener: status({kind, text}), conflict(id, mine, theirs), received(ids),
// finished(closed). Kinds of status: saved, saving, offline, refused, closed.

import { randomId } from "./random_id.js";
import { sameVerdict } from "./review_state.js";

const GATHER_MS = 350;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30000;
const REFUSED = new Set([401, 403, 404, 410, 413, 415, 422]);

export class SaveQueue {
  #store;
  #state;
  #listener;
  #size;
  #keep;
  #waiting = new Set();
  #batch = null;
  #timer = 0;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;
  #kept = true;
  #sending = null;

  constructor(store, state, size, keep, listener) {
    this.#store = store;
    this.#state = state;
    this.#size = size;
    this.#keep = keep;
    this.#listener = listener;
    addEventListener("online", () => this.flush());
    addEventListener("pagehide", () => this.flush());
  }

  get idle() { return !this.#waiting.size && !this.#batch; }

  get #sent() { return this.#batch?.decisions ?? []; }

  // Whether a change of this picture is still on its way.
  holds(id) {
    return this.#waiting.has(id) || this.#sent.some((one) => one.image_id === id);
  }

  add(ids) {
    if (this.#closed || !ids.length) return;
    for (const id of ids) this.#waiting.add(id);
    this.#tell("saving", "Saving…");
    this.#schedule(GATHER_MS);
  }

  // Sends what waits; resolves once nothing does, or once it has to wait for a retry.
  async flush() {
    clearTimeout(this.#timer);
    if (this.#sending || this.#closed) return this.#sending;
    this.#sending = this.#sendAll().finally(() => { this.#sending = null; });
    return this.#sending;
  }

  // Nothing is sent any more; what waits stays kept for the next time.
  retire() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #sendAll() {
    while (!this.idle && !this.#closed) {
      this.#batch ??= this.#nextBatch();
      try {
        const answer = await this.#store.save(this.#batch);
        this.#stored(answer);
      } catch (refusal) {
        if (!(await this.#recover(refusal))) return;
      }
    }
    if (!this.#closed) this.#tell("saved", this.#kept ? "All saved" : "Lost when the page closes");
  }

  #nextBatch() {
    const ids = [...this.#waiting].slice(0, this.#size);
    for (const id of ids) this.#waiting.delete(id);
    const decisions = ids.map((id) => ({
      image_id: id, based_on: this.#state.signature(id).version, ...this.#state.verdict(id),
    }));
    return { id: randomId(), decisions };
  }

  // A store that can keep nothing over the closing of the page says so (kept: false).
  #stored(answer) {
    this.#kept = answer.kept ?? true;
    for (const [id, stored] of Object.entries(answer.decisions)) this.#state.confirm(id, stored);
    const ids = this.#batch.decisions.map((one) => one.image_id);
    this.#batch = null;
    this.#retryMs = FIRST_RETRY_MS;
    this.#listener.received(ids);
    this.#keepWaiting();
  }

  // Whether to go on at once; everything that cannot is kept and tried again.
  async #recover(refusal) {
    if (refusal.error === "stale") return this.#settleStale(refusal.decisions);
    if (refusal.error === "repeated") return this.#adoptRepeated();
    if (refusal.error === "closed") {
      this.retire();
      this.#listener.finished(refusal.closed);
      return false;
    }
    if (REFUSED.has(refusal.status)) {
      this.#requeue();
      this.#tell("refused", refusal.message);
      if (refusal.status === 401) this.#schedule(LAST_RETRY_MS);
      return false;
    }
    const seconds = Math.round(this.#retryMs / 1000);
    const count = this.#waiting.size + this.#batch.decisions.length;
    this.#tell("offline", `Offline: ${count} unsaved, trying again in ${seconds} s`);
    this.#schedule(this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    return false;
  }

  #settleStale(theirs) {
    const mine = new Map(this.#batch.decisions.map((one) => [one.image_id, one]));
    for (const id of mine.keys()) if (!(id in theirs)) this.#waiting.add(id);
    this.#batch = null;
    for (const [id, decision] of Object.entries(theirs)) {
      const verdict = this.#state.verdict(id);
      this.#waiting.delete(id);
      this.#state.receive({ [id]: decision });
      if (!sameVerdict(verdict, decision)) this.#listener.conflict(id, verdict, decision);
    }
    this.#listener.received(Object.keys(theirs));
    this.#keepWaiting();
    return true;
  }

  async #adoptRepeated() {
    const sent = this.#batch.decisions;
    const news = await this.#store.changes(Math.min(...sent.map((one) => one.based_on)));
    for (const { image_id: id } of sent) {
      if (news.decisions[id]) this.#state.confirm(id, news.decisions[id]);
    }
    this.#batch = null;
    this.#keepWaiting();
    return true;
  }

  #requeue() {
    for (const { image_id: id } of this.#batch.decisions) this.#waiting.add(id);
    this.#batch = null;
  }

  #schedule(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  #tell(kind, text) {
    this.#keepWaiting();
    this.#listener.status({ kind, text });
  }

  // What is not stored yet survives the page: {id: {based_on, and the verdict}}.
  #keepWaiting() {
    const ids = [...this.#waiting, ...this.#sent.map((one) => one.image_id)];
    this.#keep.write(Object.fromEntries(ids.map((id) => [
      id, { based_on: this.#state.signature(id).version, ...this.#state.verdict(id) },
    ])));
  }
}
