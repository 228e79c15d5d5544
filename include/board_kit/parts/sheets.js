// Sheets: questions and help that lie over the page. A frame may forbid the browser's own dialogs,
// so these are <dialog> elements of the page.

import { button, el, keyCap } from "../page/dom.js";
import { isComposing } from "../page/text.js";

// Opens a modal sheet that leaves the page when it is closed. content(close, sheet) -> elements.
export function openSheet(root, title, name, content) {
  const sheet = el("dialog", { class: `sheet ${name}`, "aria-label": title });
  const close = () => sheet.close();
  const heading = el("h2", { tabindex: -1 }, title);
  sheet.append(heading, ...content(close, sheet));
  sheet.addEventListener("close", () => sheet.remove());
  sheet.addEventListener("click", (event) => { if (isOutside(sheet, event)) close(); });
  root.append(sheet);
  sheet.showModal();
  if (!sheet.querySelector("[autofocus]")) heading.focus();
}

// On the backdrop, which belongs to the sheet; not between its elements.
function isOutside(sheet, { target, clientX: x, clientY: y }) {
  const { left, right, top, bottom } = sheet.getBoundingClientRect();
  return target === sheet && (x < left || x > right || y < top || y > bottom);
}

// Asks for one of [[value, label]], by click or digit.
export function askChoice(root, title, pairs, onChosen) {
  openSheet(root, title, "ask", (close, sheet) => {
    const choose = (value) => { close(); onChosen(value); };
    onSheetKeys(sheet, digitKeys(pairs.map(([value]) => value), choose));
    return [choiceList(pairs, choose)];
  });
}

export function showKeyHelp(root, groups) {
  openSheet(root, "Keys", "help", (close, sheet) => {
    onSheetKeys(sheet, { "?": close });
    return [
      el("div", { class: "key-groups" }, ...groups.map(keyGroup)),
      el("p", { class: "quiet" },
        "Letters work in the full picture too. With a selection they act on all of it."),
      button("Close", close, { class: "main" }),
    ];
  });
}

function keyGroup({ title, keys }) {
  const lines = keys.filter(({ help }) => help).map(({ show, help }) => {
    const names = show.map((name) => (name === "…" ? "–" : keyCap(name)));
    return el("div", {}, el("dt", {}, ...names), el("dd", {}, help));
  });
  return el("section", {}, el("h3", {}, title), el("dl", {}, ...lines));
}

export function choiceList(pairs, choose) {
  return el("ol", { class: "choices" }, ...pairs.map(([value, label], index) => {
    const choice = button("", () => choose(value), { autofocus: index === 0 });
    choice.append(index < 9 ? keyCap(String(index + 1)) : "", el("span", {}, label));
    return el("li", {}, choice);
  }));
}

export function digitKeys(values, choose) {
  return Object.fromEntries(values.slice(0, 9).map(
    (value, index) => [String(index + 1), () => choose(value)]));
}

// Keys of a sheet; what is typed into its field stays there.
export function onSheetKeys(sheet, actions) {
  sheet.addEventListener("keydown", (event) => {
    const action = actions[event.key.toLowerCase()];
    if (!action || isComposing(event) || event.target.matches("input") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  });
}

// Checkboxes that must all be ticked before a button can be pressed.
export class Confirmations {
  #button;
  #boxes = [];

  constructor(waiting) {
    this.#button = waiting;
  }

  add(text) {
    const box = el("input", { type: "checkbox", onchange: () => this.#update() });
    this.#boxes.push(box);
    this.#update();
    return el("label", { class: "confirmation" }, box, el("span", {}, text));
  }

  #update() {
    this.#button.disabled = !this.#boxes.every((box) => box.checked);
  }
}
