// A field for one caption with what the linter is going to say, while it is typed.

import { captionHints, lengthOf, tidy } from "./caption_hints.js";
import { el } from "./dom.js";

// subject() -> {caption, original, character}; onCaption(caption) with "" for the original;
// onClose() when the reviewer is through with it by Enter or Escape.
export class CaptionEditor {
  #subject;
  #board;
  #onCaption;
  #onClose;
  #hints = el("ul", { class: "hints" });
  #length = el("span", { class: "length" });
  #settled = true;

  constructor(board, subject, { onCaption, onClose }) {
    this.#board = board;
    this.#subject = subject;
    this.#onCaption = onCaption;
    this.#onClose = onClose;
    this.field = el("textarea", {
      rows: 4, "aria-label": "Caption", spellcheck: "true",
      oninput: () => this.#typed(),
      onblur: () => this.commit(),
      onkeydown: (event) => this.#key(event),
    });
    this.element = el("div", { class: "caption-editor" }, this.field,
      el("div", { class: "editor-foot" }, this.#hints, this.#length));
  }

  // Whether nothing typed is still to be taken over.
  get settled() { return this.#settled; }

  // Fills the field from the subject; what is being typed is not disturbed.
  show() {
    if (!this.#settled) return;
    this.field.value = this.#subject().caption;
    this.#hint();
  }

  start() {
    this.show();
    this.field.focus({ preventScroll: true });
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  // Takes the text over; one that is too long stays in the field until it is shortened.
  commit() {
    if (this.#settled) return;
    const caption = tidy(this.field.value);
    if (lengthOf(caption) > this.#board.limits.caption_max) return;
    this.#settled = true;
    this.#onCaption(caption === this.#subject().original ? "" : caption);
    this.show();
  }

  #typed() {
    this.#settled = false;
    this.#hint();
  }

  #key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.commit();
      if (this.#settled) this.#onClose();
    }
    if (event.key === "Escape") {
      event.preventDefault();
      this.#settled = true;
      this.show();
      this.#onClose();
    }
  }

  #hint() {
    const text = tidy(this.field.value);
    const { characters, limits } = this.#board;
    const found = captionHints(text, this.#subject().character, characters, limits);
    this.#hints.replaceChildren(
      ...found.map((hint) => el("li", { class: hint.bad ? "bad" : "advice" }, hint.text)));
    const most = limits.caption_max;
    const length = lengthOf(text);
    this.#length.textContent = `${length.toLocaleString("en")} / ${most.toLocaleString("en")}`;
    this.#length.classList.toggle("bad", length > most);
  }
}
