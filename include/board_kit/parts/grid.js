// All items in sections and groups: where the reviewer is, what is selected, what is shown.
//
// A card has id, item, element, update() and select(selected), nameGroup() on a board that arranges
// its cards, and comeNear() where it has something to fetch. A click on its element of class
// "group" selects the group; the first card shown of a group has class "opens".

import { el } from "../page/dom.js";
import { Shelf } from "./shelf.js";

export class Grid {
  #board;
  #settings;
  #cards = new Map();
  #order = [];
  #matching = new Set();
  #filtered = false;
  #sections = [];
  #empty;
  #shown = [];
  #current = null;
  #anchor = null;
  selected = new Set();

  // sectionOf(item), titleOf(section), summaryOf(cards) -> text beside the title; groupOf(item);
  // makeCard(item).
  constructor(board, settings) {
    this.#board = board;
    this.#settings = settings;
    this.#empty = el("p", { class: "nothing", hidden: true },
      `No ${board.noun} matches these filters.`);
    this.element = el("main", {
      class: "field", tabindex: -1,
      onclick: (event) => this.#clicked(event),
      // Shift and a click select cards, not the text between them.
      onmousedown: (event) => { if (event.shiftKey) event.preventDefault(); },
      onfocusin: ({ target }) => {
        const card = this.#cardAt(target);
        if (card) this.#moveTo(card);
      },
    });
    const { items } = board.state;
    for (const section of new Set(items.map(settings.sectionOf))) this.#addSection(section);
    this.element.append(this.#empty);
  }

  get current() { return this.#current?.id ?? null; }
  get shown() { return this.#shown.map(({ id }) => id); }
  get position() { return this.#shown.indexOf(this.#current); }

  card(id) { return this.#cards.get(id); }

  // Shows what has changed on these cards; filter() then updates what is said of their sections.
  update(ids) {
    for (const id of ids) this.#cards.get(id)?.update();
  }

  // Shows the items that match; the reviewer stays at the current one, or goes to the next shown.
  // ids: those whose match may have changed; all where it is not given, and at first.
  filter(matches, ids) {
    const all = !ids || !this.#filtered;
    this.#filtered = true;
    let changed = all;
    for (const card of all ? this.#order : ids.map((id) => this.#cards.get(id))) {
      const shown = matches(card.item);
      if (shown === this.#isShown(card)) continue;
      if (shown) this.#matching.add(card.id);
      else this.#matching.delete(card.id);
      changed = true;
    }
    if (changed) this.#layOut();
    for (const section of this.#sections) this.#summarise(section);
  }

  // Sorts the cards of every section by what orderOf(item) returns, a number; equals stay in order.
  arrange(orderOf) {
    for (const section of this.#sections) {
      section.cards.sort(({ item: one }, { item: other }) => orderOf(one) - orderOf(other));
    }
    this.#order = this.#sections.flatMap(({ cards }) => cards);
    for (const card of this.#order) card.nameGroup();
    this.#layOut();
    this.focus();
  }

  #layOut() {
    const from = this.#current ? this.#order.indexOf(this.#current) : 0;
    const isShown = (card) => this.#isShown(card);
    this.#shown = this.#order.filter(isShown);
    for (const { shelf, cards } of this.#sections) shelf.show(cards.filter(isShown));
    for (const id of this.selected) if (!this.#matching.has(id)) this.#pick(id, false);
    this.#markGroups();
    this.#empty.hidden = this.#shown.length > 0;
    const next = this.#order.slice(from).find(isShown) ?? this.#shown.at(-1) ?? null;
    if (next !== this.#current) this.#moveTo(next);
  }

  #isShown({ id }) { return this.#matching.has(id); }

  focus() {
    if (!this.#current) { this.element.focus({ preventScroll: true }); return; }
    this.#current.element.focus({ preventScroll: true });
    this.#current.element.scrollIntoView({ block: "nearest" });
  }

  go(id) {
    this.#moveTo(this.#cards.get(id));
    this.focus();
  }

  step(by) {
    const card = this.#shown[this.position + by];
    if (card) this.#moveTo(card);
    this.focus();
  }

  // To the row above or below, to the card nearest in that row.
  row(by) {
    const here = this.#current?.element.getBoundingClientRect();
    if (!here) return;
    let best = null;
    for (let index = this.position + by; index >= 0 && index < this.#shown.length; index += by) {
      const there = this.#shown[index].element.getBoundingClientRect();
      if (Math.abs(there.top - here.top) < 2) continue;
      if (best && Math.abs(there.top - best.top) > 2) break;
      const distance = Math.abs(there.left - here.left);
      if (!best || distance < best.distance) best = { index, distance, top: there.top };
    }
    if (best) this.#moveTo(this.#shown[best.index]);
    this.focus();
  }

  first() {
    this.#moveTo(this.#shown[0] ?? this.#current);
    this.focus();
  }

  last() {
    this.#moveTo(this.#shown.at(-1) ?? this.#current);
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

  selectMany(ids) {
    for (const id of ids) this.#pick(id, true);
    this.#board.selectionChanged();
  }

  selectAll() {
    this.selectMany(this.shown);
  }

  clearSelection() {
    for (const id of this.selected) this.#pick(id, false);
    this.#board.selectionChanged();
  }

  #addSection(section) {
    const { sectionOf, titleOf } = this.#settings;
    const items = this.#board.state.items.filter((item) => sectionOf(item) === section);
    const id = `section-${this.#sections.length}`;
    const shelf = new Shelf(id, this.element);
    const cards = items.map((item) => this.#addCard(item));
    cards.forEach(({ element }, index) => {
      element.setAttribute("aria-posinset", index + 1);
      element.setAttribute("aria-setsize", cards.length);
    });
    const summary = el("span", { class: "count" });
    const element = el("section", { class: "section" },
      el("h2", { id }, el("span", {}, titleOf(section)), summary), shelf.element);
    this.#sections.push({ element, summary, shelf, cards });
    this.element.append(element);
  }

  #addCard(item) {
    const card = this.#settings.makeCard(item);
    card.update();
    this.#cards.set(item.id, card);
    this.#order.push(card);
    return card;
  }

  #markGroups() {
    this.#shown.forEach((card, index) => {
      const before = this.#shown[index - 1];
      card.element.classList.toggle("opens", !before || !this.#isSameGroup(before, card));
    });
  }

  #isSameGroup({ item: one }, { item: other }) {
    const { groupOf, sectionOf } = this.#settings;
    return sectionOf(one) === sectionOf(other) && groupOf(one) === groupOf(other);
  }

  #summarise({ element, summary, cards }) {
    const shown = cards.filter((card) => this.#isShown(card));
    element.hidden = !shown.length;
    summary.textContent = this.#settings.summaryOf(shown);
  }

  #moveTo(card) {
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
    const group = event.target.closest(".group");
    if (event.shiftKey) { event.preventDefault(); this.extend(card.id); }
    else if (event.ctrlKey || event.metaKey) this.toggle(card.id);
    else if (group && card.element.classList.contains("opens")) this.#toggleGroup(card);
    else if (!event.target.closest("button, textarea, input, select, label")) {
      this.#anchor = card.id;
      this.#moveTo(card);
      card.element.focus({ preventScroll: true });
    }
  }

  #toggleGroup(card) {
    const group = this.#shown.filter((other) => this.#isSameGroup(card, other));
    const all = group.every(({ id }) => this.selected.has(id));
    for (const { id } of group) this.#pick(id, !all);
    this.#board.selectionChanged();
  }

  #cardAt(target) {
    return this.#cards.get(target.closest?.(".card")?.dataset.id);
  }
}
