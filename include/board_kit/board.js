// What every board is: a session, a grid with a filter, a loupe, bars and messages.
//
// A board extends this class; the README beside this file lists what it defines.

import { Session } from "./data/session.js";
import { button, el } from "./page/dom.js";
import { Messages } from "./page/messages.js";
import { plural, shortTime } from "./page/text.js";
import { isolated } from "./page/visible.js";
import { ActionBar } from "./parts/action_bar.js";
import { TopBar } from "./parts/top_bar.js";

const RETRY_IMAGE_MS = 2000;
const REQUIRED = [
  "makeActions", "makeFilter", "makeGrid", "makeLoupe", "actionButtons", "openFinishSheet",
];

export class Board {
  #session;
  #messages = new Messages();
  #top;
  #bar;

  // root: an empty element of the page. store: see the README. blankVerdict: see DecisionState.
  constructor(root, store, blankVerdict) {
    for (const name of REQUIRED) {
      if (!this[name]) throw new TypeError(`${this.constructor.name} does not define ${name}().`);
    }
    this.root = root;
    root.classList.add("board");
    this.#session = new Session(store, blankVerdict, {
      status: (status) => this.#top.status(status),
      changed: (ids) => this.refresh(ids),
      restarted: () => this.start(),
      contested: (id, { theirs }) => this.#showContested(id, theirs),
      decidedByOthers: (who, count) => this.#notify(`${who} decided on ${this.counted(count)}.`),
      cameTooLate: (count) => this.#notify(
        `${plural(count, "change")} of yours came too late and did not count.`),
    });
    document.addEventListener("keydown", (event) => this.actions?.pressed(event));
  }

  async start() {
    try {
      await this.#session.load();
    } catch (refusal) {
      this.#showRefusal(refusal);
      return;
    }
    this.#build();
    this.#session.resume();
    this.#goToFirstOpen();
    this.#session.follow();
  }

  // -- What the parts read

  get document() { return this.#session.document; }
  get state() { return this.#session.state; }
  get conflicts() { return this.#session.conflicts; }
  get limits() { return this.document.limits; }
  get you() { return this.document.you.name; }
  get mayDecide() { return this.#session.mayDecide; }

  // The words of the top bar; a board may have others.
  get finishLabel() { return "Finish…"; }
  get decidedWord() { return "decided"; }

  // -- What the parts report

  moved() {
    if (this.loupe.open && this.grid.current) this.loupe.show(this.grid.current);
  }

  selectionChanged() { this.#bar.update(this.grid.selected.size); }

  // ids: of the items that have changed; without them, what is shown has changed.
  filterChanged(ids) {
    if (ids) this.filter.recount(ids);
    this.grid.filter((item) => this.filter.matches(item), ids);
    this.filter.update(this.grid.shown.length);
    this.selectionChanged();
  }

  // Retries an image that failed to load once. Links of an A2I page expire.
  retryImage(image) {
    const source = image.getAttribute("src");
    if (image.dataset.retried === source) {
      this.#notify("Some pictures cannot be shown. Reload the page to get them.");
      return;
    }
    image.dataset.retried = source;
    setTimeout(() => {
      if (image.getAttribute("src") === source) image.src = source;
    }, RETRY_IMAGE_MS);
  }

  // -- What the reviewer does

  do(command, number) { this.actions.do(command, number); }
  doOn(command, id) { this.actions.doOn(command, id); }

  change(ids, patchOf, what) { this.#session.change(ids, patchOf, what); }
  save(ids) { this.#session.save(ids); }

  keepMine(id) {
    this.#session.keepMine(id);
    this.grid.go(id);
  }

  keepTheirs(id) {
    this.#session.keepTheirs(id);
    this.grid.go(id);
  }

  announce(text, options) { this.#messages.announce(text, options); }
  #notify(text) { this.announce(text, { toast: true }); }

  counted(number) { return plural(number, this.noun); }

  async finish() {
    this.loupe.close();
    await this.#session.settle();
    if (!this.#session.saved) {
      this.#notify("Not everything is saved yet. Finish when it is.");
      return;
    }
    if (this.conflicts.size) {
      this.#notify("First choose between the two decisions.");
      this.filter.show("contested");
      return;
    }
    this.openFinishSheet((final) => this.#sendFinal(final));
  }

  async #sendFinal(final) {
    try {
      await this.#session.finish(final);
    } catch (refusal) {
      await this.#session.readNews();
      if (refusal.consent_usd != null) this.document.cost.consent_usd = refusal.consent_usd;
      this.#notify(refusal.message);
      if (refusal.error === "closed") await this.start();
    }
  }

  async reopen() {
    await this.#session.reopen().catch((refusal) => this.#notify(refusal.message));
    await this.start();
  }

  // -- The page

  #build() {
    this.actions = this.makeActions();
    this.loupe = this.makeLoupe();
    this.grid = this.makeGrid();
    this.filter = this.makeFilter();
    this.#top = new TopBar(this, this.document.run.title);
    this.#bar = new ActionBar(this, this.actionButtons());
    this.grid.element.prepend(...this.notices(), this.#intro());
    this.root.replaceChildren(this.#top.element, this.filter.element, this.grid.element,
      ...(this.mayDecide ? [this.#bar.element] : []), this.loupe.element,
      ...this.#messages.elements);
    this.#top.status({ kind: "saved", text: this.mayDecide ? "All saved" : "Read only" });
    this.filter.recount();
    this.filterChanged();
    this.refresh([]);
  }

  #intro() {
    const you = this.you ? ` You are reviewing as ${isolated(this.you)}.` : "";
    return el("p", { class: "intro" }, this.document.instructions, you);
  }

  // A board may show others above its items.
  notices() {
    const { closed, may_reopen: mayReopen, you } = this.document;
    if (closed) {
      const text = el("p", {}, el("b", {}, "This review is finished. "),
        `${isolated(closed.by)}, ${shortTime(closed.at)}. The run continues on its own.`);
      const reopen = mayReopen && you.may_decide;
      return [el("div", { class: "notice done", role: "status" }, text,
        reopen ? button("Reopen", () => this.reopen()) : null)];
    }
    return you.may_decide ? [] : [el("p", { class: "notice" }, this.readOnlyText)];
  }

  #goToFirstOpen() {
    const { shown } = this.grid;
    const open = shown.find((id) => this.state.verdict(id).decision === "open") ?? shown[0];
    if (open && this.mayDecide) this.grid.go(open);
  }

  refresh(ids) {
    this.grid.update(ids);
    this.filterChanged(ids);
    this.#top.update();
    this.loupe.update();
    const open = this.state.count("open");
    const all = this.state.items.length;
    document.title = `${all - open}/${all} ${this.document.run.title}`;
    this.root.classList.toggle("complete", !open);
  }

  #showContested(id, { reviewer, decision }) {
    this.refresh([id]);
    const what = `${isolated(reviewer)} ${this.words[decision]} a ${this.noun} that you changed too`;
    this.#notify(`${what}. Choose between the two decisions.`);
  }

  #showRefusal({ status, message }) {
    const title = status === 404 ? "There is nothing to review here" : "The review cannot be shown";
    this.root.replaceChildren(el("div", { class: "refused" }, el("h1", {}, title),
      el("p", {}, message), button("Try again", () => this.start(), { class: "main" })));
  }
}
