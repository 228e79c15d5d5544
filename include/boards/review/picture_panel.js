// The loupe's panel for a picture: who and where it is, the decision, the caption and the notes.

import { button, el } from "../../board_kit/page/dom.js";
import { isolated } from "../../board_kit/page/visible.js";
import { captionEditor } from "./captions/caption_editor.js";

export class PicturePanel {
  #board;
  #id = null;
  #who = el("h2", {});
  #where = el("p", { class: "quiet" });
  #verdict = el("p", { class: "verdict", role: "status" });
  #references = el("ul", { class: "references" });
  #before = el("p", { class: "quiet" });
  #notes = el("ul", { class: "notes" });
  #approve;
  #reject;
  #caption;
  #crop;

  constructor(board) {
    this.#board = board;
    const command = (name) => () => board.do(name);
    this.#approve = button("Approve", command("approve"), { class: "decide yes-button" });
    this.#reject = button("Reject…", command("reject"), { class: "decide no-button" });
    this.#crop = button("Correct the crop…", command("crop"), { class: "plain" });
    this.#caption = captionEditor(board, () => this.#id, () => board.loupe.focus());
    this.#caption.field.disabled = !board.mayDecide;
    const reasons = board.reasons.map((reason, index) =>
      el("li", {}, button(reason, () => board.do("reason", index + 1), { class: "chip" })));
    const decide = [
      el("div", { class: "row wide" }, this.#approve, this.#reject),
      el("ol", { class: "reasons", "aria-label": "Reject because" }, ...reasons),
      el("div", { class: "row wide" },
        button("Change the character…", command("character"), { class: "plain" }), this.#crop),
    ];
    this.elements = [this.#who, this.#references, this.#where, this.#verdict, this.#before,
      ...(board.mayDecide ? decide : []),
      this.#caption.element, this.#notes];
  }

  update(item) {
    const board = this.#board;
    this.#id = item.id;
    const { decision, reason } = board.state.verdict(item.id);
    const word = board.words[decision];
    this.#who.textContent = board.characterName(item.id);
    this.#showReferences(board.state.value(item.id, "character"));
    this.#where.textContent = `${board.shotName(item)}, ${item.timecode}`;
    this.#verdict.textContent = reason ? `${word}: ${reason}` : word;
    this.#before.textContent = board.originOf(item.id);
    this.#approve.setAttribute("aria-pressed", decision === "approve");
    this.#reject.setAttribute("aria-pressed", decision === "reject");
    this.#notes.replaceChildren(...factsOf(item).map((note) => el("li", {}, note)));
    this.#crop.hidden = !board.canCrop(item);
    this.#caption.show();
  }

  // What the character looks like, beside the picture that is decided about.
  #showReferences(character) {
    if (this.#references.dataset.character === character) return;
    this.#references.dataset.character = character;
    const urls = this.#board.referencesOf(character);
    const name = this.#board.nameOf(character);
    this.#references.hidden = !urls.length;
    this.#references.setAttribute("aria-label", `Reference pictures of ${name}`);
    this.#references.replaceChildren(...urls.map((url, index) => {
      const image = el("img", {
        src: url, alt: `${name}, reference ${index + 1}`, decoding: "async",
        onerror: () => this.#board.retryImage(image),
      });
      return el("li", {}, image);
    }));
  }

  commit() { this.#caption.commit(); }
  edit() { this.#caption.start(); }
}

function factsOf({ notes, score, video, width, height }) {
  const sure = `The detector is ${Math.round(100 * score)} % sure.`;
  const added = notes.includes(sure) ? [] : [sure];
  return [...notes, ...added, `${isolated(video)}, ${width} × ${height} px.`];
}
