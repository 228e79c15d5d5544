// The last question: what the production file says besides who is who.

import { button, el } from "../../board_kit/page/dom.js";
import { plural, tidy } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { Confirmations, openSheet } from "../../board_kit/parts/sheets.js";

const SAVE_MS = 500;

// onFinish({open, replace}).
export function askToWrite(board, onFinish) {
  if (!board.names.length) {
    board.announce("Name at least one group first: press N.", { toast: true });
    return;
  }
  openSheet(board.root, "Write the production file", "write", (close, sheet) => {
    const form = new ProductionForm(board);
    const problem = el("p", { class: "notice alarm", role: "alert", hidden: true });
    const agreement = el("div", {});
    const write = button("Write", () => submit(), { class: "main" });
    let replace = false;
    const submit = async () => {
      problem.hidden = true;
      const missing = form.missing();
      if (missing.length) {
        show(missing);
        return;
      }
      try {
        await form.save();
        const { exists } = await board.store.check();
        if (exists && !replace) {
          askToReplace();
          return;
        }
      } catch (refusal) {
        show(refusal.message.split("\n"));
        return;
      }
      close();
      onFinish({ open: board.state.count("open"), replace });
    };
    const show = (lines) => {
      problem.replaceChildren(...lines.map((line) => el("p", {}, line)));
      problem.hidden = false;
      problem.scrollIntoView({ block: "nearest" });
    };
    const askToReplace = () => {
      replace = true;
      agreement.replaceChildren(new Confirmations(write).add(
        `Replace the production file in ${board.document.out}, which exists already.`));
      agreement.scrollIntoView({ block: "nearest" });
    };
    sheet.addEventListener("close", () => form.save().catch(() => {}));
    return [...form.elements, el("p", { class: "quiet" }, leftOut(board)), problem, agreement,
      el("div", { class: "row end" }, button("Back", close), write)];
  });
}

function leftOut(board) {
  const open = board.state.count("open");
  const rest = open ? `${board.counted(open)} without a name are left out. ` : "";
  return `${rest}It is written into ${board.document.out}, with its pictures. Nothing is sent `
    + "anywhere.";
}

class ProductionForm {
  #board;
  #fields = new Map();
  #timer = 0;
  #saved = "";

  constructor(board) {
    this.#board = board;
    const { details } = board.document;
    this.elements = [
      el("div", { class: "fields" },
        this.#field("title", "Title of the production", details.title),
        this.#field("licence", "Licence of the film", details.licence,
          "Who may use it, e.g. all rights reserved, or CC BY 4.0."),
        this.#field("attribution", "Attribution", details.attribution,
          "Shown next to every frame; may be empty.")),
      ...board.names.map((name) => this.#member(name, details.members[name] ?? {})),
    ];
    this.#saved = JSON.stringify(this.#read());
  }

  // What has to be written first, a sentence each; the first such field gets the focus.
  missing() {
    const { names, limits } = this.#board;
    const wanted = [
      ["title", "Write a title."], ["licence", "Write the licence of the film."],
      ...names.map((name) => [`${name}\0description`, `${isolated(name)}: write a description.`]),
    ].filter(([key]) => !this.#fields.get(key).value.trim());
    if (wanted.length) this.#fields.get(wanted[0][0]).focus();
    const many = names.length > limits.members
      ? [`There are ${names.length} names; a production has at most ${limits.members}.`] : [];
    return [...wanted.map(([, text]) => text), ...many];
  }

  async save() {
    clearTimeout(this.#timer);
    const details = this.#read();
    const text = JSON.stringify(details);
    if (text === this.#saved) return;
    await this.#board.store.describe(details);
    this.#saved = text;
    this.#board.document.details = details;
  }

  #member(name, { kind = "character", id = "", description = "", traits = "" }) {
    const { state } = this.#board;
    const own = state.items.filter(({ id: one }) => state.verdict(one).name === name);
    const picked = own.filter(({ id: one }) => state.verdict(one).reference);
    const shown = (picked.length ? picked : own).slice(0, 5);
    const kinds = el("select", { "aria-label": `${name} is a` },
      el("option", { value: "character" }, "character"), el("option", { value: "prop" }, "prop"));
    kinds.value = kind;
    this.#remember(`${name}\0kind`, kinds);
    return el("fieldset", {},
      el("legend", {}, isolated(name)),
      el("div", { class: "some" }, ...shown.map(({ thumb_url: source }) =>
        el("img", { src: source, alt: "", decoding: "async" }))),
      el("p", { class: "quiet" }, referencesText(picked.length, this.#board.limits.references)),
      el("div", { class: "fields" },
        labelled("Kind", kinds),
        this.#field(`${name}\0description`, "Description", description,
          "What it looks like, in a sentence. Captions and prompts use it.", "textarea"),
        this.#field(`${name}\0traits`, "Traits, separated by commas", traits,
          "Words for its looks that captions must not repeat: red scarf, dark hair."),
        this.#field(`${name}\0id`, "Id", id, "Empty: made from the name.")));
  }

  #field(key, label, value, hint = "", tag = "input") {
    const field = tag === "input" ? el("input", { type: "text" }) : el(tag, { rows: 2 });
    field.value = value;
    this.#remember(key, field);
    return labelled(label, field, hint);
  }

  #remember(key, field) {
    this.#fields.set(key, field);
    field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.save().catch(() => {}), SAVE_MS);
    });
  }

  #read() {
    const value = (key) => this.#fields.get(key).value.trim();
    const member = (name) => ({
      kind: value(`${name}\0kind`), id: value(`${name}\0id`),
      description: tidy(value(`${name}\0description`)), traits: value(`${name}\0traits`),
    });
    return {
      title: value("title"), licence: value("licence"), attribution: value("attribution"),
      members: {
        ...this.#board.document.details.members,
        ...Object.fromEntries(this.#board.names.map((name) => [name, member(name)])),
      },
    };
  }
}

function labelled(label, field, hint = "") {
  return el("label", {}, el("span", {}, label), field,
    hint ? el("span", { class: "quiet" }, hint) : null);
}

function referencesText(picked, most) {
  if (picked > most) return `${picked} reference pictures are picked; at most ${most} are allowed.`;
  if (picked) return `${plural(picked, "reference picture")} picked.`;
  return "No reference picture is picked: up to 5 are chosen, from as many shots as possible.";
}
