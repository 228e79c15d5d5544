// The commands that every board has; keys, buttons and bars all end here.
//
// A board extends this class with `deciding`, the commands that change items: each takes
// {ids, number, advance}, with advance to go on to the next item after a decision.

import { showKeyHelp } from "./sheets.js";

export class BoardActions {
  #keys;

  constructor(board, keys) {
    this.board = board;
    this.#keys = keys;
  }

  // A key press anywhere on the page; fields and sheets handle their own.
  pressed(event) {
    const { target } = event;
    if (event.defaultPrevented || target.closest?.("dialog.sheet, input, textarea, select")) return;
    if (event.key === "Enter" && target.closest?.("button")) return;
    const found = this.#keys.commandOf(event);
    if (!found) return;
    event.preventDefault();
    this.do(found.command, found.number);
  }

  // Acts on the selected items, or on the current one; after a single one the next is current.
  do(command, number = 0) {
    const ids = this.#targets;
    this.#run(command, { ids, number, advance: ids.length === 1 });
  }

  // A button on an item: acts on the selection when the item is part of it, and stays there.
  doOn(command, id) {
    const { grid, state } = this.board;
    if (command === "select") { grid.toggle(id); return; }
    grid.go(id);
    const pressedAgain = state.verdict(id).decision === command;
    const ids = grid.selected.has(id) ? this.#targets : [id];
    this.#run(pressedAgain ? "reopen" : command, { ids, number: 0, advance: false });
  }

  get #targets() {
    const { grid, loupe } = this.board;
    if (grid.selected.size && !loupe.open) return grid.shown.filter((id) => grid.selected.has(id));
    return grid.current ? [grid.current] : [];
  }

  #run(command, target) {
    const { board } = this;
    const look = this.looking[command] ?? this.#viewing[command];
    if (look) look();
    else if (!board.mayDecide) board.announce("You can look at this review, but not decide.");
    else if (this.#managing[command]) this.#managing[command]();
    else if (target.ids.length) this.deciding[command](target);
  }

  // For subclasses: more commands that everybody may use.
  looking = {};

  // Where to go and what to look at: allowed to everybody.
  #viewing = {
    left: () => this.board.grid.step(-1),
    right: () => this.board.grid.step(1),
    up: () => this.board.grid.row(-1),
    down: () => this.board.grid.row(1),
    first: () => this.board.grid.first(),
    last: () => this.board.grid.last(),
    next: () => this.#goToUndecided(),
    all: () => this.board.grid.selectAll(),
    help: () => showKeyHelp(this.board.root, this.#keys.groups),
    search: () => { this.board.loupe.close(); this.board.filter.focus(); },
    zoom: () => this.#zoom(),
    nextFrame: () => this.#stepFrame(1),
    previousFrame: () => this.#stepFrame(-1),
    escape: () => this.#escape(),
  };

  #managing = {
    undo: () => this.#travel("undo", "Undone"),
    redo: () => this.#travel("redo", "Redone"),
    finish: () => this.board.finish(),
  };

  // For subclasses: gives items a patch of their verdict and goes on.
  decide({ ids, advance }, patch, what) {
    const { grid, state } = this.board;
    const next = grid.shown[grid.position + 1];
    this.board.change(ids, () => patch, what);
    const open = state.count("open");
    const rest = open ? `${open.toLocaleString("en")} to go.` : "Everything is decided.";
    this.board.announce(
      `${this.board.counted(ids.length)} ${what}. ${rest}`, { toast: ids.length > 1 || !open });
    if (ids.length > 1) grid.clearSelection();
    if (advance && next) grid.go(next);
    this.returnToWork();
  }

  // Focuses where the reviewer was working: the loupe, or the grid.
  returnToWork() {
    const { grid, loupe } = this.board;
    if (!loupe.open) grid.focus();
    else if (grid.current) loupe.show(grid.current);
  }

  #travel(direction, done) {
    const { board } = this;
    const step = board.state[direction]();
    if (!step) { board.announce(`There is nothing to ${direction}.`, { toast: true }); return; }
    board.save(step.ids);
    const parts = [`${done}: ${step.what}, ${board.counted(step.ids.length)}.`];
    if (step.skipped) {
      parts.push(`${board.counted(step.skipped)} unchanged: somebody else has decided since.`);
    }
    board.announce(parts.join(" "), { toast: true });
    if (board.grid.shown.includes(step.ids[0])) board.grid.go(step.ids[0]);
    this.returnToWork();
  }

  #goToUndecided() {
    const { grid, state } = this.board;
    const after = grid.position + 1;
    const rest = [...grid.shown.slice(after), ...grid.shown.slice(0, after)];
    const next = rest.find((id) => state.verdict(id).decision === "open");
    if (next) grid.go(next);
    else this.board.announce("Everything that is shown is decided.", { toast: true });
  }

  #zoom() {
    const { grid, loupe } = this.board;
    if (loupe.open) loupe.toggleZoom();
    else if (grid.current) loupe.show(grid.current);
  }

  #stepFrame(by) {
    const { grid, loupe } = this.board;
    if (!loupe.open && grid.current) loupe.show(grid.current);
    if (loupe.open) loupe.stepFrame(by);
  }

  #escape() {
    const { grid, loupe } = this.board;
    if (!loupe.open) grid.clearSelection();
    else if (!loupe.back()) loupe.close();
  }
}
