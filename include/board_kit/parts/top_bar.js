// The head of the board: the title, the progress, whether everything is saved, undo and finish.

import { button, el, iconButton } from "../page/dom.js";

export class TopBar {
  #board;
  #shares; // of the decisions but "open": the bar of each
  #progress;
  #figures = el("p", { class: "figures" });
  #saved = el("p", { class: "saved", role: "status" });
  #undo;

  constructor(board, title) {
    this.#board = board;
    this.#shares = Object.entries(board.words)
      .filter(([decision]) => decision !== "open")
      .map(([decision, word]) => [decision, el("i", { class: word })]);
    this.#progress = el("div", {
      class: "progress", role: "progressbar", "aria-label": "Decided", "aria-valuemin": 0,
    }, ...this.#shares.map(([, bar]) => bar));
    this.#undo = iconButton("undo", "Undo (u)", () => board.do("undo"));
    this.#undo.append(el("span", {}, "Undo"));
    this.element = el("header", { class: "top" },
      el("h1", { title }, title),
      el("div", { class: "how-far" }, this.#progress, this.#figures),
      this.#saved,
      el("div", { class: "row tools" },
        board.mayDecide ? this.#undo : null,
        iconButton("keys", "Keys (?)", () => board.do("help")),
        board.mayDecide
          ? button(board.finishLabel, () => board.do("finish"), { class: "main" }) : null));
  }

  update() {
    const { state } = this.#board;
    const all = state.items.length;
    const decided = all - state.count("open");
    const whole = Math.max(1, all);
    for (const [decision, { style }] of this.#shares) {
      style.width = `${(100 * state.count(decision)) / whole}%`;
    }
    this.#progress.setAttribute("aria-valuemax", whole);
    this.#progress.setAttribute("aria-valuenow", decided);
    const figures = `${decided.toLocaleString("en")} of ${all.toLocaleString("en")}`;
    this.#figures.replaceChildren(el("b", {}, figures), ` ${this.#board.decidedWord}`);
    this.#undo.disabled = !state.undoable;
    this.#undo.title = state.undoable ? `Undo: ${state.undoable} (u)` : "Nothing to undo";
  }

  status({ kind, text }) {
    this.#saved.className = `saved ${kind}`;
    this.#saved.textContent = text;
  }
}
