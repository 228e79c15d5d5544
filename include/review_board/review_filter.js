// Which pictures are shown, and the row of controls that says so.

import { button, el } from "./dom.js";

const STATES = [
  ["all", "All"], ["open", "Undecided"], ["approve", "Approved"], ["reject", "Rejected"],
  ["unsure", "Unsure"], ["contested", "Contested"],
];

export class ReviewFilter {
  #board;
  #chips = new Map();
  #state = "all";
  #character;
  #shot;
  #text;
  #all;

  constructor(board) {
    this.#board = board;
    const changed = () => board.filterChanged();
    const { characters } = board;
    const everybody = [["", "Every character"], ...characters.map(({ id, name }) => [id, name])];
    this.#character = select("Character", everybody, () => { this.#fillShots(); changed(); });
    this.#shot = select("Shot", [["", "Every shot"]], changed);
    this.#text = el("input", {
      type: "search", placeholder: "Search captions", "aria-label": "Search captions",
      "aria-keyshortcuts": "/", oninput: changed, onkeydown: (event) => this.#leave(event),
    });
    const chips = STATES.map(([state, label]) => this.#chip(state, label));
    this.#all = button("", () => board.do("all"), {
      class: "select-all", title: "Select all that are shown (Ctrl A)",
    });
    this.element = el("div", { class: "filters", role: "search", "aria-label": "Which pictures" },
      el("div", { class: "chips", role: "group", "aria-label": "Decision" }, ...chips),
      this.#character, this.#shot, this.#text, board.mayDecide ? this.#all : null);
    this.#fillShots();
  }

  matches(item) {
    const { state } = this.#board;
    const [character, shot] = [this.#character.value, this.#shot.value];
    if (character && state.character(item.id) !== character) return false;
    if (shot && this.#board.shotKey(item) !== shot) return false;
    const text = this.#text.value.trim().toLowerCase();
    return this.#isIn(this.#state, item) && (!text || this.#textOf(item).includes(text));
  }

  // Counts on the chips are of all pictures, so that they do not jump while one is narrowing down.
  update(shown) {
    const { items } = this.#board.state;
    for (const [state, { chip, count }] of this.#chips) {
      const number = items.filter((item) => this.#isIn(state, item)).length;
      count.textContent = number.toLocaleString("en");
      chip.hidden = !number && ["unsure", "contested"].includes(state) && state !== this.#state;
      chip.setAttribute("aria-pressed", state === this.#state);
    }
    this.#all.textContent = `Select all ${shown.toLocaleString("en")}`;
    this.#all.disabled = !shown;
  }

  focus() { this.#text.focus(); }

  show(state) {
    this.#state = state;
    this.#board.filterChanged();
  }

  #isIn(state, item) {
    if (state === "all") return true;
    if (state === "unsure") return item.flags.includes("unsure");
    if (state === "contested") return this.#board.conflicts.has(item.id);
    return this.#board.state.verdict(item.id).decision === state;
  }

  #textOf(item) {
    const { state } = this.#board;
    const { reason } = state.verdict(item.id);
    return [state.caption(item.id), reason, item.timecode, ...item.notes].join(" ").toLowerCase();
  }

  #chip(state, label) {
    const count = el("span", { class: "number" });
    const chip = button(label, () => this.show(state), { class: `chip ${state}` });
    chip.append(" ", count);
    this.#chips.set(state, { chip, count });
    return chip;
  }

  #fillShots() {
    const character = this.#character.value;
    const board = this.#board;
    const items = board.state.items.filter((item) => !character || item.character === character);
    const shots = new Map(items.map((item) => [board.shotKey(item), board.shotName(item)]));
    const options = [["", "Every shot"], ...shots].map(option);
    const before = this.#shot.value;
    this.#shot.replaceChildren(...options);
    this.#shot.value = shots.has(before) ? before : "";
    this.#shot.hidden = shots.size < 2;
  }

  #leave(event) {
    if (event.key !== "Escape" && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") this.#text.value = "";
    this.#board.filterChanged();
    this.#board.grid.focus();
  }
}

function select(label, options, onchange) {
  return el("select", { "aria-label": label, onchange }, ...options.map(option));
}

function option([value, label]) {
  return el("option", { value }, label);
}
