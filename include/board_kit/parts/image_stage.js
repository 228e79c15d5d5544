// One image, or a part of one, whole or at 100 %, where it is moved by dragging; a box can be drawn
// on it.

import { el } from "../page/dom.js";
import { showPart } from "../page/part.js";

export class ImageStage {
  #whole = true;
  #part = null;
  #image;
  #print;
  #box = el("span", { class: "box", hidden: true });

  // onError(image): the image failed to load.
  constructor({ onError }) {
    this.#image = el("img", {
      class: "large", draggable: "false",
      onload: () => this.#measure(), onerror: () => onError(this.#image),
    });
    this.#print = el("div", { class: "print" }, this.#image, this.#box);
    this.element = el("div", { class: "stage", tabindex: 0, onclick: () => this.toggleZoom() },
      this.#print);
    this.#makeDraggable();
    this.#showZoom();
  }

  get whole() { return this.#whole; }

  // box, part: [left, top, width, height] as shares of the image, or null.
  show({ source, alt, box, part = null }) {
    this.#part = part;
    if (this.#image.getAttribute("src") !== source) this.#image.src = source;
    this.#image.alt = alt;
    this.#box.hidden = !box;
    if (box) placeBox(this.#box, box);
    this.#measure();
  }

  clear() { this.#image.removeAttribute("src"); }

  focus() { this.element.focus({ preventScroll: true }); }

  fit() {
    this.#whole = true;
    this.#showZoom();
  }

  toggleZoom() {
    this.#whole = !this.#whole;
    this.#showZoom();
  }

  #showZoom() {
    this.element.classList.toggle("whole", this.#whole);
    this.element.setAttribute("aria-label", this.#whole ? "Picture, whole" : "Picture at 100 %");
  }

  #measure() {
    const { naturalWidth, naturalHeight } = this.#image;
    const [, , width, height] = this.#part ?? [0, 0, 1, 1];
    const ratio = naturalWidth / naturalHeight;
    this.element.style.setProperty("--ratio", (ratio * width) / height);
    this.#print.style.setProperty("--real", `${width * naturalWidth}px`);
    this.#print.classList.toggle("part", Boolean(this.#part));
    if (this.#part) showPart(this.#print, this.#image, this.#part, ratio);
    else { this.#image.removeAttribute("style"); this.#print.style.aspectRatio = ""; }
  }

  #makeDraggable() {
    const stage = this.element;
    let grip = null;
    let moved = false;
    stage.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse") return;
      grip = { x: event.clientX + stage.scrollLeft, y: event.clientY + stage.scrollTop };
      moved = false;
    });
    stage.addEventListener("pointermove", (event) => {
      if (!grip || this.#whole) return;
      const [left, top] = [grip.x - event.clientX, grip.y - event.clientY];
      moved ||= Math.hypot(left - stage.scrollLeft, top - stage.scrollTop) > 3;
      stage.scrollTo(left, top);
    });
    addEventListener("pointerup", () => { grip = null; });
    // The end of a drag is no click.
    stage.addEventListener("click", (event) => {
      if (moved) event.stopImmediatePropagation();
      moved = false;
    }, true);
  }
}

function placeBox({ style }, shares) {
  const [left, top, width, height] = shares.map((share) => `${100 * share}%`);
  Object.assign(style, { left, top, width, height });
}
