// The loupe's panel for a figure: who and where it is, and what can be said about this one.

import { button, el } from "../../board_kit/page/dom.js";
import { isolated } from "../../board_kit/page/visible.js";

export class FigurePanel {
  #board;
  #who = el("h2", {});
  #where = el("p", { class: "quiet" });
  #reference;

  constructor(board) {
    this.#board = board;
    const command = (name) => () => board.do(name);
    this.#reference = button("Reference picture", command("reference"), {
      class: "decide yes-button" });
    this.elements = [
      this.#who, this.#where,
      el("div", { class: "row wide" },
        button("Name…", command("name")), button("Nobody", command("nobody"))),
      el("div", { class: "row wide" }, this.#reference),
      el("p", { class: "quiet" },
        "Here, only this figure is named or set aside: that takes it out of its group."),
    ];
  }

  update(item) {
    const { decision, name, reference } = this.#board.state.verdict(item.id);
    this.#who.textContent = {
      name: isolated(name), nobody: "Set aside", open: `Group ${item.group + 1}`,
    }[decision];
    this.#where.textContent = this.#board.placeOf(item);
    this.#reference.setAttribute("aria-pressed", reference);
  }

  commit() {}
  edit() {}
}
