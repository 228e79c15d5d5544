// What people can do with panels.

import { BoardActions } from "../../board_kit/parts/board_actions.js";
import { PANEL_KEYS } from "./panel_keys.js";
import { askRedraw } from "./redraw_sheet.js";

const NOT_REDRAWN = { note: "", seed: "", reference: "" };

export class PanelActions extends BoardActions {
  constructor(board) {
    super(board, PANEL_KEYS);
  }

  deciding = {
    choose: ({ ids, number }) => this.chooseFor(ids, number),
    redraw: ({ ids }) => askRedraw(this.board, ids, (asked) => this.#redraw(ids, asked)),
    reopen: ({ ids }) => this.#reset(ids),
    select: () => { this.board.grid.toggle(this.board.grid.current); this.board.grid.step(1); },
  };

  // number: the place of the candidate, from 1; a panel that has fewer is left as it is.
  chooseFor(ids, number) {
    const { board } = this;
    if (!board.mayDecide) { this.do("choose", number); return; }
    const able = ids.filter((id) => board.state.item(id).candidates[number - 1]);
    if (!able.length) {
      board.announce(`There is no candidate ${number}.`, { toast: true });
      return;
    }
    board.change(able, ({ candidates }) => (
      { decision: "choose", candidate: candidates[number - 1].id, ...NOT_REDRAWN }), "choice");
    this.#say(able, `candidate ${number} is chosen`);
  }

  // asked: {note, seed, reference}; null: not any more.
  #redraw(ids, asked) {
    if (!asked) {
      this.board.change(ids, (item, { candidate }) => (
        { decision: candidate ? "choose" : "open", ...NOT_REDRAWN }), "redraw");
      this.#say(ids, "no redraw");
      return;
    }
    this.board.change(ids, () => ({ decision: "redraw", ...asked }), "redraw");
    this.#say(ids, "to be drawn again");
  }

  #reset(ids) {
    this.board.change(ids, () => ({ decision: "open", candidate: "", ...NOT_REDRAWN }), "reset");
    this.#say(ids, "as the pipeline chose");
  }

  #say(ids, what) {
    const { board } = this;
    const who = ids.length === 1 ? `Panel ${board.state.item(ids[0]).label}` : board.counted(ids.length);
    board.announce(`${who}: ${what}.`, { toast: ids.length > 1 });
    this.returnToWork();
  }
}
