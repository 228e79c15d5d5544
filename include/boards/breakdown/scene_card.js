// One scene: its script, and beside it the panels that are made of it.

import { button, el, iconButton } from "../../board_kit/page/dom.js";
import { plural, shortTime } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { PanelForm } from "./panel_form.js";
import { omissionOf, panelsOf, unassigned } from "./scene_content.js";

export class SceneCard {
  #board;
  #approve;
  #state = el("p", { class: "verdict" });
  #warning = el("p", { class: "flag unassigned-count" });
  #script = el("ol", { class: "script" });
  #panels = el("ol", { class: "panels" });
  #conflict = null;
  #form = null; // of the current panel, while it is edited
  index = 0; // of the current panel

  constructor(board, item) {
    this.#board = board;
    this.id = item.id;
    this.item = item;
    this.#approve = button("Approve scene", () => board.doOn("approve", item.id), {
      class: "decide yes-button", tabindex: -1, disabled: !board.mayDecide,
    });
    this.element = this.#build();
  }

  get #content() { return this.#board.contentOf(this.id); }

  update() {
    const content = this.#content;
    const { decision } = this.#board.state.verdict(this.id);
    this.index = Math.max(0, Math.min(this.index, content.panels.length - 1));
    this.element.dataset.decision = decision;
    this.#approve.setAttribute("aria-pressed", decision === "approve");
    this.#approve.textContent = decision === "approve" ? "Approved" : "Approve scene";
    const left = unassigned(this.item, content);
    this.#warning.textContent = left.length ? `${plural(left.length, "line")} unassigned` : "";
    this.#state.replaceChildren(...this.#signature());
    this.#showScript(content);
    this.#showPanels(content);
    this.element.setAttribute("aria-label",
      `Scene ${this.item.scene}, ${plural(content.panels.length, "panel")}, `
      + this.#board.words[decision]);
    this.#showConflict();
  }

  select(selected) { this.element.classList.toggle("selected", selected); }

  // Returns whether there is such a panel; Infinity is the last one.
  goTo(index) {
    const last = this.#content.panels.length - 1;
    const wanted = Math.min(index, index === Infinity ? last : index);
    if (wanted < 0 || wanted > last) return false;
    if (wanted !== this.index) this.closeForm();
    this.index = wanted;
    this.#mark();
    return true;
  }

  showPanel() {
    this.#panels.children[this.index]?.scrollIntoView({ block: "nearest" });
  }

  edit() {
    if (!this.#content.panels[this.index]) return;
    this.#form ??= new PanelForm(this.#board, this.id, this.index, () => {
      this.closeForm();
      this.element.focus({ preventScroll: true });
    });
    this.update();
    this.showPanel();
    this.#form.focus();
  }

  closeForm() {
    if (!this.#form) return;
    this.#form.commit();
    this.#form = null;
    this.update();
  }

  #build() {
    const { scene, number } = this.item;
    return el("article", { class: "card scene", tabindex: -1, "data-id": this.id },
      el("header", { class: "scene-head" },
        el("h3", {}, number ? el("span", { class: "number" }, number) : null, " ", scene),
        this.#warning, this.#state, this.#approve),
      el("div", { class: "columns" },
        el("section", { "aria-label": "Script" }, this.#script),
        el("section", { "aria-label": "Panels" }, this.#panels)));
  }

  #signature() {
    const { reviewer, at } = this.#board.state.signature(this.id);
    if (!reviewer) return [];
    return [el("span", { class: "who", title: shortTime(at) }, reviewer)];
  }

  #showScript(content) {
    const lines = this.item.units.map((unit) => this.#scriptLine(unit, content));
    this.#script.replaceChildren(...lines);
    this.#mark();
  }

  #scriptLine(unit, content) {
    const inPanels = unit.drawn ? panelsOf(unit, content) : [];
    const omission = inPanels.length ? null : omissionOf(unit, content);
    const isLoose = unit.drawn && !inPanels.length && !omission;
    const numbers = inPanels.map((at) => this.#board.panelNumber(content.panels[at], at));
    const place = isLoose ? "in no panel" : omission ? `left out: ${omission.reason}` : numbers.join(", ");
    const name = unit.kind.replaceAll(" ", "-");
    const label = `Line ${unit.line}, ${place || unit.kind}`;
    const text = [
      el("span", { class: "line-number" }, unit.line.toLocaleString("en", { useGrouping: false })),
      el("span", { class: "line-text" }, unit.text || "⁂"),
      el("span", { class: "line-place" }, place),
    ];
    const movable = unit.drawn && this.#board.mayDecide;
    const inner = movable
      ? el("button", {
        type: "button", class: "line-button", tabindex: -1, "aria-label": `${label}. Move it`,
        onclick: () => this.#board.actions.askPlace(this.id, unit),
      }, ...text)
      : el("span", { class: "still" }, ...text);
    return el("li", {
      class: `unit ${name}${isLoose ? " loose" : ""}${omission || !unit.drawn ? " left-out" : ""}`,
      "data-line": unit.line, "data-panels": inPanels.join(" "),
    }, inner);
  }

  #showPanels(content) {
    const kept = this.#form && this.#panels.querySelector(":scope > .editing");
    const rows = content.panels.map((panel, index) => this.#panelRow(panel, index));
    if (kept && rows[this.#form.index]) { this.#replaceAround(kept, rows); return; }
    const none = el("li", { class: "no-panel" }, el("p", { class: "quiet" }, "No panel."),
      this.#board.mayDecide ? button("New panel", () => this.#on("insert", 0)) : null);
    this.#panels.replaceChildren(...(rows.length ? rows : [none]));
    this.#mark();
  }

  // Leaves the row with the form where it is, because moving it would take the focus.
  #replaceAround(kept, rows) {
    for (const row of [...this.#panels.children]) if (row !== kept) row.remove();
    const { index } = this.#form;
    kept.querySelector(".panel-head").replaceWith(rows[index].querySelector(".panel-head"));
    kept.before(...rows.slice(0, index));
    kept.after(...rows.slice(index + 1));
    this.#mark();
  }

  #panelRow(panel, index) {
    const isEdited = this.#form?.index === index;
    const name = isEdited ? "panel-row editing" : "panel-row";
    return el("li", { class: name, "data-index": index, onclick: () => this.goTo(index) },
      el("div", { class: "panel-head" },
        el("b", { class: "number" }, this.#board.panelNumber(panel, index)),
        el("span", { class: "facts" }, this.#facts(panel)),
        this.#board.mayDecide ? this.#panelButtons(index) : null),
      isEdited && !this.#form.element.isConnected ? this.#form.element
        : this.#summary(panel, index));
  }

  #facts({ size, angle, move, lens, seconds, frames, locked }) {
    const length = frames ? `${frames.toLocaleString("en")} frames`
      : `${seconds.toLocaleString("en")} s`;
    return [size, angle, move, lens, length, locked ? "numbers kept" : ""].filter(Boolean)
      .map(isolated).join(" · ");
  }

  #summary(panel, index) {
    const cast = panel.characters.map((id) =>
      el("span", { class: "flag who-is-in" }, this.#board.nameOf(id)));
    const spoken = panel.dialogue.map(({ speaker, off, text }) => el("p", { class: "spoken" },
      el("b", {}, speaker, off ? ` (${off})` : ""), " ", text));
    const more = [["Sound", panel.sound], ["Transition", panel.transition], ["Place", panel.place],
      ["Time", panel.time], ["Light", panel.light], ["Note", panel.note]]
      .filter(([, text]) => text)
      .map(([name, text]) => el("span", { class: "more" }, el("i", {}, name), " ", isolated(text)));
    return el("div", { class: "summary", ondblclick: () => this.#on("edit", index) },
      el("p", { class: "description" }, panel.description),
      el("p", { class: "place" }, ...cast, ...more), ...spoken);
  }

  #panelButtons(index) {
    const act = (label, command, title) =>
      button(label, () => this.#on(command, index), { class: "bare", tabindex: -1, title });
    return el("span", { class: "panel-buttons" },
      act("Edit", "edit", "Edit (e)"), act("Split", "split", "Split into two (s)"),
      act("Merge", "merge", "Merge with the next one (m)"),
      act("New", "insert", "New panel after it (n)"),
      iconButton("before", "Move before the one before ([)", () => this.#on("earlier", index),
        { tabindex: -1 }),
      iconButton("after", "Move after the next one (])", () => this.#on("later", index),
        { tabindex: -1 }),
      act("Delete", "remove", "Delete; its lines are left out (d)"));
  }

  #on(command, index) { this.#board.actions.onPanel(command, this.id, index); }

  // Shows which panel is current, and which lines it is made of.
  #mark() {
    for (const row of this.#panels.querySelectorAll(".panel-row")) {
      row.classList.toggle("current-panel", Number(row.dataset.index) === this.index);
    }
    for (const line of this.#script.children) {
      const panels = line.dataset.panels.split(" ").filter(Boolean).map(Number);
      line.classList.toggle("of-current", panels.includes(this.index));
    }
  }

  #showConflict() {
    this.#conflict?.remove();
    const conflict = this.#board.conflicts.get(this.id);
    this.element.classList.toggle("contested", Boolean(conflict));
    if (!conflict) return;
    const { reviewer, decided_at: at } = conflict.theirs;
    const board = this.#board;
    this.#conflict = el("div", { class: "conflict", role: "group", "aria-label": "Two versions" },
      el("p", {}, `${isolated(reviewer)} changed this scene, ${shortTime(at)}, and so did you.`),
      el("div", { class: "row" },
        button(`Keep ${isolated(reviewer)}’s`, () => board.keepTheirs(this.id)),
        button("Use mine", () => board.keepMine(this.id))));
    this.element.append(this.#conflict);
  }
}
