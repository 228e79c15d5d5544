// The breakdown page: people check and edit the panels that a script was broken down into.

import { Board } from "../../board_kit/board.js";
import { button, el } from "../../board_kit/page/dom.js";
import { plural } from "../../board_kit/page/text.js";
import { Filter } from "../../board_kit/parts/filter.js";
import { Grid } from "../../board_kit/parts/grid.js";
import { BreakdownActions } from "./breakdown_actions.js";
import { askToFinish } from "./breakdown_sheets.js";
import { SceneCard } from "./scene_card.js";
import { unassigned } from "./scene_content.js";

const AS_PROPOSED = { decision: "open", content: "" };
const NO_LOUPE = { open: false, show() {}, update() {}, close() {}, back: () => false };
const TEXTS = ["size", "angle", "lens", "move", "light", "place", "time", "sound", "transition"];

export class BreakdownBoard extends Board {
  noun = "scene";
  words = { approve: "approved", open: "not approved" };
  readOnlyText = "You can look at this breakdown. Changing it needs permission to answer the tasks "
    + "of this DAG.";

  #contents = new Map(); // parsed, by the text that they were parsed from

  constructor(root, store) {
    super(root, store, AS_PROPOSED);
    this.store = store;
  }

  get decidedWord() { return "approved"; }
  get characters() { return this.document.characters; }

  get blankPanel() {
    return {
      shot: "", panel: "", locked: false, description: "", characters: [], seconds: 3, frames: null,
      ...Object.fromEntries(TEXTS.map((name) => [name, ""])), dialogue: [], lines: [], note: "",
    };
  }

  nameOf(id) { return this.characters.find((one) => one.id === id)?.name ?? id; }

  panelNumber({ shot, panel }, index) { return shot ? `${shot}-${panel}` : String(index + 1); }

  // {panels, omitted} of a scene as it is now.
  contentOf(id) {
    const { content } = this.state.verdict(id);
    return content ? this.#parsed(content) : this.proposalOf(id);
  }

  proposalOf(id) {
    const { panels, omitted } = this.state.item(id);
    return { panels, omitted };
  }

  setContent(id, content, what) {
    const text = JSON.stringify(content);
    const proposed = JSON.stringify(this.proposalOf(id));
    this.change([id], () => ({ content: text === proposed ? "" : text }), what);
  }

  unassignedIn(id) { return unassigned(this.state.item(id), this.contentOf(id)); }

  // -- What the kit asks of a board

  makeActions() { return new BreakdownActions(this); }
  makeLoupe() { return { ...NO_LOUPE, element: el("div", { hidden: true }) }; }

  makeGrid() {
    return new Grid(this, {
      sectionOf: () => "script",
      titleOf: () => this.document.run.title,
      summaryOf: (cards) => this.#summaryOf(cards),
      groupOf: ({ id }) => id,
      makeCard: (item) => new SceneCard(this, item),
    });
  }

  makeFilter() {
    const decided = (decision) => ({ id }) => this.state.verdict(id).decision === decision;
    return new Filter(this, {
      chips: [
        { name: "all", label: "All", matches: () => true },
        { name: "open", label: "To approve", matches: decided("open") },
        { name: "approve", label: "Approved", matches: decided("approve") },
        { name: "unassigned", label: "Unassigned lines", hideEmpty: true,
          matches: ({ id }) => this.unassignedIn(id).length > 0 },
        { name: "edited", label: "Edited", hideEmpty: true,
          matches: ({ id }) => Boolean(this.state.verdict(id).content) },
        { name: "contested", label: "Contested", hideEmpty: true,
          matches: ({ id }) => this.conflicts.has(id) },
      ],
      menus: [
        { label: "In the picture", all: "Everybody",
          choices: () => this.characters.map(({ id, name }) => [id, name]),
          matches: ({ id }, who) =>
            this.contentOf(id).panels.some(({ characters }) => characters.includes(who)) },
      ],
      search: { label: "Search script and panels", textOf: (item) => this.#searchText(item) },
    });
  }

  actionButtons() {
    const action = (label, command, name = "plain single") =>
      button(label, () => this.do(command), { class: name });
    return [
      action("Approve", "approve", "decide yes-button"), action("Edit", "edit"),
      action("Split", "split"), action("Merge", "merge"), action("New", "insert"),
      action("Delete…", "remove"),
    ];
  }

  async openFinishSheet(onFinish) {
    const cost = await this.store.read("cost").catch(() => null);
    if (cost) this.document.cost = cost;
    askToFinish(this, onFinish);
  }

  #summaryOf(cards) {
    const panels = cards.reduce((sum, { id }) => sum + this.contentOf(id).panels.length, 0);
    return `${plural(panels, "panel")} in ${this.counted(cards.length)}`;
  }

  #searchText({ id, scene, number, units }) {
    const { panels } = this.contentOf(id);
    return [number, scene, ...units.map(({ text }) => text),
      ...panels.map(({ description }) => description)].join(" ");
  }

  #parsed(content) {
    if (!this.#contents.has(content)) {
      if (this.#contents.size > 2000) this.#contents.clear();
      this.#contents.set(content, JSON.parse(content));
    }
    return this.#contents.get(content);
  }
}
