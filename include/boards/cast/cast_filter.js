// The filters of the cast board: by what was said, by film, and by name.

import { button } from "../../board_kit/page/dom.js";
import { Filter } from "../../board_kit/parts/filter.js";

export function castFilter(board) {
  const { state } = board;
  const said = (decision) => ({ id }) => state.verdict(id).decision === decision;
  const filter = new Filter(board, {
    chips: [
      { name: "all", label: "All", matches: () => true },
      { name: "open", label: "Unnamed", matches: said("open") },
      { name: "name", label: "Named", matches: said("name") },
      { name: "nobody", label: "Set aside", hideEmpty: true, matches: said("nobody") },
      { name: "references", label: "References", hideEmpty: true,
        matches: ({ id }) => state.verdict(id).reference },
      { name: "drawn", label: "Drawn", hideEmpty: true, matches: (item) => item.by_hand },
    ],
    menus: [
      { label: "Film", all: "All films", hideSingle: true,
        choices: () => board.document.films.map((name, number) => [String(number), name]),
        matches: ({ film }, chosen) => String(film) === chosen },
    ],
    search: { label: "Search names", textOf: ({ id }) => state.verdict(id).name },
  });
  const draw = button("Draw a box…", () => board.do("draw"), {
    title: "Add somebody who was not found (d)",
  });
  filter.element.append(draw);
  return filter;
}
