// The filters of the panel board: by what is wanted, scene, character and words.

import { Filter } from "../../board_kit/parts/filter.js";

export function panelFilter(board) {
  const { state } = board;
  const wanted = (decision) => ({ id }) => state.verdict(id).decision === decision;
  const distinct = (values) => [...new Set(values)];
  return new Filter(board, {
    chips: [
      { name: "all", label: "All", matches: () => true },
      { name: "open", label: "As proposed", matches: wanted("open") },
      { name: "choose", label: "Chosen", matches: wanted("choose") },
      { name: "redraw", label: "To redraw", matches: wanted("redraw") },
      { name: "failed", label: "Not drawn", hideEmpty: true, matches: ({ failure }) => failure },
      { name: "marked", label: "Wrong characters", hideEmpty: true, matches: ({ marked }) => marked },
      { name: "contested", label: "Contested", hideEmpty: true,
        matches: ({ id }) => board.conflicts.has(id) },
    ],
    menus: [
      { label: "Scene", all: "All scenes", hideSingle: true,
        choices: () => [...new Map(state.items.map((item) => [item.scene_key, item.scene]))],
        matches: (item, scene) => item.scene_key === scene },
      { label: "Character", all: "All characters", hideSingle: true,
        choices: () => distinct(state.items.flatMap(({ cast }) => cast)).map((name) => [name, name]),
        matches: ({ cast }, name) => cast.includes(name) },
    ],
    search: { label: "Search descriptions", textOf: (item) => textOf(state, item) },
  });
}

function textOf(state, { id, label, description, cast, scene, notes }) {
  return [label, description, scene, ...cast, ...notes, state.verdict(id).note].join(" ");
}
