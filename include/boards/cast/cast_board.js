// The cast board: people say who the figures of their films are, for a production file.

import { Board } from "../../board_kit/board.js";
import { button, el } from "../../board_kit/page/dom.js";
import { plural } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { Grid } from "../../board_kit/parts/grid.js";
import { Loupe } from "../../board_kit/parts/loupe.js";
import { CastActions } from "./cast_actions.js";
import { castFilter } from "./cast_filter.js";
import { FigureCard } from "./figure_card.js";
import { FigurePanel } from "./figure_panel.js";
import { showWritten } from "./written.js";
import { askToWrite } from "./write_sheet.js";

const UNDECIDED = { decision: "open", name: "", reference: false };
const ASIDE = "aside";

export class CastBoard extends Board {
  noun = "figure";
  words = { name: "named", nobody: "aside", open: "unnamed" };
  readOnlyText = "";

  constructor(root, store) {
    super(root, store, UNDECIDED);
    this.store = store;
    root.classList.add("cast");
  }

  get finishLabel() { return "Write production…"; }
  get decidedWord() { return "sorted"; }
  get samples() { return this.document.samples; }

  async start() {
    await super.start();
    if (!this.document) return;
    if (this.document.closed) { showWritten(this.root, this.document); return; }
    // One person has one opinion, in whichever window it was last said.
    for (const id of [...this.conflicts.keys()]) this.keepMine(id);
  }

  // Names that people have given, the most frequent first.
  get names() {
    const counts = new Map();
    for (const { id } of this.state.items) {
      const { decision, name } = this.state.verdict(id);
      if (decision === "name") counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one));
  }

  sectionOf(item) {
    const { decision, name } = this.state.verdict(item.id);
    if (decision === "name") return `name ${name}`;
    return decision === "nobody" ? ASIDE : `group ${item.group}`;
  }

  idsOf(section) {
    return this.state.items.filter((item) => this.sectionOf(item) === section).map(({ id }) => id);
  }

  titleOf(section) {
    const item = this.state.items.find((one) => this.sectionOf(one) === section);
    if (section === ASIDE) return "Set aside";
    return section.startsWith("name ")
      ? isolated(this.state.verdict(item.id).name) : `Group ${item.group + 1}`;
  }

  shotName({ film, shot }) {
    const { films } = this.document;
    const number = this.#shotNumbers.get(`${film}#${shot}`);
    return films.length > 1 ? `${isolated(films[film])}, shot ${number}` : `Shot ${number}`;
  }

  placeOf(item) { return `${this.shotName(item)}, ${item.timecode}`; }

  // Adds a figure that somebody drew a box around, and goes to it.
  async draw(drawn) {
    const { item } = await this.store.draw(drawn);
    await this.start();
    this.grid.go(item.id);
    this.announce("The figure is added.", { toast: true });
  }

  // -- What the kit asks of a board

  makeActions() { return new CastActions(this); }
  makeFilter() { return castFilter(this); }

  makeGrid() {
    const { items } = this.state;
    items.sort((one, other) => this.#rank(one) - this.#rank(other)
      || this.sectionOf(one).localeCompare(this.sectionOf(other))
      || one.sample - other.sample || one.box[0] - other.box[0]);
    this.#drawn = new Map(items.map((item) => [item.id, this.sectionOf(item)]));
    return new Grid(this, {
      sectionOf: (item) => this.#drawn.get(item.id),
      titleOf: (section) => this.#heading(section),
      summaryOf: (cards) => this.#summaryOf(cards),
      groupOf: ({ film, shot }) => `${film}#${shot}`,
      makeCard: (item) => new FigureCard(this, item),
    });
  }

  makeLoupe() {
    return new Loupe(this, {
      label: "Full picture",
      imageOf: (item) => ({ source: item.picture_url, alt: this.placeOf(item) }),
      framesOf: ({ frame_url: url, timecode, box }) => [{ url, timecode, box, own: true }],
      panel: new FigurePanel(this),
    });
  }

  actionButtons() {
    const action = (label, command, name) =>
      button(label, () => this.do(command), { class: name });
    return [
      action("Name…", "name", "decide yes-button"),
      action("Nobody", "nobody", "decide no-button"),
      action("Reference", "reference", "plain"),
      action("View", "zoom", "plain single"),
    ];
  }

  notices() { return []; }

  openFinishSheet(onFinish) { askToWrite(this, onFinish); }

  // Figures move to the section that they belong to now; the reviewer stays where they were.
  refresh(ids) {
    if (ids.some((id) => this.sectionOf(this.state.item(id)) !== this.#drawn.get(id))) {
      this.#regroup();
    }
    super.refresh(ids);
  }

  // -- Sections

  #drawn = new Map(); // section by id, as the grid shows it
  #numbers = null;

  get #shotNumbers() {
    if (this.#numbers?.of !== this.document) {
      const keys = this.samples.map(({ film, shot }) => `${film}#${shot}`);
      const byFilm = new Map();
      const numbers = new Map();
      for (const key of new Set(keys)) {
        const film = key.split("#")[0];
        byFilm.set(film, (byFilm.get(film) ?? 0) + 1);
        numbers.set(key, byFilm.get(film));
      }
      this.#numbers = { of: this.document, numbers };
    }
    return this.#numbers.numbers;
  }

  // Groups without a name first, the largest first; then the cast; last what is set aside.
  #rank(item) {
    const { decision } = this.state.verdict(item.id);
    if (decision === "open") return item.group;
    return decision === "name" ? 1e6 : 2e6;
  }

  #regroup() {
    const before = this.grid;
    const { scrollTop } = before.element;
    const above = [...before.element.children].filter(
      (child) => !child.matches(".section, .nothing"));
    this.grid = this.makeGrid();
    this.grid.element.prepend(...above);
    before.element.replaceWith(this.grid.element);
    if (before.current) this.grid.go(before.current);
    this.grid.element.scrollTop = scrollTop;
  }

  #heading(section) {
    const title = this.titleOf(section);
    const act = (command, label, name = "") => button(label,
      () => this.actions.doOnSection(command, section), { class: `small ${name}` });
    const buttons = section === ASIDE ? [act("reopen", "Bring back")]
      : section.startsWith("name ") ? [act("name", "Rename…"), act("reopen", "Undo the name")]
        : [act("name", "Name…", "main"), act("nobody", "Nobody")];
    return el("span", { class: "heading" }, el("span", {}, title),
      el("span", { class: "row", role: "group", "aria-label": title }, ...buttons));
  }

  #summaryOf(cards) {
    const shots = new Set(cards.map(({ item }) => `${item.film}#${item.shot}`)).size;
    const picked = cards.filter(({ id }) => this.state.verdict(id).reference).length;
    const parts = [`${this.counted(cards.length)} in ${plural(shots, "shot")}`];
    if (picked) parts.push(plural(picked, "reference"));
    return parts.join(", ");
  }
}
