// The questions of the review board: why a picture is rejected, and the last one before the end.

import { button, el, keyCap } from "../../board_kit/page/dom.js";
import { isComposing, tidy } from "../../board_kit/page/text.js";
import { costTable, overBudget } from "../../board_kit/parts/cost_table.js";
import { Confirmations, choiceList, digitKeys } from "../../board_kit/parts/sheets.js";
import { onSheetKeys, openSheet } from "../../board_kit/parts/sheets.js";

// onChosen(reason): one of the list, with the reviewer's words after a colon.
export function askReason(board, count, onChosen) {
  const { root, reasons } = board;
  const many = `Why are ${board.counted(count)} rejected?`;
  openSheet(root, count === 1 ? "Why is it rejected?" : many, "ask", (close, sheet) => {
    const note = noteField(board);
    const choose = (reason) => {
      const added = tidy(note.value);
      close();
      onChosen(added ? `${reason}: ${added}` : reason);
    };
    note.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || isComposing(event)) return;
      event.preventDefault();
      choose(note.value.trim() ? reasons.at(-1) : reasons[0]);
    });
    onSheetKeys(sheet, { ...digitKeys(reasons, choose), t: () => note.focus() });
    const hint = el("p", { class: "quiet" });
    hint.append("A number rejects at once. Press ", keyCap("T"), " to add words first.");
    return [choiceList(reasons.map((reason) => [reason, reason]), choose), note, hint];
  });
}

function noteField({ reasons, limits }) {
  const longest = Math.max(...reasons.map((reason) => reason.length));
  return el("input", {
    type: "text", maxlength: limits.reason_max - longest - 2, "aria-label": "Details",
    placeholder: "Details (optional)",
  });
}

// onFinish({open, consent_usd}), after everything that needs a yes is ticked.
export function askToFinish(board, onFinish) {
  const { cost } = board.document;
  const open = board.state.count("open");
  const consent = cost?.consent_usd ?? null;
  openSheet(board.root, "Finish the review", "finish", (close) => {
    const finish = () => { close(); onFinish({ open, consent_usd: consent }); };
    const done = button("Finish", finish, { class: "main" });
    const confirmations = new Confirmations(done);
    const showOpen = () => { close(); board.filter.show("open"); board.grid.focus(); };
    return [
      ...summary(board),
      open ? confirmations.add(leaveOut(open)) : "",
      cost ? costTable(cost) : "",
      consent === null ? "" : confirmations.add(overBudget(cost)),
      el("div", { class: "row end" },
        open ? button("Show the undecided", showOpen) : null,
        button("Continue reviewing", close), done),
    ];
  });
}

function summary(board) {
  const [approved, rejected] = [board.state.count("approve"), board.state.count("reject")];
  const counts = `${board.counted(approved)} approved, ${rejected.toLocaleString("en")} rejected.`;
  const least = board.document.least_approved;
  if (approved >= least) return [el("p", {}, counts)];
  const few = `Training needs at least ${least} approved pictures. The run will stop here and keep `
    + "everything.";
  return [el("p", {}, counts), el("p", { class: "notice alarm" }, few)];
}

function leaveOut(open) {
  const which = open === 1 ? "picture" : `${open.toLocaleString("en")} pictures`;
  return `Leave out the ${which} that nobody has decided on.`;
}
