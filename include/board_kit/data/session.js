// One review in this browser: its document, the decisions, and keeping them in step with the store.
//
// Calls its listener: status({kind, text}) of saving; changed(ids); restarted() when the document
// has to be loaded again; contested(id, {mine, theirs}); decidedByOthers(who, count);
// cameTooLate(count) for changes that were not saved before the review was finished.

import { isolated } from "../page/visible.js";
import { DecisionState } from "./decision_state.js";
import { PageDrafts } from "./page_drafts.js";
import { randomId } from "./random_id.js";
import { SaveQueue } from "./save_queue.js";

const POLL_MS = 4000;

export class Session {
  #store;
  #blankVerdict;
  #listener;
  #queue;
  #drafts;
  #version;
  #pollTimer = 0;
  document = null;
  state = null;
  conflicts = new Map(); // of the ids that two people decided about: {mine, theirs}

  constructor(store, blankVerdict, listener) {
    this.#store = store;
    this.#blankVerdict = blankVerdict;
    this.#listener = listener;
  }

  get mayDecide() { return this.document.you.may_decide && !this.document.closed; }
  get saved() { return this.#queue.idle; }

  // Loads the document, again after the review was closed or reopened; rejects as the store does.
  async load() {
    clearTimeout(this.#pollTimer);
    this.document = await this.#store.load();
    const { run, items, decisions, version, limits } = this.document;
    this.state = new DecisionState(items, decisions, this.#blankVerdict);
    this.conflicts = new Map();
    this.#version = version;
    // A reopened review has a new log, in which old versions mean nothing.
    this.#drafts = new PageDrafts(`storyboard-unsaved:${location.pathname}:${run.opened_at}`);
    this.#queue?.close();
    this.#queue = new SaveQueue({
      store: this.#store, state: this.state, drafts: this.#drafts, batchMax: limits.batch_max,
      listener: {
        status: (status) => this.#listener.status(status),
        conflict: (id, mine, theirs) => this.#contest(id, { mine, theirs }),
        received: (ids) => this.#listener.changed(ids),
        finished: () => this.#listener.restarted(),
      },
    });
  }

  // Takes up what was not saved when the page was closed.
  resume() {
    const drafts = this.#drafts.read();
    if (this.mayDecide) this.#restore(drafts);
    else this.#discard(Object.keys(drafts).length);
  }

  // Reads what others decide, from now on.
  async follow() {
    if (!this.#store.changes) return;
    const followed = this.document;
    if (document.visibilityState === "visible") await this.readNews();
    if (this.document !== followed) return;
    this.#pollTimer = setTimeout(() => this.follow(), POLL_MS);
  }

  async readNews() {
    if (!this.#store.changes) return;
    const news = await this.#store.changes(this.#version).catch(() => null);
    if (!news) return; // saving reports an outage
    if (Boolean(news.closed) !== Boolean(this.document.closed)) {
      await this.#listener.restarted();
      return;
    }
    this.#version = news.version;
    // What is on its way from here is settled by the answer to it.
    const theirs = Object.entries(news.decisions).filter(([id, { version }]) =>
      !this.#queue.holds(id) && version > this.state.signature(id).version);
    const changed = this.state.receive(Object.fromEntries(theirs));
    if (!changed.length) return;
    this.#listener.changed(changed);
    const who = [...new Set(theirs.map(([, { reviewer }]) => isolated(reviewer)))].join(", ");
    this.#listener.decidedByOthers(who, changed.length);
  }

  change(ids, patchOf, what) {
    this.save(this.state.change(ids, patchOf, what));
  }

  // Saves and shows what undo, redo or a change has made different.
  save(ids) {
    for (const id of ids) this.conflicts.delete(id);
    this.#queue.add(ids);
    this.#listener.changed(ids);
  }

  keepTheirs(id) {
    this.conflicts.delete(id);
    this.#listener.changed([id]);
  }

  keepMine(id) {
    const { mine } = this.conflicts.get(id);
    this.keepTheirs(id);
    this.change([id], () => mine, "your decision");
  }

  // Sends everything and reads what others decided meanwhile.
  async settle() {
    await this.#queue.flush();
    await this.readNews();
  }

  // Rejects as the store does.
  async finish(final) {
    const request = { ...final, id: randomId(), based_on: this.#version };
    const { closed } = await this.#store.finish(request);
    if (closed) await this.#listener.restarted();
  }

  async reopen() {
    await this.#store.reopen();
  }

  #restore(drafts) {
    const restored = new Map();
    for (const [id, { based_on: basedOn, ...mine }] of Object.entries(drafts)) {
      if (!this.state.item(id) || this.state.isSame(mine, this.state.verdict(id))) continue;
      const theirs = this.document.decisions[id];
      if ((theirs?.version ?? 0) === basedOn) restored.set(id, mine);
      else this.conflicts.set(id, { mine, theirs });
    }
    this.change([...restored.keys()], ({ id }) => restored.get(id), "before the page was closed");
    this.#listener.changed([...this.conflicts.keys()]);
  }

  #discard(count) {
    this.#drafts.write({});
    if (count) this.#listener.cameTooLate(count);
  }

  #contest(id, conflict) {
    this.conflicts.set(id, conflict);
    this.#listener.contested(id, conflict);
  }
}
