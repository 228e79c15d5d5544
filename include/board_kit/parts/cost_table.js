// What a run costs, before people let it go on.

import { el } from "../page/dom.js";
import { dollars } from "../page/text.js";

export function overBudget({ consent_usd: sum, budget_usd: budget }) {
  return `Yes, spend ${dollars(sum)}, although the budget of this run is ${dollars(budget)}.`;
}

export function costTable({ lines, estimate_usd, budget_usd, lease_h: lease, price_table_date: date }) {
  const row = (what, usd, name = "") => el("tr", { class: name },
    el("th", { scope: "row" }, what),
    el("td", {}, usd == null ? "price unknown" : dollars(usd)));
  return el("div", { class: "cost" },
    el("h3", {}, "Estimated cost of the run"),
    el("table", {}, el("tbody", {},
      ...lines.map(({ what, usd }) => row(what, usd)),
      row("Total", estimate_usd, "sum"),
      row("Budget", budget_usd))),
    el("p", { class: "quiet" },
      `Paid capacity is released after at most ${lease} h. Prices as of ${date}.`));
}
