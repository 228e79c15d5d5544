// The head of the board: what is reviewed, how far it is, whether it is saved, undo and finish.

import { button, el, signButton } from "./dom.js";

export class TopBar {
  #board;
  #progress = el("div", {
    class: "progress", role: "progressbar", "aria-label": "Decided", "aria-valuemin": 0,
  });
  #approved = el("i", { class: "approved" });
  #rejected = el("i", { class: "rejected" });
  #figures = el("p", { class: "figures" });
  #saved = el("p", { class: "saved", role: "status" });
  #undo;

  constructor(board, title) {
    this.#board = board;
    this.#progress.append(this.#approved, this.#rejected);
    this.#undo = signButton("undo", "Undo (u)", () => board.do("undo"));
    this.#undo.append(el("span", {}, "Undo"));
    this.element = el("header", { class: "top" },
      el("h1", {}, title),
      el("div", { class: "how-far" }, this.#progress, this.#figures),
      this.#saved,
      el("div", { class: "row tools" },
        board.mayDecide ? this.#undo : null,
        signButton("keys", "Keys (?)", () => board.do("help")),
        board.mayDecide ? button("Finish…", () => board.do("finish"), { class: "main" }) : null));
  }

  update() {
    const { state } = this.#board;
    const { approve, reject, open } = state.counts();
    const all = Math.max(1, state.items.length);
    this.#approved.style.width = `${(100 * approve) / all}%`;
    this.#rejected.style.width = `${(100 * reject) / all}%`;
    this.#progress.setAttribute("aria-valuemax", all);
    this.#progress.setAttribute("aria-valuenow", all - open);
    const decided = `${(all - open).toLocaleString("en")} of ${all.toLocaleString("en")}`;
    this.#figures.replaceChildren(el("b", {}, decided), " decided");
    this.#undo.disabled = !state.undoable;
    this.#undo.title = state.undoable ? `Undo: ${state.undoable} (u)` : "Nothing to undo";
  }

  status({ kind, text }) {
    this.#saved.className = `saved ${kind}`;
    this.#saved.textContent = text;
  }
}
