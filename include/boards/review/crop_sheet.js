// The sheet on which a reviewer corrects the crop of a picture: the frame with a box to move and
// resize, by pointer, by keys, or by numbers, and the crop as it will be.

import { button, el } from "../../board_kit/page/dom.js";
import { showPart } from "../../board_kit/page/part.js";
import { isComposing } from "../../board_kit/page/text.js";
import { openSheet } from "../../board_kit/parts/sheets.js";
import { allowedCrop, cropShares, grownCrop, movedCrop, resizedCrop } from "./crop_box.js";

const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const SIDES = ["Left", "Top", "Width", "Height"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 10; // pixels of the frame; with Shift: 1

// item: of the board, with its own frame; box: its crop now. onDone(box) with the corrected one.
export function correctCrop(board, item, box, onDone) {
  openSheet(board.root, "Correct the crop", "crop", (close) => {
    const editor = new CropEditor(board, item, box);
    const use = () => { close(); onDone(editor.box); };
    editor.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || isComposing(event)) return;
      event.preventDefault();
      use();
    });
    const hint = el("p", { class: "quiet" },
      "Drag the box or its edges. On the box, the arrow keys move it, plus and minus resize it, "
      + "with Shift by single pixels; Enter uses it.");
    return [editor.element, hint, el("div", { class: "row end" },
      button("As the pipeline cut it", () => editor.reset()),
      button("Cancel", close), button("Use this crop", use, { class: "main" }))];
  });
}

class CropEditor {
  #item;
  #rules;
  #frame;
  #box = el("div", {
    class: "crop-box", tabindex: 0, role: "group", autofocus: true,
    onkeydown: (event) => this.#pressed(event),
  });
  #print;
  #preview = el("div", { class: "crop-preview" });
  #shown;
  #fields;
  #size = el("p", { role: "status", class: "quiet" });

  constructor(board, item, box) {
    this.#item = item;
    const { cut_side: least, cut_aspect: aspect } = board.limits;
    this.#rules = { frame: item.frame_size, least, aspect };
    const { url } = item.neighbours.find(({ own }) => own);
    const picture = (alt) => el("img", {
      src: url, alt, draggable: "false", onerror: ({ target }) => board.retryImage(target),
    });
    this.#frame = picture(`Frame at ${item.timecode}`);
    this.#shown = picture("The picture as it will be cut");
    this.#preview.append(this.#shown);
    this.#box.append(...HANDLES.map((edges) => el("i", { class: `handle ${edges}` })));
    this.#print = el("div", { class: "crop-frame" }, this.#frame, this.#box);
    this.#fields = SIDES.map((name, index) => el("input", {
      type: "number", min: index < 2 ? 0 : least, "aria-label": `${name}, pixels`,
      onchange: () => this.#typed(),
    }));
    this.element = el("div", { class: "crop-editor" }, this.#print,
      el("div", { class: "crop-side" }, this.#preview, this.#size,
        el("div", { class: "crop-numbers" }, ...this.#fields.map(
          (field, index) => el("label", {}, SIDES[index], field)))));
    this.#makeDraggable();
    this.#show(box);
  }

  box;

  reset() {
    const { left, top, width, height } = this.#item.cut;
    this.#show([left, top, width, height]);
    this.#box.focus();
  }

  #show(box) {
    this.box = box;
    const [across, down] = this.#rules.frame;
    const shares = cropShares(box, this.#rules.frame);
    const [left, top, width, height] = shares.map((share) => `${100 * share}%`);
    Object.assign(this.#box.style, { left, top, width, height });
    showPart(this.#preview, this.#shown, shares, across / down);
    this.#fields.forEach((field, index) => { field.value = box[index]; });
    const [x, y, wide, high] = box;
    this.#size.textContent = `${wide} × ${high} px`;
    this.#box.setAttribute("aria-label", `Crop, ${wide} by ${high} pixels, at ${x}, ${y}`);
  }

  #typed() {
    const wanted = this.#fields.map((field, index) => Number(field.value) || this.box[index]);
    this.#show(allowedCrop(wanted, this.#rules));
  }

  #pressed(event) {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 1 : STEP;
    const arrow = ARROWS[event.key];
    const growth = { "+": 1, "=": 1, "*": 1, "-": -1, _: -1 }[event.key];
    if (!arrow && !growth) return;
    event.preventDefault();
    event.stopPropagation();
    this.#show(arrow
      ? movedCrop(this.box, arrow[0] * step, arrow[1] * step, this.#rules)
      : grownCrop(this.box, growth * step, this.#rules));
  }

  #makeDraggable() {
    let grip = null;
    this.#box.addEventListener("pointerdown", (event) => {
      const { classList } = event.target;
      const edges = classList.contains("handle") ? classList[1] : "";
      grip = { x: event.clientX, y: event.clientY, edges, box: this.box };
      this.#box.setPointerCapture(event.pointerId);
      this.#box.focus();
      event.preventDefault();
    });
    this.#box.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const scale = this.#rules.frame[0] / this.#print.getBoundingClientRect().width;
      const [dx, dy] = [(event.clientX - grip.x) * scale, (event.clientY - grip.y) * scale];
      this.#show(grip.edges
        ? resizedCrop(grip.box, grip.edges, dx, dy, this.#rules)
        : movedCrop(grip.box, dx, dy, this.#rules));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.#box.addEventListener(end, () => { grip = null; });
    }
  }
}
