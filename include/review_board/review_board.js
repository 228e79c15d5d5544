// The review board: puts the parts together and carries out what the reviewer asks for.

import { ActionBar } from "./action_bar.js";
import { button, el, moment, plural } from "./dom.js";
import { askFinish } from "./finish_sheet.js";
import { Loupe } from "./loupe.js";
import { PageDrafts } from "./page_drafts.js";
import { DECIDED } from "./picture_card.js";
import { PictureGrid } from "./picture_grid.js";
import { randomId } from "./random_id.js";
import { ReviewActions } from "./review_actions.js";
import { ReviewFilter } from "./review_filter.js";
import { ReviewState, sameVerdict } from "./review_state.js";
import { SaveQueue } from "./save_queue.js";
import { TopBar } from "./top_bar.js";

const POLL_MS = 4000;
const AGAIN_MS = 2000;
const TOAST_MS = 7000;
const LOOK_ONLY = "You can look at this review. Deciding needs the right to answer the tasks of "
  + "this DAG.";

export async function mountBoard(root, store) {
  const board = new ReviewBoard(root, store);
  await board.start();
  return board;
}

class ReviewBoard {
  #store;
  #document;
  #queue;
  #top;
  #bar;
  #actions = new ReviewActions(this);
  #films = 1;
  #pending;
  #version;
  #pollTimer = 0;
  #toastTimer = 0;
  #toast = el("div", { class: "toast", popover: "manual" });
  #live = el("p", { class: "unseen", "aria-live": "polite" });

  constructor(root, store) {
    this.root = root;
    this.#store = store;
    root.classList.add("review-board");
    document.addEventListener("keydown", (event) => {
      if (this.grid) this.#actions.pressed(event);
    });
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
    if (this.loupe?.open && this.grid.current) this.loupe.show(this.grid.current);
  }

  selectionChanged() { this.#bar.update(); }

  filterChanged() {
    this.grid.filter((item) => this.filter.matches(item));
    this.filter.update(this.grid.shown.length);
    this.#bar.update();
  }

  setCaption(id, caption) {
    this.change([id], () => ({ caption }), "caption");
  }

  // Both decisions were shown; the reviewer has chosen.
  settle(id, useMine) {
    const { mine } = this.conflicts.get(id);
    this.conflicts.delete(id);
    if (useMine) this.change([id], () => mine, "your decision");
    this.#refresh([id]);
    this.grid.go(id);
  }

  // A picture that did not come is asked for once more. Links of an A2I page end after a while.
  pictureLost(image) {
    const source = image.getAttribute("src");
    if (image.dataset.again === source) {
      this.say("Some pictures cannot be shown. Load the page again to get them.", true);
      return;
    }
    image.dataset.again = source;
    setTimeout(() => {
      if (image.getAttribute("src") === source) image.src = source;
    }, AGAIN_MS);
  }

  // -- What a reviewer has done

  do(does, number) { this.#actions.do(does, number); }
  actOn(does, id) { this.#actions.on(does, id); }

  change(ids, patchOf, what) { this.took(this.state.change(ids, patchOf, what)); }

  // These pictures have another verdict now: it wants saving, and showing.
  took(ids) {
    for (const id of ids) this.conflicts.delete(id);
    this.#queue.add(ids);
    this.#refresh(ids);
  }

  async finish() {
    this.loupe.close();
    await this.#queue.flush();
    await this.#readNews();
    if (!this.#queue.idle) {
      this.say("Not everything is saved yet; finish once it is.", true);
      return;
    }
    if (this.conflicts.size) {
      this.say("Choose between the two decisions first.", true);
      this.filter.show("contested");
      return;
    }
    askFinish(this, (final) => this.#sendFinal(final));
  }

  async #sendFinal(final) {
    try {
      const request = { ...final, id: randomId(), based_on: this.#version };
      const { closed } = await this.#store.finish(request);
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

  // -- Keeping up with the server

  #resume() {
    if (this.mayDecide) this.#restore(this.#pending.read());
    else this.#giveUp(this.#pending.read());
    const { shown } = this.grid;
    const open = shown.find((id) => this.state.verdict(id).decision === "open") ?? shown[0];
    if (open && this.mayDecide) this.grid.go(open);
  }

  // What was not saved when the page was closed: {id: {based_on, and the verdict}}.
  #restore(kept) {
    const restored = [];
    for (const [id, { based_on: basedOn, ...mine }] of Object.entries(kept)) {
      if (!this.state.item(id) || sameVerdict(mine, this.state.verdict(id))) continue;
      const theirs = this.#document.decisions[id];
      if ((theirs?.version ?? 0) === basedOn) restored.push([id, mine]);
      else this.conflicts.set(id, { mine, theirs });
    }
    const byId = new Map(restored);
    this.change([...byId.keys()], ({ id }) => byId.get(id), "before the page was closed");
    this.#refresh([...this.conflicts.keys()]);
  }

  #giveUp(kept) {
    const late = Object.keys(kept).length;
    this.#pending.write({});
    if (late) this.say(`${plural(late, "change")} of yours came too late and did not count.`, true);
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
    const what = `${theirs.reviewer} ${DECIDED[theirs.decision]} a picture that you changed too`;
    this.say(`${what}: choose on it.`, true);
  }

  // -- The page

  #build() {
    const { run, items, decisions, version, limits, instructions } = this.#document;
    this.state = new ReviewState(items, decisions);
    this.conflicts = new Map();
    this.#version = version;
    this.#films = new Set(items.map((item) => item.video)).size;
    // A review that is opened anew has another log, to which old versions mean nothing.
    this.#pending = new PageDrafts(`storyboard-unsaved:${location.pathname}:${run.opened_at}`);
    this.#queue?.retire();
    this.#queue = new SaveQueue(this.#store, this.state, limits.batch_max, this.#pending, {
      status: (status) => this.#top.status(status),
      conflict: (id, mine, theirs) => this.#contest(id, mine, theirs),
      received: (ids) => this.#refresh(ids),
      finished: () => this.start(),
    });
    this.loupe = new Loupe(this);
    this.grid = new PictureGrid(this);
    this.filter = new ReviewFilter(this);
    this.#top = new TopBar(this, run.title);
    this.#bar = new ActionBar(this);
    const you = this.you ? ` You are reviewing as ${this.you}.` : "";
    this.grid.element.prepend(...this.#notices(), el("p", { class: "intro" }, instructions, you));
    this.root.replaceChildren(this.#top.element, this.filter.element, this.grid.element,
      ...(this.mayDecide ? [this.#bar.element] : []), this.loupe.element, this.#toast, this.#live);
    this.#top.status({ kind: "saved", text: this.mayDecide ? "All saved" : "Read only" });
    this.filterChanged();
    this.#refresh([]);
  }

  #notices() {
    const { closed, may_reopen: mayReopen, you } = this.#document;
    if (closed) {
      const text = el("p", {}, el("b", {}, "This review is finished. "),
        `${closed.by}, ${moment(closed.at)}. The run goes on by itself.`);
      const again = mayReopen && you.may_decide;
      return [el("div", { class: "notice done", role: "status" }, text,
        again ? button("Reopen", () => this.#reopen()) : null)];
    }
    return you.may_decide ? [] : [el("p", { class: "notice" }, LOOK_ONLY)];
  }

  #refresh(ids) {
    this.grid.update(ids);
    this.filterChanged();
    this.#top.update();
    this.loupe.update();
    const { open } = this.state.counts();
    const all = this.state.items.length;
    document.title = `${all - open}/${all} ${this.#document.run.title}`;
    this.root.classList.toggle("complete", !open);
  }

  #showRefusal({ status, message }) {
    const title = status === 404 ? "There is nothing to review here" : "The review cannot be shown";
    this.root.replaceChildren(el("div", { class: "refused" }, el("h1", {}, title),
      el("p", {}, message), button("Try again", () => this.start(), { class: "main" })));
  }

  // Tells those who listen; and those who see, where it is not plain to be seen anyway.
  say(text, seen = false) {
    this.#live.textContent = text;
    if (!seen) return;
    clearTimeout(this.#toastTimer);
    this.#toast.replaceChildren(el("span", {}, text));
    // Hidden first, so that it comes to lie above a sheet that was opened since.
    this.#toast.hidePopover();
    this.#toast.showPopover();
    this.#toastTimer = setTimeout(() => this.#toast.hidePopover(), TOAST_MS);
  }
}
