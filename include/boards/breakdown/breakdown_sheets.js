// The last question before the panels are drawn.

import { button, el } from "../../board_kit/page/dom.js";
import { dollars, plural } from "../../board_kit/page/text.js";
import { costTable, overBudget } from "../../board_kit/parts/cost_table.js";
import { Confirmations, openSheet } from "../../board_kit/parts/sheets.js";

// onFinish({open, consent_usd}), after everything that needs a yes is ticked.
export function askToFinish(board, onFinish) {
  const { cost } = board.document;
  const open = board.state.count("open");
  const consent = cost?.consent_usd ?? null;
  const items = board.state.items;
  const left = items.reduce((sum, { id }) => sum + board.unassignedIn(id).length, 0);
  openSheet(board.root, "Finish the breakdown", "finish", (close) => {
    const finish = () => { close(); onFinish({ open, consent_usd: consent }); };
    const done = button("Finish", finish, { class: "main" });
    const confirmations = new Confirmations(done);
    const show = (chip) => { close(); board.filter.show(chip); board.grid.focus(); };
    return [
      el("p", {}, summary(board)),
      open ? confirmations.add(`Take the ${plural(open, "scene")} that nobody has approved as `
        + `${open === 1 ? "it is" : "they are"}.`) : "",
      left ? confirmations.add(`Leave out ${plural(left, "line")} of the script that `
        + `${left === 1 ? "is" : "are"} in no panel.`) : "",
      cost ? costTable(cost) : "",
      tooDear(cost) ? el("p", { class: "notice alarm" }, tooDear(cost)) : "",
      consent === null ? "" : confirmations.add(overBudget(cost)),
      el("div", { class: "row end" },
        left ? button("Show the lines", () => show("unassigned")) : null,
        open ? button("Show the scenes", () => show("open")) : null,
        button("Continue", close), done),
    ];
  });
}

function summary(board) {
  const contents = board.state.items.map(({ id }) => board.contentOf(id).panels);
  const panels = contents.flat().length;
  const scenes = contents.filter(({ length }) => length).length;
  return `${plural(panels, "panel")} in ${plural(scenes, "scene")} will be drawn.`;
}

// The run stops before it draws when nobody can agree to a sum above its budget.
function tooDear(cost) {
  if (!cost || cost.consent_usd !== null || cost.estimate_usd <= cost.budget_usd) return "";
  return `With these panels the run costs about ${dollars(cost.estimate_usd)}, and its budget is `
    + `${dollars(cost.budget_usd)}. It will stop before it draws. Delete or merge panels.`;
}
