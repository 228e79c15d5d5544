// The panel board: people compare the candidates of panels, choose, and ask for redraws.

import { Board } from "../../board_kit/board.js";
import { button, el } from "../../board_kit/page/dom.js";
import { shortTime } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { Grid } from "../../board_kit/parts/grid.js";
import { CompareView } from "./compare_view.js";
import { PanelActions } from "./panel_actions.js";
import { PanelCard } from "./panel_card.js";
import { panelFilter } from "./panel_filter.js";
import { askToPublish } from "./publish_sheet.js";

export const UNTOUCHED = { decision: "open", candidate: "", note: "", seed: "", reference: "" };
const STATE_MS = 5000;
const ENDED = new Set(["success", "failed"]);
const STATES = {
  queued: "is queued", running: "is running", success: "has succeeded", failed: "has failed",
};

export class PanelBoard extends Board {
  noun = "panel";
  words = { choose: "chose", redraw: "returned", open: "reset" };
  readOnlyText = "You can look at this board. Choosing needs permission to edit the runs of this "
    + "DAG.";

  #stateTimer = 0;

  constructor(root, store) {
    super(root, store, UNTOUCHED);
    this.store = store;
    root.classList.add("panels");
  }

  get finishLabel() { return "Redraw and publish…"; }
  get decidedWord() { return "changed"; }
  get references() { return this.document.references; }
  get noReferences() { return this.document.no_references; }

  // The candidate that a panel shows now; null: it has no picture.
  shownOf(item) {
    const { candidate } = this.state.verdict(item.id);
    return item.candidates.find(({ id }) => id === (candidate || item.shown)) ?? null;
  }

  // "Candidate 2": its place, which is its key.
  placeOf(item, candidate) { return item.candidates.indexOf(candidate) + 1; }

  choose(id, number) { this.actions.chooseFor([id], number); }

  // What somebody wants of a panel, in words.
  inWords(item, { decision, candidate, note, seed, reference }) {
    const place = item.candidates.findIndex(({ id }) => id === candidate) + 1;
    const chosen = place ? `chose candidate ${place}` : "";
    if (decision === "open") return "left it as the pipeline chose";
    if (decision === "choose") return chosen || "chose a candidate of before";
    const asked = [note && `“${isolated(note)}”`, seed !== "" && seed != null && `seed ${seed}`,
      reference && "with a reference picture"].filter(Boolean).join(", ");
    const redraw = `asked for a redraw${asked ? `: ${asked}` : " with another seed"}`;
    return chosen ? `${redraw}; until then candidate ${place}` : redraw;
  }

  // -- What the kit asks of a board

  makeActions() { return new PanelActions(this); }
  makeFilter() { return panelFilter(this); }
  makeLoupe() { return new CompareView(this); }

  makeGrid() {
    const titles = new Map(this.state.items.map((item) => [item.scene_key, item.scene]));
    return new Grid(this, {
      sectionOf: (item) => item.scene_key,
      titleOf: (key) => titles.get(key),
      summaryOf: (cards) => this.counted(cards.length),
      groupOf: (item) => item.id,
      makeCard: (item) => new PanelCard(this, item),
    });
  }

  actionButtons() {
    const action = (label, command, name) => button(label, () => this.do(command), { class: name });
    return [
      action("Redraw…", "redraw", "decide no-button"),
      action("As proposed", "reopen", "plain several"),
      action("Compare", "zoom", "plain single"),
    ];
  }

  openFinishSheet(onFinish) { askToPublish(this, onFinish); }

  notices() {
    const { closed, you } = this.document;
    clearTimeout(this.#stateTimer);
    if (closed) return [this.#publishedNotice(closed)];
    return you.may_decide ? [] : [el("p", { class: "notice" }, this.readOnlyText)];
  }

  #publishedNotice({ by, at, run, state }) {
    const where = el("span", {}, "");
    const link = el("a", { href: boardOf(run) }, "Open its board");
    const start = button("Start the run", () => this.#startAgain(), { class: "main" });
    const show = (current) => {
      const said = STATES[current] ?? (current ? `is ${current}` : "was not started");
      const why = current ? "" : ` ${this.store.startProblem}`;
      where.textContent = `The run ${run.run_id} ${said}.${why} `;
      start.hidden = Boolean(current) || !this.document.you.may_decide;
      link.hidden = current !== "success";
      if (!ENDED.has(current)) this.#stateTimer = setTimeout(() => this.#readState(show), STATE_MS);
    };
    show(state);
    const text = el("p", {}, el("b", {}, "This board is published. "),
      `${isolated(by)}, ${shortTime(at)}. `, where, link);
    const reopen = this.document.you.may_decide
      ? button("Reopen", () => this.reopen()) : null;
    return el("div", { class: "notice done", role: "status" }, text,
      el("div", { class: "row" }, start, reopen));
  }

  async #readState(show) {
    const news = await this.store.changes(Number.MAX_SAFE_INTEGER).catch(() => null);
    if (news?.closed) show(news.closed.state);
  }

  async #startAgain() {
    await this.store.start();
    await this.start();
  }
}

function boardOf({ dag_id: dag, run_id: run }) {
  return `../../../${encodeURIComponent(dag)}/${encodeURIComponent(run)}/panels/view`;
}
