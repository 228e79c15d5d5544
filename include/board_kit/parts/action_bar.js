// The bar at the bottom: what can be done with the selected items, and on a touch screen with the
// current one.

import { button, el } from "../page/dom.js";

export class ActionBar {
  #board;
  #selected = el("p", { class: "what" });
  #clear;

  // Buttons of class "several" need a selection, those of class "single" do without.
  constructor(board, buttons) {
    this.#board = board;
    this.#clear = button("Clear", () => board.do("escape"), { class: "plain" });
    this.element = el("div", { class: "actions", role: "toolbar", "aria-label": "Decide" },
      this.#selected, ...buttons, this.#clear);
    this.update(0);
  }

  update(count) {
    this.element.classList.toggle("many", count > 0);
    this.#selected.textContent = count ? `${this.#board.counted(count)} selected` : "";
    this.#clear.hidden = !count;
  }
}
