// One picture on the board: what it shows, where it is from, what was decided and by whom.

import { el } from "../../board_kit/page/dom.js";
import { showPart } from "../../board_kit/page/part.js";
import { shortTime } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { Card } from "../../board_kit/parts/card.js";
import { captionEditor } from "./captions/caption_editor.js";

export class PictureCard extends Card {
  #corrected = null;
  #approve;
  #reject;
  #caption;
  #group = el("span", {});
  #verdict = el("p", { class: "verdict" });
  #editor = null;

  constructor(board, item) {
    super(board, item);
    this.#approve = this.makeButton("yes", "Approve (a)", "approve", "round yes-button");
    this.#reject = this.makeButton("no", "Reject (r)", "reject", "round no-button");
    this.#caption = el("p", { class: "caption", ondblclick: this.command("edit") });
    this.element = this.#build();
    this.nameGroup();
  }

  update() {
    const { state } = this.board;
    const verdict = state.verdict(this.id);
    const { decision } = verdict;
    this.element.dataset.decision = decision;
    this.#approve.setAttribute("aria-pressed", decision === "approve");
    this.#reject.setAttribute("aria-pressed", decision === "reject");
    this.#caption.textContent = state.value(this.id, "caption");
    this.#verdict.replaceChildren(...this.#verdictLine(verdict));
    this.element.classList.toggle("edited", Boolean(verdict.caption));
    this.#showCrop();
    this.image.alt = `${this.board.characterName(this.id)}, ${this.item.timecode}`;
    this.element.setAttribute("aria-label", this.#description(verdict));
    this.showConflict("Two decisions");
    this.#editor?.show();
  }

  // A corrected crop is shown as the part of its frame that it is.
  #showCrop() {
    this.#corrected?.remove();
    const view = this.board.correctedView(this.item);
    this.image.hidden = Boolean(view);
    if (!view) { this.#corrected = null; return; }
    const image = el("img", {
      src: view.url, alt: "", decoding: "async", draggable: "false",
      onerror: () => this.board.retryImage(image),
    });
    const [, , width, height] = view.part;
    const wide = view.ratio * width > height;
    this.#corrected = el("div", { class: `recut ${wide ? "wide" : "high"}` }, image);
    showPart(this.#corrected, image, view.part, view.ratio);
    this.image.after(this.#corrected);
  }

  nameGroup() { this.#group.textContent = this.board.groupName(this.item); }

  edit() {
    if (!this.#editor) {
      this.#editor = captionEditor(this.board, () => this.id, () => {
        this.#closeEditor();
        this.element.focus({ preventScroll: true });
      });
      this.#editor.field.addEventListener("blur", () => this.#closeEditor());
      this.#caption.replaceWith(this.#editor.element);
    }
    this.element.scrollIntoView({ block: "nearest" });
    this.#editor.start();
  }

  // A caption that is too long stays in its field until it is shortened.
  #closeEditor() {
    const editor = this.#editor;
    if (!editor?.settled) return;
    this.#editor = null;
    editor.element.replaceWith(this.#caption);
  }

  #build() {
    const { flags, timecode } = this.item;
    const badges = flags.map((flag) =>
      el("span", { class: `flag ${flag.replace(" ", "-")}` }, flag));
    return this.makeArticle(this.#group, [this.#reject, this.#approve],
      el("p", { class: "place" }, el("span", { class: "time" }, timecode), ...badges),
      this.#caption, this.#verdict);
  }

  // For screen readers: who, where, what was decided, flags and caption.
  #description({ decision, reason, cut }) {
    const { words, state } = this.board;
    const decided = reason ? `${words[decision]}, ${reason}` : words[decision];
    const { flags, timecode } = this.item;
    const flagged = flags.length ? ` ${flags.join(", ")}.` : "";
    const before = this.board.originOf(this.id);
    const name = this.board.characterName(this.id);
    const recut = cut ? " Crop corrected." : "";
    return `${name}, ${timecode}, ${decided}.${before && ` ${before}`}${recut}${flagged} ${state.value(this.id, "caption")}`;
  }

  // "now Bram · blurred · by ben": only what the picture itself does not show at a glance.
  #verdictLine({ decision, reason, character, cut }) {
    const line = [];
    if (character) {
      line.push(el("span", { class: "reassigned" }, `now ${isolated(this.board.nameOf(character))}`));
    }
    if (cut) line.push(el("span", { class: "reassigned" }, "crop corrected"));
    if (decision === "reject" && reason) line.push(el("span", { class: "why" }, reason));
    const { reviewer, at, origin } = this.board.state.signature(this.id);
    if (origin) {
      const earlier = `${isolated(reviewer)}, ${shortTime(at)}, in an earlier run`;
      line.push(el("span", { class: "who", title: this.board.originOf(this.id) }, earlier));
      return line;
    }
    return [...line, ...this.otherReviewer()];
  }

  inWords({ decision, reason, caption, character, cut }) {
    const { words } = this.board;
    const because = reason ? ` (${isolated(reason)})` : "";
    const parts = [decision === "open" ? "left it open" : `${words[decision]} it${because}`];
    if (character) parts.push(`changed it to ${isolated(this.board.nameOf(character))}`);
    if (cut) parts.push("corrected its crop");
    if (caption) parts.push(`wrote “${isolated(caption)}”`);
    return parts.join(", ");
  }
}
