// The review board: people approve or reject the pictures of the characters, and correct captions.

import { Board } from "../../board_kit/board.js";
import { button } from "../../board_kit/page/dom.js";
import { shortTime } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { Grid } from "../../board_kit/parts/grid.js";
import { Loupe } from "../../board_kit/parts/loupe.js";
import { cropShares, readCrop } from "./crop_box.js";
import { PictureCard } from "./picture_card.js";
import { PicturePanel } from "./picture_panel.js";
import { ReviewActions } from "./review_actions.js";
import { reviewFilter } from "./review_filter.js";
import { askToFinish } from "./review_sheets.js";

const UNDECIDED = { decision: "open", reason: "", caption: "", character: "", cut: "" };

export class ReviewBoard extends Board {
  noun = "picture";
  words = { approve: "approved", reject: "rejected", open: "undecided" };
  readOnlyText = "You can look at this review. Deciding needs permission to answer the tasks of "
    + "this DAG.";

  #films = 1;
  #alike = new Map(); // the number of pictures in each group of alike ones
  #byLikeness = false;

  constructor(root, store) {
    super(root, store, UNDECIDED);
  }

  get characters() { return this.document.characters; }
  get reasons() { return this.document.reasons; }

  nameOf(character) {
    return this.characters.find(({ id }) => id === character)?.name ?? character;
  }

  referencesOf(character) {
    return this.characters.find(({ id }) => id === character)?.references ?? [];
  }

  characterName(id) { return this.nameOf(this.state.value(id, "character")); }

  get knowsLikeness() { return this.state.items.some(({ alike }) => alike); }

  // The pictures that are shown and like this one, itself included.
  alikeShown(id) {
    const { alike } = this.state.item(id);
    return this.grid.shown.filter((other) =>
      other === id || (alike && this.state.item(other).alike === alike));
  }

  // Puts pictures that are alike next to each other, largest groups first; or in shots again.
  arrangeByLikeness(wanted) {
    this.#byLikeness = wanted;
    const ranks = new Map([...this.#alike].sort(([, one], [, other]) => other - one)
      .map(([alike], rank) => [alike, rank]));
    const places = new Map(this.state.items.map(({ id }, index) => [id, index]));
    const after = places.size;
    this.grid.arrange(({ id, alike }) => places.get(id)
      + (wanted ? after * (ranks.get(alike) ?? after) : 0));
  }

  // The name of the group that a picture is shown in.
  groupName(item) {
    if (!this.#byLikeness) return this.shotName(item);
    return item.alike ? `${this.#alike.get(item.alike)} alike` : "Like no other";
  }

  shotKey({ video, shot }) { return `${video}#${shot}`; }

  // The number that lineage.csv and the report show, and that a removal takes.
  shotName({ video, shot }) {
    return this.#films > 1 ? `Shot ${shot} of ${isolated(video)}` : `Shot ${shot}`;
  }

  // "Approved by Ana, 3 Nov, 14:05, in run nightly-3."; "" for a decision of this review.
  originOf(id) {
    const { reviewer, at, origin } = this.state.signature(id);
    if (!origin) return "";
    const word = this.words[this.state.verdict(id).decision];
    const what = word[0].toUpperCase() + word.slice(1);
    return `${what} by ${isolated(reviewer)}, ${shortTime(at)}, in run ${isolated(origin.run)}.`;
  }

  setCaption(id, caption) {
    this.change([id], () => ({ caption }), "caption");
  }

  // Whether the crop of a picture can be corrected: its own frame is known.
  canCrop({ cut, neighbours }) { return Boolean(cut) && neighbours.some(({ own }) => own); }

  // The crop as it is now, in pixels of its frame.
  cropOf(id) {
    const { left, top, width, height } = this.state.item(id).cut;
    const corrected = this.state.verdict(id).cut;
    return corrected ? readCrop(corrected) : [left, top, width, height];
  }

  // {url, part, ratio}: the frame of a corrected picture, the part of it that is the picture, and
  // the ratio of the frame; null for a picture as the pipeline cut it.
  correctedView(item) {
    if (!this.state.verdict(item.id).cut || !this.canCrop(item)) return null;
    const [width, height] = item.frame_size;
    const { url } = item.neighbours.find(({ own }) => own);
    const part = cropShares(this.cropOf(item.id), item.frame_size);
    return { url, part, ratio: width / height };
  }

  // -- What the kit asks of a board

  makeActions() { return new ReviewActions(this); }
  makeFilter() { return reviewFilter(this); }

  makeGrid() {
    this.#films = new Set(this.state.items.map(({ video }) => video)).size;
    this.#alike = new Map();
    for (const { alike } of this.state.items) {
      if (alike) this.#alike.set(alike, (this.#alike.get(alike) ?? 0) + 1);
    }
    this.#byLikeness = false;
    return new Grid(this, {
      sectionOf: (item) => item.character,
      titleOf: (character) => this.nameOf(character),
      summaryOf: (cards) => this.#summaryOf(cards),
      groupOf: (item) => (this.#byLikeness ? item.alike : this.shotKey(item)),
      makeCard: (item) => new PictureCard(this, item),
    });
  }

  makeLoupe() {
    return new Loupe(this, {
      label: "Full picture",
      imageOf: (item) => this.#imageOf(item),
      framesOf: (item) => this.#framesOf(item),
      panel: new PicturePanel(this),
    });
  }

  actionButtons() {
    const action = (label, command, name) =>
      button(label, () => this.do(command), { class: name });
    return [
      action("Approve", "approve", "decide yes-button"),
      action("Reject…", "reject", "decide no-button"),
      action("Character…", "character", "plain several"),
      action("Caption", "edit", "plain single"),
      action("View", "zoom", "plain single"),
    ];
  }

  openFinishSheet(onFinish) { askToFinish(this, onFinish); }

  #imageOf(item) {
    const alt = this.state.value(item.id, "caption");
    const corrected = this.correctedView(item);
    if (!corrected) return { source: item.picture_url, alt };
    return { source: corrected.url, alt, part: corrected.part };
  }

  #framesOf(item) {
    if (!this.canCrop(item)) return item.neighbours;
    const box = cropShares(this.cropOf(item.id), item.frame_size);
    return item.neighbours.map((frame) => (frame.own ? { ...frame, box } : frame));
  }

  #summaryOf(cards) {
    const approved = cards.filter(({ id }) => this.state.verdict(id).decision === "approve");
    return `${approved.length} of ${this.counted(cards.length)} approved`;
  }
}
