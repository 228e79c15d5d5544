// The bar at the foot: what can be done with the selected pictures, and on a touch screen with the
// picture at hand.

import { button, el, plural } from "./dom.js";

export class ActionBar {
  #board;
  #title = el("p", { class: "what" });
  #clear;

  constructor(board) {
    this.#board = board;
    const act = (does) => () => board.do(does);
    this.#clear = button("Clear", act("escape"), { class: "plain" });
    this.element = el("div", { class: "actions", role: "toolbar", "aria-label": "Decide" },
      this.#title,
      button("Approve", act("approve"), { class: "decide yes-button" }),
      button("Reject…", act("reject"), { class: "decide no-button" }),
      button("Character…", act("character"), { class: "plain several" }),
      button("Caption", act("edit"), { class: "plain single" }),
      button("Look", act("zoom"), { class: "plain single" }),
      this.#clear);
    this.update();
  }

  update() {
    const count = this.#board.grid?.selected.size ?? 0;
    this.element.classList.toggle("many", count > 0);
    this.#title.textContent = count ? `${plural(count, "picture")} selected` : "";
    this.#clear.hidden = !count;
  }
}
