// One panel on the board: its picture, what it shows, and what is wanted of it.

import { button, el } from "../../board_kit/page/dom.js";
import { Card } from "../../board_kit/parts/card.js";

export class PanelCard extends Card {
  #missing;
  #picks;
  #verdict = el("p", { class: "verdict" });

  constructor(board, item) {
    super(board, item);
    this.#missing = el("p", { class: "missing" }, item.failure || "There is no picture.");
    this.#picks = item.candidates.map((candidate, index) =>
      button(String(index + 1), () => board.choose(this.id, index + 1), {
        class: "pick-number", tabindex: -1, disabled: !board.mayDecide,
        "aria-label": `Candidate ${index + 1}`,
      }));
    this.element = this.#build();
    this.image.after(this.#missing);
  }

  update() {
    const { board } = this;
    const verdict = board.state.verdict(this.id);
    const shown = board.shownOf(this.item);
    this.element.dataset.decision = verdict.decision;
    this.#show(shown);
    this.#picks.forEach((pick, index) =>
      pick.setAttribute("aria-pressed", this.item.candidates[index] === shown));
    this.#verdict.replaceChildren(...this.#verdictLine(verdict));
    this.element.setAttribute("aria-label", this.#description(verdict, shown));
    this.showConflict("Two choices");
  }

  #show(shown) {
    this.image.hidden = !shown;
    this.#missing.hidden = Boolean(shown);
    if (!shown) return;
    this.showPicture(shown.thumb_url);
    this.image.alt = this.item.description;
  }

  #build() {
    const { label, seconds, description, cast, marked } = this.item;
    return this.makeArticle(el("span", {}, `${label} · ${seconds} s`), [],
      el("div", { class: "place" },
        el("div", { class: "picks", role: "group", "aria-label": "Candidates" }, ...this.#picks),
        button("Compare", this.command("zoom"), { class: "bare open", tabindex: -1 })),
      el("p", { class: "description" }, description),
      el("p", { class: "cast quiet" }, cast.join(", "),
        marked ? el("span", { class: "flag unsure" }, "wrong characters") : null),
      this.#verdict);
  }

  // For screen readers: number, what it shows, who, and what is wanted.
  #description(verdict, shown) {
    const { label, description, cast, failure } = this.item;
    const place = shown ? `candidate ${this.board.placeOf(this.item, shown)}` : `no picture: ${failure}`;
    const wanted = verdict.decision === "open" ? "as the pipeline chose" : this.inWords(verdict);
    return `Panel ${label}, ${place}, ${wanted}. ${description} ${cast.join(", ")}`;
  }

  #verdictLine(verdict) {
    const line = [];
    if (verdict.decision === "redraw") {
      line.push(el("span", { class: "why" }, verdict.note ? `Redraw: ${verdict.note}` : "Redraw"));
    }
    if (verdict.decision === "choose") line.push(el("span", { class: "chosen" }, "Chosen"));
    return [...line, ...this.otherReviewer()];
  }

  inWords(verdict) { return this.board.inWords(this.item, verdict); }
}
