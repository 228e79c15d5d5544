// All pictures by character and shot: where the reviewer is, what is selected, what is shown.

import { el, plural } from "./dom.js";
import { PictureCard } from "./picture_card.js";

export class PictureGrid {
  #board;
  #cards = new Map();
  #order = [];
  #sections = [];
  #empty = el("p", { class: "nothing", hidden: true }, "No picture matches these filters.");
  #shown = [];
  #current = null;
  #anchor = null;
  selected = new Set();

  constructor(board) {
    this.#board = board;
    this.element = el("main", {
      class: "field", tabindex: -1,
      onclick: (event) => this.#clicked(event),
      // Shift and a click select pictures, not the text between them.
      onmousedown: (event) => { if (event.shiftKey) event.preventDefault(); },
    });
    for (const id of new Set(board.state.items.map((item) => item.character))) this.#addSection(id);
    this.element.append(this.#empty);
    this.element.addEventListener("focusin", ({ target }) => {
      const card = this.#cardAt(target);
      if (card) this.#become(card);
    });
  }

  get current() { return this.#current?.id ?? null; }
  get shown() { return this.#shown.map(({ id }) => id); }
  get place() { return this.#shown.indexOf(this.#current); }

  card(id) { return this.#cards.get(id); }

  update(ids) {
    for (const id of ids) this.#cards.get(id)?.update();
    for (const section of this.#sections) this.#count(section);
  }

  // Shows the pictures that match; the reviewer stays where he is, or at the next one there is.
  filter(matches) {
    const from = this.#current ? this.#order.indexOf(this.#current) : 0;
    this.#shown = this.#order.filter((card) => {
      card.element.hidden = !matches(card.item);
      return card.shown;
    });
    for (const id of this.selected) if (!this.#cards.get(id).shown) this.#pick(id, false);
    this.#markShots();
    for (const section of this.#sections) this.#count(section);
    this.#empty.hidden = this.#shown.length > 0;
    const next = this.#order.slice(from).find((card) => card.shown) ?? this.#shown.at(-1) ?? null;
    if (next !== this.#current) this.#become(next);
  }

  focus() {
    if (!this.#current) { this.element.focus({ preventScroll: true }); return; }
    this.#current.element.focus({ preventScroll: true });
    this.#current.element.scrollIntoView({ block: "nearest" });
  }

  go(id) {
    this.#become(this.#cards.get(id));
    this.focus();
  }

  step(by) {
    const card = this.#shown[this.place + by];
    if (card) this.#become(card);
    this.focus();
  }

  // To the row above or below, at the picture nearest in that row.
  row(by) {
    const here = this.#current?.element.getBoundingClientRect();
    if (!here) return;
    let best = null;
    for (let place = this.place + by; place >= 0 && place < this.#shown.length; place += by) {
      const there = this.#shown[place].element.getBoundingClientRect();
      if (Math.abs(there.top - here.top) < 2) continue;
      if (best && Math.abs(there.top - best.top) > 2) break;
      const distance = Math.abs(there.left - here.left);
      if (!best || distance < best.distance) best = { place, distance, top: there.top };
    }
    if (best) this.#become(this.#shown[best.place]);
    this.focus();
  }

  end(last) {
    this.#become((last ? this.#shown.at(-1) : this.#shown[0]) ?? this.#current);
    this.focus();
  }

  toggle(id) {
    this.#pick(id, !this.selected.has(id));
    this.#anchor = id;
    this.#board.selectionChanged();
  }

  extend(id) {
    const ids = this.shown;
    const ends = [ids.indexOf(this.#anchor ?? this.current), ids.indexOf(id)];
    const [from, to] = ends.sort((one, other) => one - other);
    for (const one of ids.slice(Math.max(0, from), to + 1)) this.#pick(one, true);
    this.#board.selectionChanged();
  }

  selectAll() {
    for (const id of this.shown) this.#pick(id, true);
    this.#board.selectionChanged();
  }

  clearSelection() {
    for (const id of this.selected) this.#pick(id, false);
    this.#board.selectionChanged();
  }

  #addSection(character) {
    const items = this.#board.state.items.filter((item) => item.character === character);
    const count = el("span", { class: "count" });
    const title = `section-${this.#sections.length}`;
    const shelf = el("div", { class: "shelf", role: "feed", "aria-labelledby": title });
    const cards = items.map((item) => this.#addCard(item, shelf));
    cards.forEach(({ element }, place) => {
      element.setAttribute("aria-posinset", place + 1);
      element.setAttribute("aria-setsize", cards.length);
    });
    const heading = el("h2", { id: title }, el("span", {}, this.#board.nameOf(character)), count);
    const section = el("section", { class: "character" }, heading, shelf);
    this.#sections.push({ section, count, cards });
    this.element.append(section);
  }

  #addCard(item, shelf) {
    const card = new PictureCard(this.#board, item, this.#board.shotName(item));
    this.#cards.set(item.id, card);
    this.#order.push(card);
    shelf.append(card.element);
    return card;
  }

  // The first shown picture of a shot carries its name, the last one ends its line.
  #markShots() {
    const shotOf = (card) => card && `${card.item.character} ${this.#board.shotKey(card.item)}`;
    this.#shown.forEach((card, place) => {
      const [before, after] = [this.#shown[place - 1], this.#shown[place + 1]];
      card.element.classList.toggle("opens", shotOf(before) !== shotOf(card));
      card.element.classList.toggle("ends", shotOf(after) !== shotOf(card));
    });
  }

  #count({ section, count, cards }) {
    const shown = cards.filter((card) => card.shown);
    section.hidden = !shown.length;
    const { state } = this.#board;
    const approved = shown.filter(({ id }) => state.verdict(id).decision === "approve");
    count.textContent = `${approved.length} of ${plural(shown.length, "picture")} approved`;
  }

  #become(card) {
    if (card === this.#current) return;
    this.#current?.element.classList.remove("current");
    this.#current?.element.setAttribute("tabindex", -1);
    this.#current = card;
    card?.element.classList.add("current");
    card?.element.setAttribute("tabindex", 0);
    this.#board.moved();
  }

  #pick(id, selected) {
    if (selected) this.selected.add(id);
    else this.selected.delete(id);
    this.#cards.get(id).select(selected);
  }

  #clicked(event) {
    const card = this.#cardAt(event.target);
    if (!card) return;
    const shot = event.target.closest(".shot");
    if (event.shiftKey) { event.preventDefault(); this.extend(card.id); }
    else if (event.ctrlKey || event.metaKey) this.toggle(card.id);
    else if (shot && card.element.classList.contains("opens")) this.#selectShot(card);
    else if (!event.target.closest("button, textarea")) {
      this.#anchor = card.id;
      this.#become(card);
      card.element.focus({ preventScroll: true });
    }
  }

  #selectShot(card) {
    const key = this.#board.shotKey(card.item);
    const same = this.#shown.filter(({ item }) =>
      item.character === card.item.character && this.#board.shotKey(item) === key);
    const all = same.every(({ id }) => this.selected.has(id));
    for (const { id } of same) this.#pick(id, !all);
    this.#board.selectionChanged();
  }

  #cardAt(target) {
    return this.#cards.get(target.closest?.(".card")?.dataset.id);
  }
}
