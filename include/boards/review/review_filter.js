// The filters of the review board: by decision, character, shot and words.

import { el } from "../../board_kit/page/dom.js";
import { Filter } from "../../board_kit/parts/filter.js";

export function reviewFilter(board) {
  const { state } = board;
  const decided = (decision) => ({ id }) => state.verdict(id).decision === decision;
  return new Filter(board, {
    chips: [
      { name: "all", label: "All", matches: () => true },
      { name: "open", label: "Undecided", matches: decided("open") },
      { name: "approve", label: "Approved", matches: decided("approve") },
      { name: "reject", label: "Rejected", matches: decided("reject") },
      { name: "unsure", label: "Unsure", hideEmpty: true,
        matches: ({ flags }) => flags.includes("unsure") },
      { name: "carried", label: "Decided before", hideEmpty: true,
        matches: ({ id }) => Boolean(state.signature(id).origin) },
      { name: "changed", label: "Changed since", hideEmpty: true,
        matches: ({ flags }) => flags.includes("changed since") },
      { name: "recut", label: "Crop corrected", hideEmpty: true,
        matches: ({ id }) => Boolean(state.verdict(id).cut) },
      { name: "contested", label: "Contested", hideEmpty: true,
        matches: ({ id }) => board.conflicts.has(id) },
    ],
    menus: [
      { label: "Character", all: "All characters",
        choices: () => board.characters.map(({ id, name }) => [id, name]),
        matches: ({ id }, character) => state.value(id, "character") === character },
      { label: "Shot", all: "All shots", hideSingle: true,
        choices: ([character]) => shotsOf(board, character),
        matches: (item, shot) => board.shotKey(item) === shot },
    ],
    order: board.knowsLikeness ? orderMenu(board) : null,
    search: { label: "Search captions", textOf: (item) => searchText(state, item) },
  });
}

function orderMenu(board) {
  const order = el("select", {
    "aria-label": "Order", onchange: () => board.arrangeByLikeness(order.value === "likeness"),
  }, el("option", { value: "shots" }, "Shot by shot"),
  el("option", { value: "likeness" }, "Alike together"));
  return order;
}

function shotsOf(board, character) {
  const items = board.state.items.filter((item) => !character || item.character === character);
  const films = [...new Set(items.map(({ video }) => video))];
  const inOrder = [...items].sort((one, other) =>
    films.indexOf(one.video) - films.indexOf(other.video) || one.shot - other.shot);
  return [...new Map(inOrder.map((item) => [board.shotKey(item), board.shotName(item)]))];
}

function searchText(state, { id, timecode, notes }) {
  return [state.value(id, "caption"), state.verdict(id).reason, timecode, ...notes].join(" ");
}
