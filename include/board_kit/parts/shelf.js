// The cards of a section, in blocks of whole rows: a browser lays out and fetches the pictures of
// the blocks near the screen only, so that thousands of cards scroll as smoothly as hundreds.

import { el } from "../page/dom.js";

const ROWS = 4; // of a block
const NEAR = "100% 0%"; // how far beyond the screen, in its heights, a block is near

export class Shelf {
  #blocks = [];
  #cards = [];
  #columns = 0;
  #near = new Set();
  #nearness;

  // field: the element in which the shelf scrolls.
  constructor(labelledBy, field) {
    this.element = el("div", { class: "shelf", role: "feed", "aria-labelledby": labelledBy });
    new ResizeObserver(() => this.#resized()).observe(this.element);
    this.#nearness = new IntersectionObserver(
      (seen) => this.#moved(seen), { root: field, rootMargin: NEAR });
  }

  // Shows these cards, in this order.
  show(cards) {
    this.#cards = cards;
    this.#columns ||= this.#countColumns();
    this.#layOut();
  }

  #resized() {
    const columns = this.#countColumns();
    if (columns === this.#columns || !this.#cards.length) return;
    this.#columns = columns;
    this.#layOut();
  }

  #countColumns() {
    if (!this.#blocks.length) this.#addBlock();
    const { gridTemplateColumns: tracks } = getComputedStyle(this.#blocks[0]);
    return Math.max(1, tracks.split(" ").filter((track) => /^[\d.]+px$/.test(track)).length);
  }

  #layOut() {
    const needed = Math.ceil(this.#cards.length / (ROWS * this.#columns));
    while (this.#blocks.length < needed) this.#addBlock();
    this.#blocks.forEach((block, index) => {
      const cards = this.#cardsOf(index);
      block.style.setProperty("--rows", Math.ceil(cards.length / this.#columns));
      block.hidden = !cards.length;
      fill(block, cards.map(({ element }) => element));
      if (this.#near.has(block)) for (const card of cards) card.comeNear?.();
    });
  }

  #cardsOf(index) {
    const size = ROWS * this.#columns;
    return this.#cards.slice(index * size, (index + 1) * size);
  }

  #moved(seen) {
    for (const { target: block, isIntersecting } of seen) {
      if (!isIntersecting) { this.#near.delete(block); continue; }
      this.#near.add(block);
      for (const card of this.#cardsOf(this.#blocks.indexOf(block))) card.comeNear?.();
    }
  }

  #addBlock() {
    const block = el("div", { class: "rows" });
    this.#blocks.push(block);
    this.#nearness.observe(block);
    this.element.append(block);
  }
}

// Makes these the elements of a block, and moves no more of them than it has to.
function fill(block, wanted) {
  const kept = new Set(wanted);
  for (const child of [...block.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((element, index) => {
    const there = block.children[index] ?? null;
    if (there === element) return;
    // A move keeps the focus, where browsers can do it.
    if (element.isConnected && block.moveBefore) block.moveBefore(element, there);
    else block.insertBefore(element, there);
  });
}
