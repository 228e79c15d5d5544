// One figure on the board: what it looks like, where it is from, and who it is.

import { el } from "../../board_kit/page/dom.js";
import { isolated } from "../../board_kit/page/visible.js";
import { Card } from "../../board_kit/parts/card.js";

export class FigureCard extends Card {
  #nobody;
  #reference;

  constructor(board, item) {
    super(board, item);
    this.#nobody = this.makeButton(
      "no", "Nobody: set this one aside", "nobody", "round no-button");
    this.#reference = this.makeButton(
      "star", "Reference picture (r)", "reference", "round yes-button star-button");
    this.element = this.makeArticle(el("span", {}, board.shotName(item)),
      [this.#nobody, this.#reference],
      el("p", { class: "place" }, el("span", { class: "time" }, item.timecode),
        item.by_hand ? el("span", { class: "flag" }, "drawn") : null));
  }

  update() {
    const { decision, name, reference } = this.board.state.verdict(this.id);
    this.element.dataset.decision = decision;
    this.#nobody.setAttribute("aria-pressed", decision === "nobody");
    this.#reference.setAttribute("aria-pressed", reference);
    const who = { name: isolated(name), nobody: "Set aside", open: "Unnamed" }[decision];
    this.image.alt = `${who}, ${this.item.timecode}`;
    const picked = reference ? ", reference picture" : "";
    this.element.setAttribute("aria-label", `${who}, ${this.board.placeOf(this.item)}${picked}`);
  }
}
