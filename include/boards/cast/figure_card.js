// One figure on the board: what it looks like, where it is from, and who it is.

import { el, iconButton } from "../../board_kit/page/dom.js";
import { isolated } from "../../board_kit/page/visible.js";

export class FigureCard {
  #board;
  #image;
  #select;
  #nobody;
  #reference;

  constructor(board, item) {
    this.#board = board;
    this.id = item.id;
    this.item = item;
    this.#image = el("img", {
      class: "picture", src: item.thumb_url, loading: "lazy", decoding: "async", draggable: "false",
      onerror: () => board.retryImage(this.#image),
    });
    this.#select = this.#button("pick", "Select (x)", "select", "corner");
    this.#nobody = this.#button("no", "Nobody: set this one aside", "nobody", "round no-button");
    this.#reference = this.#button(
      "star", "Reference picture (r)", "reference", "round yes-button star-button");
    this.element = this.#build();
  }

  update() {
    const { decision, name, reference } = this.#board.state.verdict(this.id);
    this.element.dataset.decision = decision;
    this.#nobody.setAttribute("aria-pressed", decision === "nobody");
    this.#reference.setAttribute("aria-pressed", reference);
    const who = { name: isolated(name), nobody: "Set aside", open: "Unnamed" }[decision];
    this.#image.alt = `${who}, ${this.item.timecode}`;
    const picked = reference ? ", reference picture" : "";
    this.element.setAttribute("aria-label", `${who}, ${this.#board.placeOf(this.item)}${picked}`);
  }

  select(selected) {
    this.element.classList.toggle("selected", selected);
    this.#select.setAttribute("aria-pressed", selected);
  }

  #build() {
    const { by_hand: byHand, timecode } = this.item;
    return el("article", { class: "card", tabindex: -1, "data-id": this.id },
      el("p", { class: "group" }, el("span", {}, this.#board.shotName(this.item))),
      el("div", { class: "view", ondblclick: () => this.#board.doOn("zoom", this.id) },
        this.#image, this.#select,
        el("div", { class: "choice" }, this.#nobody, this.#reference)),
      el("p", { class: "place" }, el("span", { class: "time" }, timecode),
        byHand ? el("span", { class: "flag" }, "drawn") : null));
  }

  #button(icon, label, command, name) {
    return iconButton(icon, label, () => this.#board.doOn(command, this.id), {
      tabindex: -1, class: name, disabled: !this.#board.mayDecide,
    });
  }
}
