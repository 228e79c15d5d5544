// A field for one text of an item, with hints while it is typed.

import { el } from "../page/dom.js";
import { isComposing, lengthOf, tidy } from "../page/text.js";

export class TextEditor {
  #settings;
  #hints = el("ul", { class: "hints" });
  #length = el("span", { class: "length" });
  #settled = true;

  // label; max: most characters; subject() -> {text, original}; hints(text) -> [{bad, text}];
  // onText(text) with "" for the original; onClose() when Enter or Escape ends the editing.
  constructor(settings) {
    this.#settings = settings;
    this.field = el("textarea", {
      rows: 4, "aria-label": settings.label, spellcheck: "true",
      oninput: () => this.#typed(),
      onblur: () => this.commit(),
      onkeydown: (event) => this.#pressed(event),
    });
    this.element = el("div", { class: "text-editor" }, this.field,
      el("div", { class: "editor-foot" }, this.#hints, this.#length));
  }

  // False while the field holds typed text that is not committed.
  get settled() { return this.#settled; }

  // Fills the field from the subject; does not disturb what is being typed.
  show() {
    if (!this.#settled) return;
    this.field.value = this.#settings.subject().text;
    this.#showHints();
  }

  start() {
    this.show();
    this.field.focus({ preventScroll: true });
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  // Reports the text; one that is too long stays in the field until it is shortened.
  commit() {
    if (this.#settled) return;
    const text = tidy(this.field.value);
    const { max, onText, subject } = this.#settings;
    if (lengthOf(text) > max) return;
    this.#settled = true;
    onText(text === subject().original ? "" : text);
    this.show();
  }

  #typed() {
    this.#settled = false;
    this.#showHints();
  }

  #pressed(event) {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.commit();
      if (this.#settled) this.#settings.onClose();
    }
    if (event.key === "Escape") {
      event.preventDefault();
      this.#settled = true;
      this.show();
      this.#settings.onClose();
    }
  }

  #showHints() {
    const text = tidy(this.field.value);
    const { hints, max } = this.#settings;
    this.#hints.replaceChildren(...hints(text).map(
      (hint) => el("li", { class: hint.bad ? "bad" : "advice" }, hint.text)));
    const length = lengthOf(text);
    this.#length.textContent = `${length.toLocaleString("en")} / ${max.toLocaleString("en")}`;
    this.#length.classList.toggle("bad", length > max);
  }
}
