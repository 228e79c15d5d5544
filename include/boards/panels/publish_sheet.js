// The last question: what is drawn again, what that costs, and what is published.

import { button, el } from "../../board_kit/page/dom.js";
import { dollars, plural } from "../../board_kit/page/text.js";
import { Confirmations, openSheet } from "../../board_kit/parts/sheets.js";

// onFinish({redraws, usd}) with what the person agreed to.
export async function askToPublish(board, onFinish) {
  let price;
  try {
    price = await board.store.price();
  } catch (refusal) {
    board.announce(refusal.message, { toast: true });
    return;
  }
  const { redraws, usd, unpriced } = price;
  const title = redraws ? "Redraw and publish?" : "Publish?";
  openSheet(board.root, title, "finish", (close) => {
    const publish = button(redraws ? `Redraw for ${dollars(usd)} and publish` : "Publish", () => {
      close();
      onFinish({ redraws, usd });
    }, { class: "main" });
    const refused = whyNot(board, unpriced);
    const confirmations = new Confirmations(publish);
    const agree = usd && !refused
      ? [confirmations.add(`I agree to about ${dollars(usd)}.`)] : [];
    if (refused) publish.disabled = true;
    return [
      el("p", {}, summary(board, price)),
      ...(redraws ? [costTable(price)] : []),
      ...(board.document.paused ? [el("p", { class: "notice" },
        "The DAG draw_storyboard is paused: the run waits until somebody unpauses it.")] : []),
      ...(refused ? [el("p", { class: "notice alarm" }, refused)] : []),
      ...agree,
      el("div", { class: "row end" }, button("Back", close), publish),
    ];
  });
}

function whyNot(board, unpriced) {
  if (unpriced) return unpriced;
  return board.document.you.may_start ? ""
    : "You may not start runs of draw_storyboard. Your choices are kept: somebody who may has to "
      + "publish them.";
}

function summary(board, { redraws, pictures }) {
  const chosen = board.state.items.filter((item) =>
    (board.state.verdict(item.id).candidate || item.shown) !== item.shown).length;
  const parts = [chosen
    ? `${board.counted(chosen)} will show another candidate.`
    : "All panels show the candidates that they show now."];
  parts.push(redraws
    ? `${board.counted(redraws)} will be drawn again, ${plural(pictures, "picture")} in all; the `
      + "others stay byte for byte as they are."
    : "Nothing is drawn, and no capacity is bought.");
  parts.push("A run of draw_storyboard writes board, PDF, timeline and report again.");
  return parts.join(" ");
}

function costTable({ lines, usd, dated, lease_h: lease }) {
  const row = (what, sum, name = "") => el("tr", { class: name },
    el("th", { scope: "row" }, what), el("td", {}, dollars(sum)));
  return el("div", { class: "cost" },
    el("table", {}, el("tbody", {}, ...lines.map((line) => row(line.what, line.usd)),
      row("Total", usd, "sum"))),
    el("p", { class: "quiet" },
      `Paid capacity is released after at most ${lease} h. Prices as of ${dated}.`));
}
