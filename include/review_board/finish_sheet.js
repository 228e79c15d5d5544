// The last question: what was decided, what is left out, what the run costs, and every yes needed.

import { button, dollars, el, plural } from "./dom.js";
import { openSheet } from "./sheets.js";

// onFinish({open, consent_usd}); the button waits for every yes that is asked for.
export function askFinish(board, onFinish) {
  const { cost, state } = board;
  const { open } = state.counts();
  const consent = cost?.consent_usd ?? null;
  openSheet(board.root, "Finish the review", "finish", (close) => {
    const finish = () => { close(); onFinish({ open, consent_usd: consent }); };
    const done = button("Finish", finish, { class: "main" });
    const yeses = new Yeses(done);
    const show = () => { close(); board.filter.show("open"); board.grid.focus(); };
    return [
      ...summary(board),
      open ? yeses.ask(leaveOut(open)) : "",
      cost ? costTable(cost) : "",
      consent === null ? "" : yeses.ask(overBudget(cost)),
      el("div", { class: "row end" },
        open ? button("Show the undecided", show) : null,
        button("Go on reviewing", close), done),
    ];
  });
}

// Boxes that have to be ticked before a button can be pressed.
class Yeses {
  #button;
  #boxes = [];

  constructor(waiting) {
    this.#button = waiting;
  }

  ask(text) {
    const box = el("input", { type: "checkbox", onchange: () => this.#update() });
    this.#boxes.push(box);
    this.#update();
    return el("label", { class: "yes-box" }, box, el("span", {}, text));
  }

  #update() {
    this.#button.disabled = !this.#boxes.every((box) => box.checked);
  }
}

function summary({ state, leastApproved }) {
  const { approve, reject } = state.counts();
  const rejected = reject.toLocaleString("en");
  const counted = `${plural(approve, "picture")} approved, ${rejected} rejected.`;
  if (approve >= leastApproved) return [el("p", {}, counted)];
  const few = `The training takes at least ${leastApproved} approved pictures: the run will stop `
    + "here and keep everything.";
  return [el("p", {}, counted), el("p", { class: "notice alarm" }, few)];
}

function leaveOut(open) {
  const which = open === 1 ? "picture" : `${open.toLocaleString("en")} pictures`;
  return `Leave out the ${which} that nobody has decided about.`;
}

function overBudget({ consent_usd: sum, budget_usd: budget }) {
  return `Yes, spend ${dollars(sum)}, although the budget of this run is ${dollars(budget)}.`;
}

function costTable(cost) {
  const { lines, lease_h: lease, price_table_date: date } = cost;
  const row = (what, usd, name = "") => el("tr", { class: name },
    el("th", { scope: "row" }, what),
    el("td", {}, usd == null ? "no price known" : dollars(usd)));
  return el("div", { class: "cost" },
    el("h3", {}, "What the run costs, about"),
    el("table", {}, el("tbody", {},
      ...lines.map(({ what, usd }) => row(what, usd)),
      row("Together", cost.estimate_usd, "sum"),
      row("Budget", cost.budget_usd))),
    el("p", { class: "quiet" },
      `Paid capacity is released after ${lease} h at the latest. Prices of ${date}.`));
}
