// One panel on the board: its picture, what it shows, and what is wanted of it.

import { button, el, iconButton } from "../../board_kit/page/dom.js";
import { shortTime } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";

export class PanelCard {
  #board;
  #image;
  #missing;
  #select;
  #picks;
  #verdict = el("p", { class: "verdict" });
  #conflict = null;

  constructor(board, item) {
    this.#board = board;
    this.id = item.id;
    this.item = item;
    this.#image = el("img", {
      class: "picture", loading: "lazy", decoding: "async", draggable: "false",
      onerror: () => board.retryImage(this.#image),
    });
    this.#missing = el("p", { class: "missing" }, item.failure || "There is no picture.");
    this.#select = iconButton("pick", "Select (x)", () => board.doOn("select", this.id), {
      tabindex: -1, class: "corner", disabled: !board.mayDecide,
    });
    this.#picks = item.candidates.map((candidate, index) =>
      button(String(index + 1), () => board.choose(this.id, index + 1), {
        class: "pick-number", tabindex: -1, disabled: !board.mayDecide,
        "aria-label": `Candidate ${index + 1}`,
      }));
    this.element = this.#build();
  }

  update() {
    const board = this.#board;
    const verdict = board.state.verdict(this.id);
    const shown = board.shownOf(this.item);
    this.element.dataset.decision = verdict.decision;
    this.#show(shown);
    this.#picks.forEach((pick, index) =>
      pick.setAttribute("aria-pressed", this.item.candidates[index] === shown));
    this.#verdict.replaceChildren(...this.#verdictLine(verdict));
    this.element.setAttribute("aria-label", this.#description(verdict, shown));
    this.#showConflict();
  }

  select(selected) {
    this.element.classList.toggle("selected", selected);
    this.#select.setAttribute("aria-pressed", selected);
  }

  #show(shown) {
    this.#image.hidden = !shown;
    this.#missing.hidden = Boolean(shown);
    if (!shown) return;
    if (this.#image.getAttribute("src") !== shown.thumb_url) this.#image.src = shown.thumb_url;
    this.#image.alt = this.item.description;
  }

  #build() {
    const { label, seconds, description, cast, marked, notes } = this.item;
    const open = () => this.#board.doOn("zoom", this.id);
    return el("article", {
      class: "card", tabindex: -1, "data-id": this.id, title: notes.join(" ") || null,
    },
    el("p", { class: "group" }, el("span", {}, `${label} · ${seconds} s`)),
    el("div", { class: "view", ondblclick: open }, this.#image, this.#missing, this.#select),
    el("div", { class: "place" },
      el("div", { class: "picks", role: "group", "aria-label": "Candidates" }, ...this.#picks),
      button("Compare", open, { class: "bare open", tabindex: -1 })),
    el("p", { class: "description" }, description),
    el("p", { class: "cast quiet" }, cast.join(", "),
      marked ? el("span", { class: "flag unsure" }, "wrong characters") : null),
    this.#verdict);
  }

  // For screen readers: number, what it shows, who, and what is wanted.
  #description(verdict, shown) {
    const { label, description, cast, failure } = this.item;
    const place = shown ? `candidate ${this.#board.placeOf(this.item, shown)}` : `no picture: ${failure}`;
    const wanted = verdict.decision === "open"
      ? "as the pipeline chose" : this.#board.inWords(this.item, verdict);
    return `Panel ${label}, ${place}, ${wanted}. ${description} ${cast.join(", ")}`;
  }

  #verdictLine(verdict) {
    const line = [];
    if (verdict.decision === "redraw") {
      line.push(el("span", { class: "why" }, verdict.note ? `Redraw: ${verdict.note}` : "Redraw"));
    }
    if (verdict.decision === "choose") line.push(el("span", { class: "chosen" }, "Chosen"));
    const { reviewer, at } = this.#board.state.signature(this.id);
    if (reviewer && reviewer !== this.#board.you) {
      line.push(el("span", { class: "who", title: shortTime(at) }, reviewer));
    }
    return line;
  }

  #showConflict() {
    this.#conflict?.remove();
    const conflict = this.#board.conflicts.get(this.id);
    this.element.classList.toggle("contested", Boolean(conflict));
    if (!conflict) return;
    this.#conflict = this.#conflictBox(conflict);
    this.element.append(this.#conflict);
  }

  #conflictBox({ mine, theirs }) {
    const board = this.#board;
    const own = theirs.reviewer === board.you;
    const who = own ? "You, in another window," : isolated(theirs.reviewer);
    const words = (verdict) => board.inWords(this.item, verdict);
    return el("div", { class: "conflict", role: "group", "aria-label": "Two choices" },
      el("p", {}, `${who} ${words(theirs)}, ${shortTime(theirs.decided_at)}.`),
      el("p", {}, `You ${words(mine)}.`),
      el("div", { class: "row" },
        button(own ? "Keep that" : `Keep ${isolated(theirs.reviewer)}’s`,
          () => board.keepTheirs(this.id)),
        button("Use mine", () => board.keepMine(this.id))));
  }
}
