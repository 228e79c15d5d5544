// One item in the grid as a picture; a board extends this class with what its items say.
//
// Its constructor sets element by makeArticle(); update() shows the verdict. A board on which more
// than one person decides calls showConflict() there, and defines inWords(verdict): "approved it".

import { button, el, iconButton } from "../page/dom.js";
import { shortTime } from "../page/text.js";
import { isolated } from "../page/visible.js";

export class Card {
  #select;
  #conflict = null;
  #source;
  #near = false;

  constructor(board, item) {
    this.board = board;
    this.id = item.id;
    this.item = item;
    this.#source = item.thumb_url;
    this.image = el("img", {
      class: "picture", decoding: "async", draggable: "false",
      onerror: () => board.retryImage(this.image),
    });
    this.#select = this.makeButton("pick", "Select (x)", "select", "corner");
  }

  select(selected) {
    this.element.classList.toggle("selected", selected);
    this.#select.setAttribute("aria-pressed", selected);
  }

  // Fetches the picture; the shelf calls this when the card comes near the screen. A browser does
  // the same for loading="lazy", but looks at each of thousands of images in every frame.
  comeNear() {
    this.#near = true;
    this.showPicture(this.#source);
  }

  showPicture(source) {
    this.#source = source;
    if (!this.#near || !source || this.image.getAttribute("src") === source) return;
    this.image.src = source;
  }

  command(name) { return () => this.board.doOn(name, this.id); }

  makeButton(icon, label, command, name) {
    return iconButton(icon, label, this.command(command), {
      tabindex: -1, class: name, disabled: !this.board.mayDecide,
    });
  }

  // heading: of the group; choices: buttons on the picture; rest: what is below it.
  makeArticle(heading, choices, ...rest) {
    return el("article", {
      class: "card", tabindex: -1, "data-id": this.id, title: this.item.notes?.join(" ") || null,
    },
    el("p", { class: "group" }, heading),
    el("div", { class: "view", ondblclick: this.command("zoom") }, this.image, this.#select,
      choices.length ? el("div", { class: "choice" }, ...choices) : null),
    ...rest);
  }

  // Who has decided, when it was somebody else.
  otherReviewer() {
    const { reviewer, at } = this.board.state.signature(this.id);
    if (!reviewer || reviewer === this.board.you) return [];
    return [el("span", { class: "who", title: shortTime(at) }, reviewer)];
  }

  // Shows two decisions of which one has to be chosen, while there are two.
  showConflict(label) {
    this.#conflict?.remove();
    const conflict = this.board.conflicts.get(this.id);
    this.element.classList.toggle("contested", Boolean(conflict));
    if (!conflict) return;
    this.#conflict = this.#conflictBox(label, conflict);
    this.element.append(this.#conflict);
  }

  #conflictBox(label, { mine, theirs }) {
    const { board, id } = this;
    const own = theirs.reviewer === board.you;
    const who = own ? "You, in another window," : isolated(theirs.reviewer);
    const keep = own ? "Keep that" : `Keep ${isolated(theirs.reviewer)}’s`;
    return el("div", { class: "conflict", role: "group", "aria-label": label },
      el("p", {}, `${who} ${this.inWords(theirs)}, ${shortTime(theirs.decided_at)}.`),
      el("p", {}, `You ${this.inWords(mine)}.`),
      el("div", { class: "row" },
        button(keep, () => board.keepTheirs(id)), button("Use mine", () => board.keepMine(id))));
  }
}
