// One item as large as it gets, with the frames around it and a panel to decide about it.

import { button, el, iconButton } from "../page/dom.js";
import { ImageStage } from "./image_stage.js";

export class Loupe {
  #board;
  #imageOf;
  #framesOf;
  #panel;
  #stage;
  #id = null;
  #frame = -1; // of the frames; -1: the item's own image
  #position = el("span", { class: "position" });
  #strip = el("ol", { class: "strip", "aria-label": "Frames of the shot" });

  // imageOf(item) -> {source, alt}; framesOf(item) -> [{url, timecode, own, box}], own for the
  // frame that the item comes from; panel: {elements, update(item), commit(), edit()}.
  constructor(board, { label, imageOf, framesOf, panel }) {
    this.#board = board;
    this.#imageOf = imageOf;
    this.#framesOf = framesOf;
    this.#panel = panel;
    this.#stage = new ImageStage({ onError: (image) => board.retryImage(image) });
    const step = (command) => () => board.do(command);
    const onclose = () => this.#closed();
    this.element = el("dialog", { class: "loupe", "aria-label": label, onclose },
      el("div", { class: "view" }, this.#stage.element, this.#strip),
      el("aside", {},
        el("div", { class: "row" },
          iconButton("before", `Previous ${board.noun} (←)`, step("left")), this.#position,
          iconButton("after", `Next ${board.noun} (→)`, step("right")),
          iconButton("close", "Close (Esc)", () => this.close(), { class: "push" })),
        ...panel.elements));
  }

  get open() { return this.element.open; }

  show(id) {
    this.#panel.commit();
    if (this.#id !== id) {
      this.#id = id;
      this.#reset();
    }
    if (!this.open) this.element.showModal();
    this.update();
    this.focus();
  }

  close() { if (this.open) this.element.close(); }
  focus() { this.#stage.focus(); }
  edit() { this.#panel.edit(); }
  toggleZoom() { this.#stage.toggleZoom(); }

  // Shows the own frame first, then the next or the previous one.
  stepFrame(by) {
    const frames = this.#framesOf(this.#item);
    if (!frames.length) return;
    const own = Math.max(0, frames.findIndex((frame) => frame.own));
    this.#showFrame(this.#frame < 0 ? own : (this.#frame + by + frames.length) % frames.length);
  }

  // Back from a frame or from 100 %; returns whether there was anything to go back from.
  back() {
    if (this.#frame < 0 && this.#stage.whole) return false;
    this.#reset();
    this.#showImage();
    return true;
  }

  update() {
    if (!this.open || !this.#id) return;
    const { state, grid } = this.#board;
    this.element.dataset.decision = state.verdict(this.#id).decision;
    this.#position.textContent = `${grid.position + 1} of ${grid.shown.length}`;
    this.#panel.update(this.#item);
    this.#fillStrip();
    this.#showImage();
  }

  get #item() { return this.#board.state.item(this.#id); }

  #reset() {
    this.#frame = -1;
    this.#stage.fit();
  }

  #showFrame(index) {
    this.#frame = index;
    this.#showImage();
  }

  #showImage() {
    const frame = this.#framesOf(this.#item)[this.#frame];
    this.#stage.show(frame ? imageOfFrame(frame) : this.#imageOf(this.#item));
    [...this.#strip.children].forEach((shown, index) =>
      shown.firstChild.setAttribute("aria-pressed", index === this.#frame));
  }

  #fillStrip() {
    if (this.#strip.dataset.id === this.#id) return;
    this.#strip.dataset.id = this.#id;
    const frames = this.#framesOf(this.#item);
    this.#strip.hidden = !frames.length;
    this.#strip.replaceChildren(...frames.map((frame, index) =>
      el("li", { class: frame.own ? "own" : "" }, this.#frameButton(frame, index))));
  }

  #frameButton({ url, own, timecode }, index) {
    const image = el("img", {
      src: url, alt: "", loading: "lazy", decoding: "async",
      onerror: () => this.#board.retryImage(image),
    });
    const toggle = () => this.#showFrame(this.#frame === index ? -1 : index);
    const frame = button("", toggle, { "aria-pressed": "false" });
    frame.append(image, el("span", {}, own ? `${timecode}, this one` : timecode));
    return frame;
  }

  // The browser returns the focus to where it was; the reviewer has moved on since.
  #closed() {
    this.#panel.commit();
    this.#board.grid.go(this.#id);
    this.#id = null;
    this.#stage.clear();
  }
}

function imageOfFrame({ url, timecode, own, box }) {
  return { source: url, alt: `Frame at ${timecode}`, box: own ? box : null };
}
