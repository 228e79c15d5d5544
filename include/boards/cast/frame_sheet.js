// The frames of the films, with a box to draw around somebody who was not found.

import { button, el } from "../../board_kit/page/dom.js";
import { isComposing, tidy } from "../../board_kit/page/text.js";
import { openSheet } from "../../board_kit/parts/sheets.js";

const LEAST = 0.02; // least width and height of a box, as shares of the frame

export function showFrames(board) {
  const current = board.grid.current;
  const first = current ? board.state.item(current).sample : 0;
  openSheet(board.root, "Draw a box around somebody", "frames", (close) => {
    const frames = new FrameDrawing(board, first, close);
    return frames.elements;
  });
}

class FrameDrawing {
  #board;
  #close;
  #sample;
  #box = null;
  #image = el("img", { alt: "", draggable: "false" });
  #drawn = el("span", { class: "box drawn", hidden: true });
  #known = el("div", { class: "known" });
  #where = el("p", { class: "quiet", role: "status" });
  #problem = el("p", { class: "problem", role: "alert" });
  #name = el("input", {
    type: "text", "aria-label": "Name", placeholder: "Name (optional)", list: "cast-names",
    autocomplete: "off",
  });
  #slider;

  constructor(board, first, close) {
    this.#board = board;
    this.#close = close;
    this.#sample = first;
    this.#slider = el("input", {
      type: "range", min: 0, max: board.samples.length - 1, step: 1, "aria-label": "Frame",
      oninput: () => this.#show(Number(this.#slider.value)),
    });
    const print = el("div", { class: "drawing" }, this.#image, this.#known, this.#drawn);
    this.#makeDrawable(print);
    this.#name.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !isComposing(event)) this.#add();
    });
    this.elements = [
      el("p", { class: "quiet" }, "Find a frame, and draw from one corner to the other."),
      print,
      el("div", { class: "row" }, button("‹", () => this.#step(-1), { "aria-label": "Frame before" }),
        this.#slider, button("›", () => this.#step(1), { "aria-label": "Next frame" })),
      this.#where, this.#problem,
      el("datalist", { id: "cast-names" }, ...board.names.map((name) => el("option", { value: name }))),
      el("div", { class: "row" }, this.#name,
        button("Add", () => this.#add(), { class: "main" }), button("Close", close)),
    ];
    this.#show(first);
  }

  #step(by) {
    const last = this.#board.samples.length - 1;
    this.#show(Math.min(last, Math.max(0, this.#sample + by)));
  }

  #show(sample) {
    const { samples, state } = this.#board;
    this.#sample = sample;
    this.#slider.value = sample;
    this.#image.src = samples[sample].url;
    this.#image.alt = this.#board.placeOf(samples[sample]);
    this.#where.textContent = `${this.#board.placeOf(samples[sample])}; frame ${sample + 1} of `
      + `${samples.length}`;
    this.#known.replaceChildren(...state.items.filter((item) => item.sample === sample)
      .map(({ box }) => placed(el("span", { class: "box" }), box)));
    this.#setBox(null);
  }

  #setBox(box) {
    this.#box = box;
    this.#drawn.hidden = !box;
    if (box) placed(this.#drawn, box);
  }

  async #add() {
    this.#problem.textContent = this.#box ? "" : "Draw a box first.";
    if (!this.#box) return;
    const [x, y, w, h] = this.#box;
    try {
      await this.#board.draw({ sample: this.#sample, box: { x, y, w, h }, name: tidy(this.#name.value) });
      this.#close();
    } catch (refusal) {
      this.#problem.textContent = refusal.message;
    }
  }

  #makeDrawable(print) {
    let start = null;
    const at = (event) => {
      const { left, top, width, height } = this.#image.getBoundingClientRect();
      return [share(event.clientX - left, width), share(event.clientY - top, height)];
    };
    print.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      print.setPointerCapture(event.pointerId);
      start = at(event);
      this.#setBox(null);
    });
    print.addEventListener("pointermove", (event) => {
      if (!start) return;
      const end = at(event);
      const [x, y] = [Math.min(start[0], end[0]), Math.min(start[1], end[1])];
      const [w, h] = [Math.abs(start[0] - end[0]), Math.abs(start[1] - end[1])];
      this.#setBox(w >= LEAST && h >= LEAST ? [x, y, w, h] : null);
    });
    print.addEventListener("pointerup", () => { start = null; });
  }
}

function share(distance, whole) {
  return Math.min(1, Math.max(0, distance / whole));
}

function placed(element, shares) {
  const [left, top, width, height] = shares.map((one) => `${100 * one}%`);
  Object.assign(element.style, { left, top, width, height });
  return element;
}
