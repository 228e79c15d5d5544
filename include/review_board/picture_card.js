// One picture on the board: what it shows, where it is from, what was decided and by whom.

import { CaptionEditor } from "./caption_editor.js";
import { button, el, moment, signButton } from "./dom.js";

export const DECIDED = { approve: "approved", reject: "rejected", open: "undecided" };

export class PictureCard {
  #board;
  #state;
  #parts = {};
  #editor = null;

  constructor(board, item, shotLabel) {
    this.#board = board;
    this.#state = board.state;
    this.id = item.id;
    this.item = item;
    this.element = this.#build(item, shotLabel);
    this.update();
  }

  get shown() { return !this.element.hidden; }

  update() {
    const { id, item } = this;
    const verdict = this.#state.verdict(id);
    const { decision } = verdict;
    this.element.dataset.decision = decision;
    this.#parts.yes.setAttribute("aria-pressed", decision === "approve");
    this.#parts.no.setAttribute("aria-pressed", decision === "reject");
    this.#parts.caption.textContent = this.#state.caption(id);
    this.#parts.verdict.replaceChildren(...this.#verdictLine(verdict));
    this.element.classList.toggle("edited", Boolean(verdict.caption));
    this.#parts.image.alt = `${this.#board.nameOf(this.#state.character(id))}, ${item.timecode}`;
    this.element.setAttribute("aria-label", this.describe());
    this.#showConflict();
    this.#editor?.show();
  }

  describe() {
    const { item, id } = this;
    const { decision, reason } = this.#state.verdict(id);
    const decided = reason ? `${DECIDED[decision]}, ${reason}` : DECIDED[decision];
    const flags = item.flags.length ? ` ${item.flags.join(", ")}.` : "";
    const name = this.#board.nameOf(this.#state.character(id));
    return `${name}, ${item.timecode}, ${decided}.${flags} ${this.#state.caption(id)}`;
  }

  select(selected) {
    this.element.classList.toggle("selected", selected);
    this.#parts.pick.setAttribute("aria-pressed", selected);
  }

  edit() {
    if (!this.#editor) {
      this.#editor = new CaptionEditor(this.#board, () => this.#board.captionOf(this.id), {
        onCaption: (caption) => this.#board.setCaption(this.id, caption),
        onClose: () => { this.#closeEditor(); this.element.focus({ preventScroll: true }); },
      });
      this.#editor.field.addEventListener("blur", () => this.#closeEditor());
      this.#parts.caption.replaceWith(this.#editor.element);
    }
    this.element.scrollIntoView({ block: "nearest" });
    this.#editor.start();
  }

  // A caption that is too long stays in its field until it is shortened.
  #closeEditor() {
    const editor = this.#editor;
    if (!editor?.settled) return;
    this.#editor = null;
    editor.element.replaceWith(this.#parts.caption);
  }

  #build(item, shotLabel) {
    const board = this.#board;
    const act = (name) => () => board.actOn(name, this.id);
    const parts = this.#parts;
    parts.image = el("img", {
      class: "picture", src: item.thumb_url, loading: "lazy", decoding: "async", draggable: "false",
      onerror: () => board.pictureLost(parts.image),
    });
    const face = (sign, label, does, name) => signButton(sign, label, act(does), {
      tabindex: -1, class: name, disabled: !board.mayDecide,
    });
    parts.pick = face("pick", "Select (x)", "select", "corner");
    parts.yes = face("yes", "Approve (a)", "approve", "round");
    parts.no = face("no", "Reject (r)", "reject", "round");
    parts.caption = el("p", { class: "caption", ondblclick: act("edit") });
    parts.verdict = el("p", { class: "verdict" });
    const flags = item.flags.map((flag) =>
      el("span", { class: `flag ${flag.replace(" ", "-")}` }, flag));
    return el("article", {
      class: "card", tabindex: -1, "data-id": item.id, title: item.notes.join(" ") || null,
    },
    el("p", { class: "shot" }, shotLabel),
    el("div", { class: "view", ondblclick: act("zoom") }, parts.image, parts.pick,
      el("div", { class: "choice" }, parts.no, parts.yes)),
    el("p", { class: "place" }, el("span", { class: "time" }, item.timecode), ...flags),
    parts.caption, parts.verdict);
  }

  // "blurred · Ben", "now Tobin": only what is not to be seen at a glance.
  #verdictLine({ decision, reason, character }) {
    const line = [];
    if (character) {
      line.push(el("span", { class: "reassigned" }, `now ${this.#board.nameOf(character)}`));
    }
    if (decision === "reject" && reason) line.push(el("span", { class: "why" }, reason));
    const { reviewer, at } = this.#state.signature(this.id);
    if (reviewer && reviewer !== this.#board.you) {
      line.push(el("span", { class: "who", title: moment(at) }, reviewer));
    }
    return line;
  }

  #showConflict() {
    this.#parts.conflict?.remove();
    const conflict = this.#board.conflicts.get(this.id);
    this.element.classList.toggle("contested", Boolean(conflict));
    if (!conflict) return;
    this.#parts.conflict = this.#conflictBox(conflict);
    this.element.append(this.#parts.conflict);
  }

  #conflictBox({ mine, theirs }) {
    const own = theirs.reviewer === this.#board.you;
    const who = own ? "You, in another window," : theirs.reviewer;
    const settle = (useMine) => () => this.#board.settle(this.id, useMine);
    return el("div", { class: "conflict", role: "group", "aria-label": "Two decisions" },
      el("p", {}, `${who} ${this.#said(theirs)}, ${moment(theirs.decided_at)}.`),
      el("p", {}, `You ${this.#said(mine)}.`),
      el("div", { class: "row" },
        button(own ? "Keep that" : `Keep ${theirs.reviewer}’s`, settle(false)),
        button("Use mine", settle(true))));
  }

  #said({ decision, reason, caption, character }) {
    const because = reason ? ` (${reason})` : "";
    const said = [decision === "open" ? "left it open" : `${DECIDED[decision]} it${because}`];
    if (character) said.push(`made it ${this.#board.nameOf(character)}`);
    if (caption) said.push(`wrote “${caption}”`);
    return said.join(", ");
  }
}
