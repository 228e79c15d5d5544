// The list of runs whose pictures wait for people, and of those that were reviewed.

import { followAirflowTheme } from "./airflow_theme.js";
import { button, el, moment, plural } from "./dom.js";

const REFRESH_MS = 10000;
const NOBODY_ASKED = "No run waits for a review. A run of train_character_model whose review desk "
  + "is this page appears here when its pictures are ready.";

const root = document.getElementById("runs");

followAirflowTheme();
show();
setInterval(() => { if (document.visibilityState === "visible") show(); }, REFRESH_MS);

async function show() {
  try {
    root.replaceChildren(el("h1", {}, "Reviews"), ...lists(await listedRuns()));
  } catch (refusal) {
    root.replaceChildren(el("h1", {}, "Reviews"),
      el("p", { class: "notice alarm" }, refusal.message),
      button("Try again", show, { class: "main" }));
  }
}

async function listedRuns() {
  const reply = await fetch("runs.json", { headers: { Accept: "application/json" } });
  if (reply.status === 401) throw new Error("Log in to Airflow first.");
  if (!reply.ok) throw new Error(`Airflow answered with HTTP ${reply.status}.`);
  return (await reply.json()).runs;
}

function lists(runs) {
  if (!runs.length) return [el("p", { class: "quiet" }, NOBODY_ASKED)];
  const waiting = runs.filter(({ state }) => state === "open");
  const finished = runs.filter(({ state }) => state !== "open");
  return [
    waiting.length ? list(waiting) : el("p", { class: "quiet" }, "Nothing waits for you."),
    ...(finished.length ? [el("h2", {}, "Finished"), list(finished)] : []),
  ];
}

function list(runs) {
  return el("ul", { class: "run-list" }, ...runs.map((run) => {
    const open = `${plural(run.open, "picture")} undecided, opened ${moment(run.opened_at)}`;
    return el("li", {}, el("a", { href: run.page },
      el("b", {}, run.title), el("span", { class: "quiet" }, run.run_id),
      progress(run), el("span", { class: "quiet" }, open)));
  }));
}

function progress({ approved, rejected, open }) {
  const all = Math.max(1, approved + rejected + open);
  const [good, bad] = [el("i", { class: "approved" }), el("i", { class: "rejected" })];
  good.style.width = `${(100 * approved) / all}%`;
  bad.style.width = `${(100 * rejected) / all}%`;
  const said = `${approved} approved, ${rejected} rejected`;
  return el("span", { class: "progress", role: "img", "aria-label": said }, good, bad);
}
