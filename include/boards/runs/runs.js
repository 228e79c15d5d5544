// The list of runs whose pictures wait for review, and of those that were reviewed.

import { followAirflowTheme } from "../../board_kit/page/airflow_theme.js";
import { button, el } from "../../board_kit/page/dom.js";
import { plural, shortTime } from "../../board_kit/page/text.js";
import { visibleIn } from "../../board_kit/page/visible.js";

const REFRESH_MS = 10000;
const NONE_WAITING = "No run waits for a review. A run appears here when its pictures wait on the "
  + "approval page, or the panels of its script on the breakdown page.";
// What is decided on, by the kind of page.
const NOUNS = { review: "picture", breakdown: "scene" };

const root = document.getElementById("runs");

followAirflowTheme();
show();
setInterval(() => { if (document.visibilityState === "visible") show(); }, REFRESH_MS);

async function show() {
  try {
    root.replaceChildren(el("h1", {}, "Reviews"), ...lists(await loadRuns()));
  } catch (refusal) {
    root.replaceChildren(el("h1", {}, "Reviews"),
      el("p", { class: "notice alarm" }, refusal.message),
      button("Try again", show, { class: "main" }));
  }
}

async function loadRuns() {
  const response = await fetch("runs.json", { headers: { Accept: "application/json" } });
  if (response.status === 401) throw new Error("Log in to Airflow first.");
  if (!response.ok) throw new Error(`Airflow responded with HTTP ${response.status}.`);
  return visibleIn(await response.json()).runs;
}

function lists(runs) {
  if (!runs.length) return [el("p", { class: "quiet" }, NONE_WAITING)];
  const waiting = runs.filter(({ state }) => state === "open");
  const finished = runs.filter(({ state }) => state !== "open");
  return [
    waiting.length ? list(waiting) : el("p", { class: "quiet" }, "No review waits for you."),
    ...(finished.length ? [el("h2", {}, "Finished"), list(finished)] : []),
  ];
}

function list(runs) {
  return el("ul", { class: "run-list" }, ...runs.map((run) => {
    const noun = NOUNS[run.kind] ?? "picture";
    const open = `${plural(run.open, noun)} undecided, opened ${shortTime(run.opened_at)}`;
    return el("li", {}, el("a", { href: run.page },
      el("b", {}, run.title), el("span", { class: "quiet" }, run.run_id),
      progress(run), el("span", { class: "quiet" }, open)));
  }));
}

function progress({ approved, rejected, open }) {
  const all = Math.max(1, approved + rejected + open);
  const bars = [["approved", approved], ["rejected", rejected]].map(([name, count]) => {
    const bar = el("i", { class: name });
    bar.style.width = `${(100 * count) / all}%`;
    return bar;
  });
  const label = `${approved} approved, ${rejected} rejected`;
  return el("span", { class: "progress", role: "img", "aria-label": label }, ...bars);
}
