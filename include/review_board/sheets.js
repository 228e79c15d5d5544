// The questions that the board asks in a sheet of its own: why, who, help, finish. A frame may
// forbid the browser's own questions, so these are <dialog> elements of the page.

import { button, dollars, el, key, plural } from "./dom.js";
import { KEYS } from "./review_keys.js";

// A modal sheet that leaves the page when it is closed. content(close) -> its elements.
export function openSheet(root, title, name, content) {
  const sheet = el("dialog", { class: `sheet ${name}`, "aria-label": title });
  const close = () => sheet.close();
  const heading = el("h2", { tabindex: -1 }, title);
  sheet.append(heading, ...content(close, sheet));
  sheet.addEventListener("close", () => sheet.remove());
  sheet.addEventListener("click", (event) => { if (event.target === sheet) close(); });
  root.append(sheet);
  sheet.showModal();
  if (!sheet.querySelector("[autofocus]")) heading.focus();
  return sheet;
}

// onChosen(reason): one of the list, with what the reviewer adds behind a colon.
export function askReason(board, count, onChosen) {
  const { reasons, limits } = board;
  openSheet(board.root, count === 1 ? "Why is it rejected?" : `Why are ${plural(count, "picture")} rejected?`, "ask", (close, sheet) => {
    const note = el("input", {
      type: "text", maxlength: limits.reason_max - Math.max(...reasons.map((one) => one.length)) - 2,
      "aria-label": "What else there is to say", placeholder: "What else there is to say (optional)",
    });
    const choose = (reason) => {
      const added = note.value.trim().replace(/\s+/g, " ");
      close();
      onChosen(added ? `${reason}: ${added}` : reason);
    };
    listenForDigits(sheet, reasons, choose);
    note.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      choose(note.value.trim() ? reasons.at(-1) : reasons[0]);
    });
    const say = el("p", { class: "quiet" }, "A number rejects at once. ", key("T"), " to add words first.");
    sheet.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "t" || event.target === note) return;
      event.preventDefault();
      note.focus();
    });
    return [choices(reasons.map((reason) => [reason, reason]), choose), note, say];
  });
}

export function askCharacter(board, count, onChosen) {
  const pairs = board.characters.map(({ id, name }) => [id, name]);
  openSheet(board.root, count === 1 ? "Who is it?" : `Who is on these ${plural(count, "picture")}?`, "ask", (close, sheet) => {
    const choose = (id) => { close(); onChosen(id); };
    listenForDigits(sheet, pairs.map(([id]) => id), choose);
    return [choices(pairs, choose)];
  });
}

export function showHelp(board) {
  openSheet(board.root, "Keys", "help", (close, sheet) => {
    sheet.addEventListener("keydown", (event) => { if (event.key === "?") close(); });
    const groups = KEYS.map(({ title, keys }) => el("section", {}, el("h3", {}, title), el("dl", {},
      ...keys.filter(({ says }) => says).map(({ show, says }) => el("div", {},
        el("dt", {}, ...show.map((name) => (name === "…" ? "–" : key(name)))), el("dd", {}, says))))));
    return [el("div", { class: "key-groups" }, ...groups),
      el("p", { class: "quiet" }, "Letters work in the full picture too. With pictures selected they act on all of them."),
      button("Close", close, { class: "main" })];
  });
}

// onFinish({open, consent_usd}); the button waits for every yes that is asked for.
export function askFinish(board, onFinish) {
  const { approve, reject, open } = board.state.counts();
  const { cost } = board;
  openSheet(board.root, "Finish the review", "finish", (close) => {
    const boxes = [];
    const needed = (text) => {
      const box = el("input", { type: "checkbox", onchange: () => { done.disabled = !boxes.every((one) => one.checked); } });
      boxes.push(box);
      return el("label", { class: "yes-box" }, box, el("span", {}, text));
    };
    const parts = [el("p", {}, `${plural(approve, "picture")} approved, ${reject.toLocaleString("en")} rejected.`)];
    if (approve < board.leastApproved) {
      parts.push(el("p", { class: "notice alarm" }, `The training takes at least ${board.leastApproved} approved pictures: the run will stop here and keep everything.`));
    }
    if (open) parts.push(needed(`Leave out the ${open === 1 ? "picture" : `${open.toLocaleString("en")} pictures`} that nobody has decided about.`));
    if (cost) parts.push(costTable(cost));
    if (cost?.consent_usd != null) {
      parts.push(needed(`Yes, spend ${dollars(cost.consent_usd)}, although the budget of this run is ${dollars(cost.budget_usd)}.`));
    }
    const done = button("Finish", () => {
      close();
      onFinish({ open, consent_usd: cost?.consent_usd ?? null });
    }, { class: "main", disabled: boxes.length > 0 });
    const look = open ? button("Show the undecided", () => { close(); board.filter.show("open"); board.grid.focus(); }) : null;
    return [...parts, el("div", { class: "row end" }, look, button("Go on reviewing", close), done)];
  });
}

function costTable({ lines, estimate_usd: estimate, budget_usd: budget, lease_h: lease, price_table_date: date }) {
  const row = (what, sum, name = "") => el("tr", { class: name }, el("th", { scope: "row" }, what), el("td", {}, sum));
  return el("div", { class: "cost" },
    el("h3", {}, "What the run costs, about"),
    el("table", {}, el("tbody", {},
      ...lines.map(({ what, usd }) => row(what, usd == null ? "no price known" : dollars(usd))),
      row("Together", dollars(estimate), "sum"),
      row("Budget", dollars(budget)))),
    el("p", { class: "quiet" }, `Paid capacity is released after ${lease} h at the latest. Prices of ${date}.`));
}

function choices(pairs, choose) {
  return el("ol", { class: "choices" }, ...pairs.map(([value, label], place) => {
    const face = button("", () => choose(value), place ? {} : { autofocus: true });
    face.append(place < 9 ? key(String(place + 1)) : "", el("span", {}, label));
    return el("li", {}, face);
  }));
}

function listenForDigits(sheet, values, choose) {
  sheet.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.target.matches("input[type=text]")) return;
    const value = values[Number(event.key) - 1];
    if (value === undefined) return;
    event.preventDefault();
    choose(value);
  });
}
