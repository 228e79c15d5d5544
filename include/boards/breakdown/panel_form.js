// The fields of one panel, each of which is stored when it is left.

import { button, el } from "../../board_kit/page/dom.js";
import { isComposing, tidy } from "../../board_kit/page/text.js";
import { edit, NEW_PANEL } from "./scene_content.js";

const SHORT = [["size", "Size"], ["angle", "Angle"], ["lens", "Lens"], ["move", "Move"],
  ["light", "Light"], ["place", "Place"], ["time", "Time"], ["transition", "Transition"]];
const OFF = [["", "seen"], ["V.O.", "V.O."], ["O.S.", "O.S."]];

export class PanelForm {
  #board;
  #id;
  #description;
  #dialogue = el("div", { class: "dialogue" });

  // onClose(): Escape, or the button at the end.
  constructor(board, id, index, onClose) {
    this.#board = board;
    this.#id = id;
    this.index = index;
    const panel = this.#panel;
    const { limits } = board;
    this.#description = this.#textField("description", "What the picture shows", {
      tag: "textarea", rows: 3, maxlength: limits.description });
    this.#showDialogue();
    this.element = el("form", {
      class: "panel-form",
      onsubmit: (event) => { event.preventDefault(); onClose(); },
      onkeydown: (event) => this.#pressed(event, onClose),
      onclick: (event) => event.stopPropagation(),
    },
    this.#description,
    el("fieldset", { class: "cast" }, el("legend", {}, "In the picture"),
      ...board.characters.map((one) => this.#castBox(one, panel.characters))),
    el("div", { class: "fields" },
      ...SHORT.map(([name, label]) => this.#textField(name, label, { maxlength: limits.short })),
      this.#numberField("seconds", "Seconds", limits.seconds),
      this.#numberField("frames", "Frames instead", limits.frames)),
    this.#textField("sound", "Sound", { maxlength: limits.sound }),
    el("fieldset", {}, el("legend", {}, "Spoken"), this.#dialogue,
      button("New line", () => this.#addSpoken())),
    this.#textField("note", "Note for people", { maxlength: 400 }),
    el("div", { class: "fields" },
      this.#textField("shot", "Shot", { maxlength: 10, pattern: "[0-9A-Z][0-9A-Z.\\-]*" }),
      el("label", { class: "check" }, el("input", {
        type: "checkbox", checked: panel.locked,
        onchange: ({ target }) => this.#set({ locked: target.checked }, "numbers"),
      }), "Keep its numbers")),
    el("div", { class: "row end" }, button("Done", onClose, { class: "main" })));
  }

  get #panel() { return this.#board.contentOf(this.#id).panels[this.index]; }
  get #field() { return this.#description.querySelector("textarea"); }

  focus() {
    this.#field.focus({ preventScroll: true });
    if (this.#field.value === NEW_PANEL) this.#field.select();
  }

  // Stores the field that is being edited.
  commit() {
    const field = document.activeElement;
    if (this.element.contains(field)) field.dispatchEvent(new Event("change"));
  }

  #set(fields, what) {
    const content = this.#board.contentOf(this.#id);
    if (!content.panels[this.index]) return;
    this.#board.setContent(this.#id, edit(content, this.index, fields), what);
  }

  #textField(name, label, { tag = "input", ...attributes }) {
    const type = tag === "input" ? { type: "text" } : {};
    const field = el(tag, {
      ...type, ...attributes, name, spellcheck: "true",
      onchange: () => {
        const text = tidy(field.value);
        const wrong = (name === "description" && !text) || !field.checkValidity();
        if (wrong) field.value = this.#panel[name];
        else if (text !== this.#panel[name]) this.#set({ [name]: text }, label.toLowerCase());
      },
    });
    field.value = this.#panel[name];
    return el("label", { class: `field-of-panel for-${name}` }, el("span", {}, label), field);
  }

  #numberField(name, label, most) {
    const isWhole = name === "frames";
    const field = el("input", {
      type: "number", name, min: isWhole ? 1 : 0.1, max: most, step: isWhole ? 1 : "any",
      onchange: () => {
        const value = field.value === "" ? null : Number(field.value);
        const isMissing = value === null && !isWhole;
        if (isMissing || (value !== null && !(value > 0 && value <= most))) {
          field.value = this.#panel[name] ?? "";
        } else if (value !== this.#panel[name]) this.#set({ [name]: value }, label.toLowerCase());
      },
    });
    field.value = this.#panel[name] ?? "";
    return el("label", { class: `field-of-panel for-${name}` }, el("span", {}, label), field);
  }

  #castBox({ id, name, kind }, present) {
    const box = el("input", {
      type: "checkbox", name: "cast", value: id, checked: present.includes(id),
      onchange: () => {
        const others = this.#panel.characters.filter((one) => one !== id);
        this.#set({ characters: box.checked ? [...others, id] : others }, "who is in it");
      },
    });
    return el("label", { class: "check" }, box, kind === "prop" ? `${name} (prop)` : name);
  }

  #showDialogue() {
    this.#dialogue.replaceChildren(...this.#panel.dialogue.map((line, at) => this.#spoken(line, at)));
  }

  #spoken(line, at) {
    const put = (fields) => {
      const dialogue = this.#panel.dialogue.with(at, { ...this.#panel.dialogue[at], ...fields });
      this.#set({ dialogue }, "what is spoken");
    };
    const text = (name, label, most) => {
      const field = el("input", {
        type: "text", "aria-label": label, placeholder: label, maxlength: most,
        onchange: () => {
          const typed = tidy(field.value);
          if (name === "text" && !typed) field.value = line.text;
          else put({ [name]: typed });
        },
      });
      field.value = line[name];
      return field;
    };
    const choice = (name, label, pairs) => {
      const field = el("select", { "aria-label": label, onchange: () => put({ [name]: field.value }) },
        ...pairs.map(([value, shown]) => el("option", { value }, shown)));
      field.value = line[name];
      return field;
    };
    const cast = this.#board.characters.filter(({ kind }) => kind !== "prop");
    const { limits } = this.#board;
    return el("div", { class: "spoken-line" },
      text("speaker", "Speaker", limits.short),
      choice("character", "Who", [["", "somebody else"], ...cast.map(({ id, name }) => [id, name])]),
      choice("off", "Seen or heard", OFF),
      text("parenthetical", "How", limits.short), text("text", "Text", limits.spoken),
      button("Remove", () => {
        this.#set({ dialogue: this.#panel.dialogue.toSpliced(at, 1) }, "what is spoken");
        this.#showDialogue();
      }, { class: "bare" }));
  }

  #addSpoken() {
    const line = { speaker: "", character: "", text: "…", parenthetical: "", off: "", dual: false };
    this.#set({ dialogue: [...this.#panel.dialogue, line] }, "what is spoken");
    this.#showDialogue();
    this.#dialogue.lastElementChild.querySelector("input").focus();
  }

  #pressed(event, onClose) {
    event.stopPropagation();
    if (isComposing(event)) return;
    const isEnter = event.key === "Enter" && !event.shiftKey;
    const ends = isEnter && event.target.matches("textarea");
    if (event.key === "Escape" || ends) { event.preventDefault(); onClose(); }
  }
}
