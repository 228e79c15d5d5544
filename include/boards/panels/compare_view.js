// One panel with all its candidates side by side, reference pictures beside them, and its history.
//
// It replaces the kit's loupe: the same commands open it, step through panels and show one picture at
// full size.

import { button, el, iconButton } from "../../board_kit/page/dom.js";
import { shortTime } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { ImageStage } from "../../board_kit/parts/image_stage.js";

export class CompareView {
  #board;
  #id = null;
  #zoomed = -1; // of the pictures; -1: side by side
  #stage;
  #caption = el("p", { class: "full-caption", role: "status" });
  #full;
  #candidates = el("ol", { class: "candidates", "aria-label": "Candidates" });
  #references = el("div", { class: "strips" });
  #side;
  #position = el("span", { class: "position" });
  #title = el("h2", { tabindex: -1 });
  #texts = el("div", { class: "texts" });
  #verdict = el("p", { class: "verdict", role: "status" });
  #history = el("ol", { class: "history", "aria-label": "History" });

  constructor(board) {
    this.#board = board;
    this.#stage = new ImageStage({ onError: (image) => board.retryImage(image) });
    this.#full = el("div", { class: "full", hidden: true }, this.#stage.element, this.#caption);
    this.#side = el("div", { class: "side-by-side" }, this.#candidates, this.#references);
    const step = (command) => () => board.do(command);
    const decide = board.mayDecide ? [el("div", { class: "row wide" },
      button("Redraw…", step("redraw"), { class: "decide no-button" }),
      button("As proposed", step("reopen")))] : [];
    this.element = el("dialog", {
      class: "loupe compare", "aria-label": "Compare candidates", onclose: () => this.#closed(),
    },
    el("div", { class: "view" }, this.#side, this.#full),
    el("aside", {},
      el("div", { class: "row" },
        iconButton("before", "Previous panel (←)", step("left")), this.#position,
        iconButton("after", "Next panel (→)", step("right")),
        iconButton("close", "Close (Esc)", () => this.close(), { class: "push" })),
      this.#title, this.#verdict, ...decide, this.#texts,
      el("h3", {}, "History"), this.#history));
  }

  get open() { return this.element.open; }

  show(id) {
    const moved = this.#id !== id;
    if (moved) {
      this.#id = id;
      this.#zoomed = -1;
      this.#build();
    }
    if (!this.open) this.element.showModal();
    this.update();
    if (moved) this.#title.focus({ preventScroll: true });
  }

  close() { if (this.open) this.element.close(); }
  focus() { this.#title.focus({ preventScroll: true }); }
  edit() { this.#board.do("redraw"); }

  // The shown candidate at full size, then at 100 %.
  toggleZoom() {
    if (this.#zoomed < 0) {
      const shown = this.#board.shownOf(this.#item);
      this.#zoom(Math.max(0, this.#item.candidates.indexOf(shown)));
    } else this.#stage.toggleZoom();
  }

  stepFrame(by) {
    const count = this.#pictures.length;
    if (!count) return;
    const from = this.#zoomed < 0 && by > 0 ? -1 : Math.max(0, this.#zoomed);
    this.#zoom((from + by + count) % count);
  }

  // Back from 100 %, or from full size; returns whether there was anything to go back from.
  back() {
    if (this.#zoomed < 0) return false;
    if (this.#stage.whole) this.#zoom(-1);
    else this.#stage.fit();
    return true;
  }

  update() {
    if (!this.open || !this.#id) return;
    const board = this.#board;
    const item = this.#item;
    const verdict = board.state.verdict(this.#id);
    const shown = board.shownOf(item);
    this.element.dataset.decision = verdict.decision;
    this.#position.textContent = `${board.grid.position + 1} of ${board.grid.shown.length}`;
    this.#verdict.textContent = verdict.decision === "open"
      ? "As the pipeline chose" : capital(board.inWords(item, verdict));
    [...this.#candidates.children].forEach((element, index) => {
      const chosen = item.candidates[index] === shown;
      element.classList.toggle("shown", chosen);
      element.querySelector(".take")?.setAttribute("aria-pressed", chosen);
    });
    this.#showHistory();
  }

  get #item() { return this.#board.state.item(this.#id); }

  // Everything that can be seen at full size: candidates, reference pictures, earlier pictures.
  get #pictures() {
    const { candidates, earlier } = this.#item;
    return [
      ...candidates.map((one, index) => ({ ...one, name: nameOf(one, index) })),
      ...this.#ownReferences.map((one) => ({ ...one, name: referenceName(one) })),
      ...earlier.map((one) => ({ ...one, name: earlierName(one) })),
    ];
  }

  get #ownReferences() {
    const own = new Set(this.#item.references);
    return this.#board.references.filter(({ id, approved }) => own.has(id) && !approved);
  }

  #build() {
    const item = this.#item;
    this.#zoom(-1);
    this.#title.textContent = `Panel ${item.label}`;
    this.#candidates.replaceChildren(
      ...item.candidates.map((one, index) => this.#candidate(one, index)));
    if (!item.candidates.length) {
      this.#candidates.append(el("li", { class: "missing" }, item.failure || "There is no picture."));
    }
    const first = item.candidates.length;
    const references = this.#ownReferences;
    this.#references.replaceChildren(
      ...this.#strip("Reference pictures", references, referenceName, first),
      ...this.#strip("Before", item.earlier, earlierName, first + references.length));
    this.#texts.replaceChildren(...this.#textsOf(item));
    this.#history.replaceChildren();
  }

  #candidate(one, index) {
    const board = this.#board;
    const name = nameOf(one, index);
    const image = el("img", {
      src: one.picture_url, alt: name, decoding: "async", onerror: () => board.retryImage(image),
    });
    const enlarge = button("", () => this.#zoom(index), {
      class: "bare enlarge", "aria-label": `${name}, at full size`,
    });
    enlarge.append(image);
    const pick = button("", () => board.choose(this.#id, index + 1), {
      class: "take", disabled: !board.mayDecide, "aria-pressed": "false",
      "aria-label": `Choose candidate ${index + 1}`,
    });
    pick.append(el("kbd", {}, String(index + 1)), el("span", {}, "Choose"));
    return el("li", {}, enlarge,
      el("div", { class: "facts" }, pick, el("dl", {}, ...scoresOf(one).flatMap(
        ([what, value]) => [el("dt", {}, what), el("dd", {}, value)]))));
  }

  #strip(title, pictures, nameOfOne, first) {
    if (!pictures.length) return [];
    return [el("h3", {}, title), el("ol", { class: "strip", "aria-label": title },
      ...pictures.map((one, index) => {
        const image = el("img", { src: one.thumb_url, alt: "", loading: "lazy", decoding: "async" });
        const enlarge = button("", () => this.#zoom(first + index), {
          "aria-label": `${nameOfOne(one)}, at full size`,
        });
        enlarge.append(image, el("span", {}, nameOfOne(one)));
        return el("li", {}, enlarge);
      }))];
  }

  #textsOf(item) {
    const { description, cast, why, notes, prompt, drawn_by: drawnBy, redraw } = item;
    const lines = [
      el("p", {}, description),
      cast.length ? el("p", { class: "quiet" }, cast.join(", ")) : null,
      why ? el("p", { class: "quiet" }, why) : null,
      redraw ? el("p", { class: "quiet" }, `Drawn again${redraw.note ? `: ${redraw.note}` : ""}.`) : null,
      drawnBy ? el("p", { class: "quiet" }, `Drawn by the run ${drawnBy}.`) : null,
      ...notes.map((note) => el("p", { class: "quiet" }, note)),
      el("details", {}, el("summary", {}, "Prompt"), el("p", { class: "quiet" }, prompt)),
    ];
    return lines.filter(Boolean);
  }

  async #showHistory() {
    const id = this.#id;
    const item = this.#item;
    const { version } = this.#board.state.signature(id);
    const lines = version ? await this.#board.store.history(id).catch(() => []) : [];
    if (this.#id !== id) return;
    this.#history.replaceChildren(...lines.map((one) => el("li", {},
      el("b", {}, one.reviewer), ` ${this.#board.inWords(item, one)}, ${shortTime(one.decided_at)}.`)));
    if (!lines.length) this.#history.append(el("li", { class: "quiet" }, "Nobody has changed it."));
  }

  // index: of the pictures; -1: side by side again.
  #zoom(index) {
    this.#zoomed = index;
    this.#full.hidden = index < 0;
    this.#side.hidden = index >= 0;
    this.#stage.fit();
    if (index < 0) return;
    const { picture_url: source, name } = this.#pictures[index];
    this.#stage.show({ source, alt: name });
    this.#caption.textContent = `${name}. ${index + 1} of ${this.#pictures.length}`;
    this.#stage.focus();
  }

  // The browser returns the focus to where it was; the person has moved on since.
  #closed() {
    this.#board.grid.go(this.#id);
    this.#id = null;
    this.#stage.clear();
  }
}

function nameOf({ seed }, index) { return `Candidate ${index + 1}, seed ${seed}`; }
function referenceName({ character }) { return isolated(character); }

function earlierName({ run, seed, chosen_by: by }) {
  return by ? `${run}, seed ${seed}, chosen by ${isolated(by)}` : `${run}, seed ${seed}`;
}

// What was measured of a candidate; a dash where nothing was.
function scoresOf({ seed, likeness, cast_match: match, sharpness }) {
  const scores = [["Seed", String(seed)], ["Likeness", scoreText(likeness)],
    ["Right characters", scoreText(match)]];
  return sharpness === undefined ? scores : [...scores, ["Sharpness", sharpness == null ? "–" : Math.round(sharpness).toLocaleString("en")]];
}

function scoreText(score) { return score == null ? "–" : score.toFixed(2); }
function capital(text) { return text.charAt(0).toUpperCase() + text.slice(1); }
