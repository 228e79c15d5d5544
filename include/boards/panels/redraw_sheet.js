// The question what to change when a panel is drawn again.

import { button, el } from "../../board_kit/page/dom.js";
import { lengthOf, tidy } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";
import { openSheet } from "../../board_kit/parts/sheets.js";

// onAsked({note, seed, reference}), or onAsked(null) when an earlier request is withdrawn.
export function askRedraw(board, ids, onAsked) {
  const one = ids.length === 1 ? board.state.item(ids[0]) : null;
  const before = board.state.verdict(ids[0]);
  const asked = ids.some((id) => board.state.verdict(id).decision === "redraw");
  const title = one ? `Draw panel ${one.label} again` : `Draw ${board.counted(ids.length)} again`;
  openSheet(board.root, title, "ask redraw", (close) => {
    const fields = new RedrawFields(board, ids, one, before);
    const submit = () => {
      const found = fields.read();
      if (!found) return;
      close();
      onAsked(found);
    };
    fields.note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
    });
    const withdraw = asked ? button("Do not redraw", () => { close(); onAsked(null); }) : null;
    return [...fields.elements, el("div", { class: "row end" },
      withdraw, button("Cancel", close), button("Ask for it", submit, { class: "main" }))];
  });
}

class RedrawFields {
  #limits;
  #one;
  #seed;
  #chosen;
  #problem = el("p", { class: "problem", role: "alert" });
  #pictures;

  constructor(board, ids, one, before) {
    this.#limits = board.limits;
    this.#one = one;
    this.#chosen = before.reference;
    this.note = el("textarea", { id: "redraw-note", rows: 3, autofocus: true });
    this.note.value = before.note;
    this.#seed = el("input", {
      id: "redraw-seed", type: "text", inputmode: "numeric", placeholder: "another one",
    });
    this.#seed.value = String(before.seed);
    this.#pictures = board.noReferences ? null : this.#pictureList(board, ids);
    this.elements = [
      el("label", { for: "redraw-note" }, "What to change"), this.note,
      el("p", { class: "quiet" }, "It is added to the prompt of the panel."),
      ...(one ? [el("label", { for: "redraw-seed" }, "First seed"), this.#seed] : []),
      ...(this.#pictures
        ? [el("h3", {}, "Show it a picture"), this.#pictures]
        : [el("p", { class: "quiet" }, board.noReferences)]),
      this.#problem,
    ];
  }

  // {note, seed, reference}; null, with the reason shown, when they cannot be.
  read() {
    const note = tidy(this.note.value);
    const { note_max: most, seed_max: largest } = this.#limits;
    const text = this.#one ? this.#seed.value.trim() : "";
    const seed = text === "" ? "" : Number(text);
    if (lengthOf(note) > most) return this.#refuse(`The note has ${lengthOf(note)} characters; at most ${most} are kept.`);
    if (seed !== "" && !(Number.isInteger(seed) && seed >= 0 && seed <= largest)) {
      return this.#refuse(`The seed is a whole number from 0 to ${largest.toLocaleString("en")}.`);
    }
    const drawn = this.#one?.candidates.some((candidate) => candidate.seed === seed);
    if (drawn && !note && !this.#chosen && !this.#one.redraw) {
      return this.#refuse(`Seed ${seed} is drawn already. Choose another, or say what to change.`);
    }
    return { note, seed, reference: this.#chosen };
  }

  #refuse(reason) {
    this.#problem.textContent = reason;
    return null;
  }

  // The characters of the panels first.
  #pictureList(board, ids) {
    const own = new Set(ids.flatMap((id) => board.state.item(id).references));
    const ordered = [...board.references].sort((one, other) => own.has(other.id) - own.has(one.id));
    const none = this.#pictureButton({ id: "", label: "None" });
    return el("ul", { class: "reference-list", role: "group", "aria-label": "Reference picture" },
      none, ...ordered.map((one) => this.#pictureButton({ ...one,
        label: one.approved ? `${isolated(one.character)}, approved` : isolated(one.character) })));
  }

  #pictureButton({ id, thumb_url: source, label }) {
    const choice = button("", () => this.#choose(id), { "data-id": id, "aria-pressed": id === this.#chosen });
    if (source) choice.append(el("img", { src: source, alt: "", loading: "lazy", decoding: "async" }));
    choice.append(el("span", {}, label));
    return el("li", {}, choice);
  }

  #choose(id) {
    this.#chosen = id;
    for (const choice of this.#pictures.querySelectorAll("button")) {
      choice.setAttribute("aria-pressed", choice.dataset.id === id);
    }
  }
}
