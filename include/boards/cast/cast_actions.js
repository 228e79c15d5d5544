// What people can do with figures and their groups.

import { isolated } from "../../board_kit/page/visible.js";
import { BoardActions } from "../../board_kit/parts/board_actions.js";
import { CAST_KEYS } from "./cast_keys.js";
import { showFrames } from "./frame_sheet.js";
import { askName } from "./name_sheet.js";

export class CastActions extends BoardActions {
  constructor(board) {
    super(board, CAST_KEYS);
  }

  looking = {
    draw: () => showFrames(this.board),
  };

  deciding = {
    name: (target) => this.#askName(this.#widened(target)),
    digit: (target) => this.#nameByDigit(this.#widened(target), target.number),
    nobody: (target) =>
      this.#change(this.#widened(target), { decision: "nobody", name: "" }, "set aside"),
    reopen: (target) =>
      this.#change(this.#widened(target), { decision: "open", name: "" }, "unnamed again"),
    reference: (target) => this.#toggleReference(target.ids),
    select: () => { this.board.grid.toggle(this.board.grid.current); this.board.grid.step(1); },
  };

  // A button of a section.
  doOnSection(command, section) {
    const ids = this.board.idsOf(section);
    if (command === "name") this.#askName(ids);
    else this.deciding[command]({ ids, advance: false });
  }

  // A key without a selection acts on the whole group, except in the full picture.
  #widened({ ids, advance }) {
    const { grid, loupe, state } = this.board;
    if (!advance || loupe.open || grid.selected.size) return ids;
    return this.board.idsOf(this.board.sectionOf(state.item(ids[0])));
  }

  #askName(ids) {
    askName(this.board, ids, (name) =>
      this.#change(ids, { decision: "name", name }, `named ${isolated(name)}`));
  }

  #nameByDigit(ids, number) {
    const name = this.board.names[number - 1];
    if (name === undefined) {
      this.board.announce(`There is no name ${number} yet. Press N to write one.`, { toast: true });
      return;
    }
    this.#change(ids, { decision: "name", name }, `named ${isolated(name)}`);
  }

  #change(ids, patch, what) {
    const { board } = this;
    const single = ids.length === 1 ? board.grid.shown[board.grid.position + 1] : null;
    const kept = patch.decision === "name" ? patch : { ...patch, reference: false };
    board.change(ids, () => kept, what);
    const open = board.state.count("open");
    const rest = open ? `${open.toLocaleString("en")} to go.` : "All figures are sorted.";
    board.announce(`${board.counted(ids.length)} ${what}. ${rest}`, { toast: true });
    board.grid.clearSelection();
    if (board.loupe.open) { this.returnToWork(); return; }
    if (single) board.grid.go(single);
    else this.#goToUnnamed();
  }

  #goToUnnamed() {
    const { grid, state } = this.board;
    const next = grid.shown.find((id) => state.verdict(id).decision === "open");
    if (next) grid.go(next);
    else grid.focus();
  }

  #toggleReference(ids) {
    const { board } = this;
    const picked = ids.every((id) => board.state.verdict(id).reference);
    board.change(ids, () => ({ reference: !picked }), picked ? "no reference" : "reference");
    const what = picked ? "no longer a reference picture" : "picked as reference pictures";
    board.announce(`${board.counted(ids.length)} ${what}.`, { toast: ids.length > 1 });
  }
}
