// Which items are shown, and the row of controls that says so: chips, menus and a search field.

import { button, el } from "../page/dom.js";
import { isComposing } from "../page/text.js";

export class Filter {
  #board;
  #chips;
  #menus;
  #textOf;
  #chip;
  #search;
  #selectAll;

  // chips: [{name, label, matches(item), hideEmpty}], the first one active.
  // menus: [{label, all, choices(values) -> [[value, label]], matches(item, value), hideSingle}];
  //   values are those chosen in all menus, in order.
  // order: a control that changes the order of the items, or null. search: {label, textOf(item)}.
  constructor(board, { chips, menus, search, order = null }) {
    this.#board = board;
    this.#textOf = search.textOf;
    this.#chip = chips[0];
    this.#chips = chips.map((chip) => ({ ...chip, ...this.#chipButton(chip), ids: new Set() }));
    this.#menus = menus.map((menu) => ({ ...menu, select: this.#menuSelect(menu) }));
    this.#search = el("input", {
      type: "search", placeholder: search.label, "aria-label": search.label,
      "aria-keyshortcuts": "/", oninput: () => board.filterChanged(),
      onkeydown: (event) => this.#leave(event),
    });
    this.#selectAll = button("", () => board.do("all"), {
      class: "select-all", title: "Select all that are shown (Ctrl A)",
    });
    this.element = el("div", { class: "filters", role: "search", "aria-label": "Filter" },
      el("div", { class: "chips", role: "group", "aria-label": "Decision" },
        ...this.#chips.map(({ element }) => element)),
      ...this.#menus.map(({ select }) => select), order, this.#search,
      board.mayDecide ? this.#selectAll : null);
    this.#fillMenus();
  }

  matches(item) {
    if (!this.#chip.matches(item)) return false;
    if (!this.#menus.every(({ select, matches }) => !select.value || matches(item, select.value))) {
      return false;
    }
    const text = this.#search.value.trim().toLowerCase();
    return !text || this.#textOf(item).toLowerCase().includes(text);
  }

  // Counts again, for the chips, the items that have changed; all where no ids are given.
  recount(ids) {
    const { state } = this.#board;
    for (const item of ids ? ids.map((id) => state.item(id)) : state.items) {
      for (const { ids: members, matches } of this.#chips) {
        if (matches(item)) members.add(item.id);
        else members.delete(item.id);
      }
    }
  }

  // The counts on the chips are of all items, so that they do not jump while somebody searches.
  update(shown) {
    for (const { name, ids, hideEmpty, element, count } of this.#chips) {
      const number = ids.size;
      const active = name === this.#chip.name;
      count.textContent = number.toLocaleString("en");
      element.hidden = !number && Boolean(hideEmpty) && !active;
      element.setAttribute("aria-pressed", active);
    }
    this.#selectAll.textContent = `Select all ${shown.toLocaleString("en")}`;
    this.#selectAll.disabled = !shown;
  }

  focus() { this.#search.focus(); }

  // Activates the chip of this name.
  show(name) {
    this.#chip = this.#chips.find((chip) => chip.name === name);
    this.#board.filterChanged();
  }

  #chipButton({ name, label }) {
    const count = el("span", { class: "number" });
    const element = button(label, () => this.show(name), { class: `chip ${name}` });
    element.append(" ", count);
    return { element, count };
  }

  #menuSelect({ label }) {
    return el("select", {
      "aria-label": label,
      onchange: () => { this.#fillMenus(); this.#board.filterChanged(); },
    });
  }

  #fillMenus() {
    const values = this.#menus.map(({ select }) => select.value);
    for (const { all, choices, hideSingle, select } of this.#menus) {
      const { value } = select;
      const offered = choices(values);
      select.replaceChildren(...[["", all], ...offered].map(
        ([choice, text]) => el("option", { value: choice }, text)));
      select.value = offered.some(([choice]) => choice === value) ? value : "";
      select.hidden = Boolean(hideSingle) && offered.length < 2;
    }
  }

  #leave(event) {
    if (isComposing(event) || (event.key !== "Escape" && event.key !== "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") this.#search.value = "";
    this.#board.filterChanged();
    this.#board.grid.focus();
  }
}
