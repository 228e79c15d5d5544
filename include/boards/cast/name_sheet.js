// The question who a group of figures is.

import { button, el, keyCap } from "../../board_kit/page/dom.js";
import { isComposing, lengthOf, tidy } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { openSheet } from "../../board_kit/parts/sheets.js";

const SHOWN = 6;

// onNamed(name).
export function askName(board, ids, onNamed) {
  const title = ids.length === 1 ? "Who is this?" : `Who are these ${board.counted(ids.length)}?`;
  openSheet(board.root, title, "ask name", (close) => {
    const choose = (name) => { close(); onNamed(name); };
    const problem = el("p", { class: "problem", role: "alert" });
    const field = el("input", {
      type: "text", "aria-label": "Name", placeholder: "Name of the character or prop",
      autofocus: true, autocomplete: "off", spellcheck: "false",
    });
    const submit = () => {
      const name = tidy(field.value);
      const most = board.limits.name;
      problem.textContent = !name ? "Write a name, or choose one."
        : lengthOf(name) > most ? `A name has at most ${most} characters.` : "";
      if (!problem.textContent) choose(name);
    };
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || isComposing(event)) return;
      event.preventDefault();
      submit();
    });
    return [pictures(board, ids), field, problem, ...known(board, choose),
      el("div", { class: "row end" }, button("Cancel", close),
        button("Name", submit, { class: "main" }))];
  });
}

function pictures(board, ids) {
  const shown = ids.length <= SHOWN ? ids
    : Array.from({ length: SHOWN }, (_, at) => ids[Math.floor((at * ids.length) / SHOWN)]);
  return el("div", { class: "some" }, ...shown.map((id) =>
    el("img", { src: board.state.item(id).thumb_url, alt: "", decoding: "async" })));
}

function known(board, choose) {
  const { names } = board;
  if (!names.length) return [];
  const list = names.map((name, index) => {
    const choice = button("", () => choose(name), { class: "chip" });
    if (index < 9) choice.append(keyCap(String(index + 1)), " ");
    choice.append(isolated(name));
    return el("li", {}, choice);
  });
  return [el("p", { class: "quiet" }, "Or somebody who has a name already:"),
    el("ul", { class: "names" }, ...list)];
}
