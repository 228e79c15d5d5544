// What a reviewer can do with pictures.

import { isolated } from "../../board_kit/page/visible.js";
import { BoardActions } from "../../board_kit/parts/board_actions.js";
import { askChoice } from "../../board_kit/parts/sheets.js";
import { cropText } from "./crop_box.js";
import { correctCrop } from "./crop_sheet.js";
import { REVIEW_KEYS } from "./review_keys.js";
import { askReason } from "./review_sheets.js";

export class ReviewActions extends BoardActions {
  constructor(board) {
    super(board, REVIEW_KEYS);
  }

  deciding = {
    approve: (target) => this.decide(target, { decision: "approve", reason: "" }, "approved"),
    reject: (target) =>
      askReason(this.board, target.ids.length, (reason) => this.#reject(target, reason)),
    reason: (target) => this.#reject(target, this.board.reasons[target.number - 1]),
    reopen: ({ ids }) => this.#reopen(ids),
    character: ({ ids }) => this.#askCharacter(ids),
    edit: () => this.#edit(),
    crop: () => this.#correctCrop(this.board.grid.current),
    alike: () => this.#selectAlike(),
    select: () => { this.board.grid.toggle(this.board.grid.current); this.board.grid.step(1); },
  };

  #reopen(ids) {
    this.decide({ ids, advance: false }, { decision: "open", reason: "" }, "undecided");
  }

  // reason: undefined when a digit names none.
  #reject(target, reason) {
    if (reason) this.decide(target, { decision: "reject", reason }, "rejected");
  }

  #askCharacter(ids) {
    const { board } = this;
    const title = ids.length === 1 ? "Who is it?" : `Who is in these ${board.counted(ids.length)}?`;
    const pairs = board.characters.map(({ id, name }) => [id, name]);
    askChoice(board.root, title, pairs, (character) => this.#reassign(ids, character));
  }

  #reassign(ids, character) {
    const { board } = this;
    const patch = (item) => ({ character: character === item.character ? "" : character });
    board.change(ids, patch, "character");
    const moved = `${board.counted(ids.length)} moved to ${isolated(board.nameOf(character))}.`;
    board.announce(moved, { toast: ids.length > 1 });
    this.returnToWork();
  }

  #selectAlike() {
    const { board } = this;
    const ids = board.alikeShown(board.grid.current);
    board.loupe.close();
    if (ids.length > 1) board.grid.selectMany(ids);
    board.announce(ids.length > 1
      ? `${board.counted(ids.length)} alike are selected.`
      : "No other picture that is shown is like this one.", { toast: true });
  }

  #correctCrop(id) {
    const { board } = this;
    const item = board.state.item(id);
    if (!board.canCrop(item)) {
      board.announce("The frame of this picture is not known, so its crop cannot be corrected.",
        { toast: true });
      return;
    }
    correctCrop(board, item, board.cropOf(id), (box) => {
      const { left, top, width, height } = item.cut;
      const text = cropText(box);
      const cut = text === cropText([left, top, width, height]) ? "" : text;
      board.change([id], () => ({ cut }), "crop");
      board.announce(cut ? "Crop corrected." : "The crop is as the pipeline cut it.");
      this.returnToWork();
    });
  }

  #edit() {
    const { grid, loupe } = this.board;
    if (loupe.open) loupe.edit();
    else grid.card(grid.current).edit();
  }
}
