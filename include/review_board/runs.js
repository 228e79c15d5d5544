// The list of runs whose pictures wait for people, and of those that were reviewed.

import { followAirflowTheme } from "./airflow_theme.js";
import { button, el, moment, plural } from "./dom.js";

const root = document.getElementById("runs");
const REFRESH_MS = 10000;

followAirflowTheme();
show();
setInterval(() => { if (document.visibilityState === "visible") show(); }, REFRESH_MS);

async function show() {
  try {
    const reply = await fetch("runs.json", { headers: { Accept: "application/json" } });
    if (!reply.ok) throw new Error(reply.status === 401 ? "Log in to Airflow first." : `Airflow answered with HTTP ${reply.status}.`);
    const { runs } = await reply.json();
    root.replaceChildren(el("h1", {}, "Reviews"), ...lists(runs));
  } catch (refusal) {
    root.replaceChildren(el("h1", {}, "Reviews"), el("p", { class: "notice alarm" }, refusal.message), button("Try again", show, { class: "main" }));
  }
}

function lists(runs) {
  const waiting = runs.filter(({ state }) => state === "open");
  const others = runs.filter(({ state }) => state !== "open");
  if (!runs.length) return [el("p", { class: "quiet" }, "No run has asked for a review yet. Runs of train_character_model whose review desk is this page appear here.")];
  return [
    waiting.length ? list(waiting) : el("p", { class: "quiet" }, "Nothing waits for you."),
    ...(others.length ? [el("h2", {}, "Reviewed"), list(others)] : []),
  ];
}

function list(runs) {
  return el("ul", { class: "run-list" }, ...runs.map((run) => el("li", {},
    el("a", { href: run.page },
      el("b", {}, run.title),
      el("span", { class: "quiet" }, run.run_id),
      progress(run),
      el("span", { class: "quiet" }, `${plural(run.open, "picture")} open, opened ${moment(run.opened_at)}`)))));
}

function progress({ approved, rejected, open }) {
  const all = Math.max(1, approved + rejected + open);
  const [good, bad] = [el("i", { class: "approved" }), el("i", { class: "rejected" })];
  good.style.width = `${(100 * approved) / all}%`;
  bad.style.width = `${(100 * rejected) / all}%`;
  return el("span", { class: "progress", role: "img", "aria-label": `${approved} approved, ${rejected} rejected` }, good, bad);
}
