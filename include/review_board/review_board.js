// The review board: puts the parts together and carries out what the reviewer asks for.

import { ActionBar } from "./action_bar.js";
import { button, el, moment, plural } from "./dom.js";
import { Loupe } from "./loupe.js";
import { PageDrafts } from "./page_drafts.js";
import { DECIDED } from "./picture_card.js";
import { PictureGrid } from "./picture_grid.js";
import { ReviewFilter } from "./review_filter.js";
import { wishOf } from "./review_keys.js";
import { ReviewState, sameVerdict } from "./review_state.js";
import { SaveQueue } from "./save_queue.js";
import { askCharacter, askFinish, askReason, showHelp } from "./sheets.js";
import { TopBar } from "./top_bar.js";

const POLL_MS = 4000;
const RENEW_MS = 20000;
const TOAST_MS = 7000;

export async function mountBoard(root, store) {
  const board = new ReviewBoard(root, store);
  await board.start();
  document.addEventListener("keydown", (event) => board.pressed(event));
  return board;
}

class ReviewBoard {
  #store;
  #document;
  #queue;
  #top;
  #bar;
  #loupe;
  #version;
  #pollTimer = 0;
  #toastTimer = 0;
  #renewed = 0;
  #toast = el("div", { class: "toast", hidden: true });
  #live = el("p", { class: "unseen", "aria-live": "polite" });

  constructor(root, store) {
    this.root = root;
    this.#store = store;
    root.classList.add("review-board");
  }

  async start() {
    clearTimeout(this.#pollTimer);
    try {
      this.#document = await this.#store.load();
    } catch (refusal) {
      this.#showRefusal(refusal);
      return;
    }
    this.#build();
    this.#resume();
    this.#poll();
  }

  // -- What the parts ask about

  get characters() { return this.#document.characters; }
  get limits() { return this.#document.limits; }
  get reasons() { return this.#document.reasons; }
  get cost() { return this.#document.cost; }
  get leastApproved() { return this.#document.least_approved; }
  get you() { return this.#document.you.name; }
  get mayDecide() { return this.#document.you.may_decide && !this.#document.closed; }

  nameOf(id) { return this.characters.find((one) => one.id === id)?.name ?? id; }
  shotKey(item) { return `${item.video}#${item.shot}`; }

  shotName(item) {
    const name = `Shot ${item.shot + 1}`;
    return this.#films > 1 ? `${item.video}, ${name.toLowerCase()}` : name;
  }

  captionOf(id) {
    const { caption: original } = this.state.item(id);
    return { caption: this.state.caption(id), original, character: this.state.character(id) };
  }

  // -- What the parts report

  moved() {
    if (this.#loupe?.open && this.grid.current) this.#loupe.show(this.grid.current);
  }

  selectionChanged() { this.#bar.update(); }

  filterChanged() {
    this.grid.filter((item) => this.filter.matches(item));
    this.filter.update(this.grid.shown.length);
    this.#bar.update();
  }

  setCaption(id, caption) {
    this.#change([id], () => ({ caption }), "caption");
  }

  // Both decisions were shown; the reviewer has chosen.
  settle(id, useMine) {
    const { mine } = this.conflicts.get(id);
    this.conflicts.delete(id);
    if (useMine) this.#change([id], () => mine, "your decision");
    this.#refresh([id]);
    this.grid.go(id);
  }

  // Picture links live for minutes; one that fails is a sign that all want renewing.
  async renewLinks() {
    if (!this.#document.links_expire_at || Date.now() - this.#renewed < RENEW_MS) return;
    this.#renewed = Date.now();
    const fresh = await this.#store.load().catch(() => null);
    for (const { id, picture_url, thumb_url, neighbours } of fresh?.items ?? []) {
      const item = this.state.item(id);
      if (item) Object.assign(item, { picture_url, thumb_url, neighbours });
    }
    this.grid.renewPictures();
  }

  // -- What the reviewer asks for

  pressed(event) {
    if (event.defaultPrevented || event.target.closest?.("dialog.sheet, input, textarea, select")) return;
    if (event.key === "Enter" && event.target.closest?.("button")) return;
    const wish = wishOf(event);
    if (!wish || !this.grid) return;
    event.preventDefault();
    this.do(wish.does, wish.number);
  }

  do(does, number = 0) {
    const targets = this.#targets();
    this.#carryOut(does, targets, number, targets.length === 1);
  }

  // A button on a picture: for the selection when the picture belongs to it. The reviewer stays.
  actOn(does, id) {
    if (does === "select") { this.grid.toggle(id); return; }
    this.grid.go(id);
    const pressedAgain = this.state.verdict(id).decision === does;
    const targets = this.grid.selected.has(id) ? this.#targets() : [id];
    this.#carryOut(pressedAgain ? "reopen" : does, targets, 0, false);
  }

  #targets() {
    const { current, selected, shown } = this.grid;
    if (selected.size && !this.#loupe.open) return shown.filter((id) => selected.has(id));
    return current ? [current] : [];
  }

  #carryOut(does, targets, number, goOn) {
    const step = STEPS[does];
    if (step) { step(this.grid); return; }
    if (LOOKS[does]) { this.#look(does); return; }
    if (!this.mayDecide) { this.say("You can look at this review, not decide in it."); return; }
    if (does === "undo" || does === "redo") this.#goBack(does);
    else if (does === "finish") this.#finish();
    else if (targets.length) this.#decide(does, targets, number, goOn);
  }

  #look(does) {
    const { grid } = this;
    if (does === "help") showHelp(this);
    if (does === "search") { this.#loupe.close(); this.filter.focus(); }
    if (does === "next") this.#goToUndecided();
    if (does === "escape" && !(this.#loupe.open && this.#loupe.back())) {
      if (this.#loupe.open) this.#loupe.close();
      else grid.clearSelection();
    }
    if (!grid.current) return;
    if (does === "zoom") this.#loupe.open ? this.#loupe.closer() : this.#loupe.show(grid.current);
    if (does === "neighbour") {
      if (!this.#loupe.open) this.#loupe.show(grid.current);
      this.#loupe.neighbour(1);
    }
  }

  #decide(does, ids, number, goOn) {
    const reject = (reason) => this.#settleOn(ids, { decision: "reject", reason }, "rejected", goOn);
    if (does === "approve") this.#settleOn(ids, { decision: "approve", reason: "" }, "approved", goOn);
    if (does === "reject") askReason(this, ids.length, reject);
    if (does === "reason" && this.reasons[number - 1]) reject(this.reasons[number - 1]);
    if (does === "reopen") this.#settleOn(ids, { decision: "open", reason: "" }, "undecided", false);
    if (does === "edit") this.#loupe.open ? this.#loupe.edit() : this.grid.card(this.grid.current).edit();
    if (does === "character") askCharacter(this, ids.length, (id) => this.#reassign(ids, id));
    if (does === "select") { this.grid.toggle(this.grid.current); this.grid.step(1); }
  }

  #settleOn(ids, patch, what, goOn) {
    const next = this.grid.shown[this.grid.place + 1];
    this.#change(ids, () => patch, what);
    const { open } = this.state.counts();
    this.say(`${plural(ids.length, "picture")} ${what}. ${open ? `${open} to go.` : "Everything is decided."}`, ids.length > 1 || !open);
    if (ids.length > 1) this.grid.clearSelection();
    if (goOn && next) this.grid.go(next);
    else if (!this.#loupe.open) this.grid.focus();
    if (this.#loupe.open) this.#loupe.show(this.grid.current);
  }

  #reassign(ids, character) {
    this.#change(ids, (item) => ({ character: character === item.character ? "" : character }), "character");
    this.say(`${plural(ids.length, "picture")} given to ${this.nameOf(character)}.`, ids.length > 1);
    if (!this.#loupe.open) this.grid.focus();
  }

  #goBack(direction) {
    const step = this.state[direction]();
    if (!step) { this.say("There is nothing to undo.", true); return; }
    this.#queue.add(step.ids);
    this.#refresh(step.ids);
    const done = direction === "undo" ? "Undone" : "Done again";
    const left = step.left ? ` ${plural(step.left, "picture")} left alone: decided anew since.` : "";
    this.say(`${done}: ${step.what}, ${plural(step.ids.length, "picture")}.${left}`, true);
    if (this.grid.shown.includes(step.ids[0])) this.grid.go(step.ids[0]);
    if (this.#loupe.open) this.#loupe.show(this.grid.current);
  }

  #goToUndecided() {
    const { shown, place } = this.grid;
    const rest = [...shown.slice(place + 1), ...shown.slice(0, place + 1)];
    const next = rest.find((id) => this.state.verdict(id).decision === "open");
    if (next) this.grid.go(next);
    else this.say("Everything that is shown is decided.", true);
  }

  async #finish() {
    this.#loupe.close();
    await this.#queue.flush();
    await this.#readNews();
    if (!this.#queue.idle) { this.say("Not everything is saved yet; finish once it is.", true); return; }
    if (this.conflicts.size) {
      this.say("Choose between the two decisions first.", true);
      this.filter.show("contested");
      return;
    }
    askFinish(this, (final) => this.#sendFinal(final));
  }

  async #sendFinal(final) {
    try {
      const { closed } = await this.#store.finish({ ...final, based_on: this.#version });
      if (closed) await this.start();
    } catch (refusal) {
      await this.#readNews();
      if (refusal.consent_usd != null) this.#document.cost.consent_usd = refusal.consent_usd;
      this.say(refusal.message, true);
      if (refusal.error === "closed") await this.start();
    }
  }

  async #reopen() {
    await this.#store.reopen().catch((refusal) => this.say(refusal.message, true));
    await this.start();
  }

  #change(ids, patchOf, what) {
    const changed = this.state.change(ids, patchOf, what);
    for (const id of changed) this.conflicts.delete(id);
    this.#queue.add(changed);
    this.#refresh(changed);
  }

  // -- Keeping up with the server

  #resume() {
    const kept = this.#pending.read();
    const restored = [];
    for (const [id, { based_on: basedOn, ...mine }] of Object.entries(kept)) {
      if (!this.state.item(id) || sameVerdict(mine, this.state.verdict(id))) continue;
      const theirs = this.#document.decisions[id];
      if ((theirs?.version ?? 0) === basedOn) restored.push([id, mine]);
      else this.conflicts.set(id, { mine, theirs });
    }
    const byId = new Map(restored);
    if (this.mayDecide) this.#change([...byId.keys()], ({ id }) => byId.get(id), "before the page was closed");
    this.#refresh([...this.conflicts.keys()]);
    const { shown } = this.grid;
    const open = shown.find((id) => this.state.verdict(id).decision === "open") ?? shown[0];
    if (open) this.grid.go(open);
  }

  async #poll() {
    if (!this.#store.changes) return;
    if (document.visibilityState === "visible") await this.#readNews();
    this.#pollTimer = setTimeout(() => this.#poll(), POLL_MS);
  }

  async #readNews() {
    if (!this.#store.changes) return;
    const news = await this.#store.changes(this.#version).catch(() => null);
    if (!news) return; // a save says so when the server is away
    if (Boolean(news.closed) !== Boolean(this.#document.closed)) { await this.start(); return; }
    this.#version = news.version;
    // What is on its way from here is settled by the answer to it.
    const theirs = Object.entries(news.decisions).filter(([id, { version }]) =>
      !this.#queue.holds(id) && version > this.state.signature(id).version);
    const changed = this.state.receive(Object.fromEntries(theirs));
    if (!changed.length) return;
    this.#refresh(changed);
    const who = [...new Set(theirs.map(([, { reviewer }]) => reviewer))].join(", ");
    this.say(`${who} decided about ${plural(changed.length, "picture")}.`, true);
  }

  #contest(id, mine, theirs) {
    this.conflicts.set(id, { mine, theirs });
    this.#refresh([id]);
    this.say(`${theirs.reviewer} ${DECIDED[theirs.decision]} a picture that you changed too: choose on it.`, true);
  }

  // -- The page

  #build() {
    const { run, items, decisions, version, limits, instructions } = this.#document;
    this.state = new ReviewState(items, decisions);
    this.conflicts = new Map();
    this.#version = version;
    this.#films = new Set(items.map((item) => item.video)).size;
    this.#pending = new PageDrafts(`storyboard-unsaved:${location.pathname}:${run.run_id}`);
    this.#queue?.retire();
    this.#queue = new SaveQueue(this.#store, this.state, limits.batch_max, this.#pending, {
      status: (status) => this.#top.status(status),
      conflict: (id, mine, theirs) => this.#contest(id, mine, theirs),
      received: (ids) => this.#refresh(ids),
      finished: () => this.start(),
    });
    this.#loupe = new Loupe(this);
    this.grid = new PictureGrid(this);
    this.filter = new ReviewFilter(this);
    this.#top = new TopBar(this, run.title);
    this.#bar = new ActionBar(this);
    this.grid.element.prepend(...this.#notices(), el("p", { class: "intro" }, instructions));
    this.root.replaceChildren(this.#top.element, this.filter.element, this.grid.element,
      ...(this.mayDecide ? [this.#bar.element] : []), this.#loupe.element, this.#toast, this.#live);
    this.#top.status({ kind: "saved", text: this.mayDecide ? "All saved" : "Read only" });
    this.filterChanged();
    this.#refresh([]);
  }

  #films;
  #pending;

  #notices() {
    const { closed, may_reopen: mayReopen, you } = this.#document;
    if (closed) {
      const again = mayReopen && you.may_decide ? button("Reopen", () => this.#reopen()) : null;
      return [el("div", { class: "notice done", role: "status" }, el("p", {},
        el("b", {}, "This review is finished. "), `${closed.by}, ${moment(closed.at)}. The run goes on by itself.`), again)];
    }
    if (!you.may_decide) return [el("p", { class: "notice" }, "You can look at this review. Deciding needs the right to answer the tasks of this DAG.")];
    return [];
  }

  #refresh(ids) {
    this.grid.update(ids);
    this.filterChanged();
    this.#top.update();
    this.#loupe.update();
    const { open } = this.state.counts();
    document.title = `${this.state.items.length - open}/${this.state.items.length} ${this.#document.run.title}`;
    this.root.classList.toggle("complete", !open);
  }

  #showRefusal({ message }) {
    this.root.replaceChildren(el("div", { class: "refused" }, el("h1", {}, "The review cannot be shown"),
      el("p", {}, message), button("Try again", () => this.start(), { class: "main" })));
  }

  // Tells those who listen; and those who see, where it is not plain to be seen anyway.
  say(text, seen = false) {
    this.#live.textContent = text;
    if (!seen) return;
    clearTimeout(this.#toastTimer);
    this.#toast.hidden = false;
    this.#toast.replaceChildren(el("span", {}, text));
    this.#toastTimer = setTimeout(() => { this.#toast.hidden = true; }, TOAST_MS);
  }
}

// Where to go, and what to look at: anybody may.
const STEPS = {
  left: (grid) => grid.step(-1),
  right: (grid) => grid.step(1),
  up: (grid) => grid.row(-1),
  down: (grid) => grid.row(1),
  first: (grid) => grid.end(false),
  last: (grid) => grid.end(true),
  all: (grid) => grid.selectAll(),
};
const LOOKS = { help: 1, search: 1, next: 1, escape: 1, zoom: 1, neighbour: 1 };
