// One picture as large as it gets, with the frames around it and everything to decide about it.

import { CaptionEditor } from "./caption_editor.js";
import { button, el, signButton } from "./dom.js";
import { DECIDED } from "./picture_card.js";

export class Loupe {
  #board;
  #id = null;
  #frame = -1; // of the neighbours; -1: the picture itself
  #whole = true;
  #parts = {};
  #caption;

  constructor(board) {
    this.#board = board;
    this.element = this.#build();
    this.element.addEventListener("close", () => this.#closed());
  }

  get open() { return this.element.open; }

  show(id) {
    this.#caption.commit();
    if (this.#id !== id) {
      this.#id = id;
      this.#frame = -1;
      this.#whole = true;
    }
    if (!this.open) this.element.showModal();
    this.update();
    this.#parts.stage.focus({ preventScroll: true });
  }

  close() { if (this.open) this.element.close(); }

  // The next step of "look closer": fit to the window, then 100 %.
  closer() {
    this.#whole = !this.#whole;
    this.#showPicture();
  }

  neighbour(by) {
    const { length } = this.#item.neighbours;
    if (!length) return;
    const own = Math.max(0, this.#item.neighbours.findIndex((frame) => frame.own));
    this.#frame = this.#frame < 0 ? own : (this.#frame + by + length) % length;
    this.#showPicture();
  }

  // Whether there was something to go back from.
  back() {
    if (this.#frame < 0 && this.#whole) return false;
    this.#frame = -1;
    this.#whole = true;
    this.#showPicture();
    return true;
  }

  edit() { this.#caption.start(); }

  update() {
    if (!this.open || !this.#id) return;
    const { state, grid } = this.#board;
    const item = this.#item;
    const { decision, reason } = state.verdict(item.id);
    const parts = this.#parts;
    this.element.dataset.decision = decision;
    parts.who.textContent = this.#board.nameOf(state.character(item.id));
    parts.where.textContent = `${this.#board.shotName(item)}, ${item.timecode}`;
    parts.place.textContent = `${grid.place + 1} of ${grid.shown.length}`;
    parts.verdict.textContent = reason ? `${DECIDED[decision]}: ${reason}` : DECIDED[decision];
    parts.yes.setAttribute("aria-pressed", decision === "approve");
    parts.no.setAttribute("aria-pressed", decision === "reject");
    parts.notes.replaceChildren(...this.#facts(item).map((note) => el("li", {}, note)));
    this.#caption.show();
    this.#showStrip();
    this.#showPicture();
  }

  get #item() { return this.#board.state.item(this.#id); }

  #build() {
    const board = this.#board;
    const act = (name) => () => board.do(name);
    const parts = this.#parts;
    parts.image = el("img", {
      class: "large", draggable: "false",
      onload: () => this.#measure(), onerror: () => board.pictureLost(parts.image),
    });
    parts.box = el("span", { class: "cut", hidden: true });
    parts.stage = el("div", { class: "stage", tabindex: 0, onclick: () => this.closer() },
      el("div", { class: "print" }, parts.image, parts.box));
    this.#letDrag(parts.stage);
    parts.strip = el("ol", { class: "strip", "aria-label": "Frames of the shot" });
    parts.who = el("h2", {});
    parts.where = el("p", { class: "quiet" });
    parts.place = el("span", { class: "position" });
    parts.verdict = el("p", { class: "verdict", role: "status" });
    parts.notes = el("ul", { class: "notes" });
    parts.yes = button("Approve", act("approve"), { class: "decide yes-button" });
    parts.no = button("Reject…", act("reject"), { class: "decide no-button" });
    this.#caption = new CaptionEditor(board, () => board.captionOf(this.#id), {
      onCaption: (caption) => board.setCaption(this.#id, caption),
      onClose: () => parts.stage.focus({ preventScroll: true }),
    });
    this.#caption.field.disabled = !board.mayDecide;
    const because = board.reasons.map((reason, place) =>
      el("li", {}, button(reason, () => board.do("reason", place + 1), { class: "chip" })));
    const decide = [
      el("div", { class: "row wide" }, parts.yes, parts.no),
      el("ol", { class: "reasons", "aria-label": "Reject because" }, ...because),
      button("It is somebody else…", act("character"), { class: "plain" }),
    ];
    return el("dialog", { class: "loupe", "aria-label": "Full picture" },
      el("div", { class: "view" }, parts.stage, parts.strip),
      el("aside", {},
        el("div", { class: "row" },
          signButton("before", "Picture before (←)", act("left")), parts.place,
          signButton("after", "Next picture (→)", act("right")),
          signButton("close", "Close (Esc)", () => this.close(), { class: "push" })),
        parts.who, parts.where, parts.verdict, ...(board.mayDecide ? decide : []),
        this.#caption.element, parts.notes));
  }

  #showPicture() {
    const item = this.#item;
    const frame = item.neighbours[this.#frame];
    const { image, box, stage } = this.#parts;
    const source = frame ? frame.url : item.picture_url;
    if (image.getAttribute("src") !== source) image.src = source;
    image.alt = frame ? `Frame at ${frame.timecode}` : this.#board.captionOf(this.#id).caption;
    stage.classList.toggle("whole", this.#whole);
    stage.setAttribute("aria-label", this.#whole ? "Picture, whole" : "Picture at 100 %");
    const cut = frame?.own ? item.neighbours[this.#frame].box : null;
    box.hidden = !cut;
    if (cut) place(box, cut);
    [...this.#parts.strip.children].forEach((shown, number) =>
      shown.firstChild.setAttribute("aria-pressed", number === this.#frame));
  }

  #measure() {
    const { naturalWidth, naturalHeight } = this.#parts.image;
    this.#parts.stage.style.setProperty("--ratio", naturalWidth / naturalHeight);
  }

  #showStrip() {
    const { strip } = this.#parts;
    if (strip.dataset.id === this.#id) return;
    strip.dataset.id = this.#id;
    const { neighbours } = this.#item;
    strip.hidden = !neighbours.length;
    strip.replaceChildren(...neighbours.map((frame, number) =>
      el("li", { class: frame.own ? "own" : "" }, this.#strippedFrame(frame, number))));
  }

  #strippedFrame({ url, own, timecode }, number) {
    const show = () => {
      this.#frame = this.#frame === number ? -1 : number;
      this.#showPicture();
    };
    const image = el("img", {
      src: url, alt: "", loading: "lazy", decoding: "async",
      onerror: () => this.#board.pictureLost(image),
    });
    const name = el("span", {}, own ? `${timecode}, this one` : timecode);
    const face = button("", show, { "aria-pressed": "false" });
    face.append(image, name);
    return face;
  }

  #facts(item) {
    const size = `${item.width} × ${item.height} px`;
    const sure = `The detector is ${Math.round(100 * item.score)} % sure.`;
    const said = item.notes.includes(sure) ? [] : [sure];
    return [...item.notes, ...said, `${item.video}, ${size}.`];
  }

  // The browser gives the focus back to where it came from; the reviewer has moved on since.
  #closed() {
    this.#caption.commit();
    this.#board.grid.go(this.#id);
    this.#id = null;
    this.#parts.image.removeAttribute("src");
  }

  // At 100 % the picture is moved by dragging it, as well as by scrolling.
  #letDrag(stage) {
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

function place({ style }, [left, top, width, height]) {
  const percent = (ratio) => `${100 * ratio}%`;
  style.left = percent(left);
  style.top = percent(top);
  style.width = percent(width);
  style.height = percent(height);
}
