// The questions that the board asks in a sheet of its own: why, who, and the keys there are. A
// frame may forbid the browser's own questions, so these are <dialog> elements of the page.

import { button, el, key, plural } from "./dom.js";
import { KEYS } from "./review_keys.js";

// A modal sheet that leaves the page when it is closed. content(close, sheet) -> its elements.
export function openSheet(root, title, name, content) {
  const sheet = el("dialog", { class: `sheet ${name}`, "aria-label": title });
  const close = () => sheet.close();
  const heading = el("h2", { tabindex: -1 }, title);
  sheet.append(heading, ...content(close, sheet));
  sheet.addEventListener("close", () => sheet.remove());
  sheet.addEventListener("click", (event) => { if (event.target === sheet) close(); });
  root.append(sheet);
  sheet.showModal();
  if (!sheet.querySelector("[autofocus]")) heading.focus();
}

// onChosen(reason): one of the list, with what the reviewer adds behind a colon.
export function askReason({ root, reasons, limits }, count, onChosen) {
  const many = `Why are ${plural(count, "picture")} rejected?`;
  const title = count === 1 ? "Why is it rejected?" : many;
  openSheet(root, title, "ask", (close, sheet) => {
    const longest = Math.max(...reasons.map((reason) => reason.length));
    const note = el("input", {
      type: "text", maxlength: limits.reason_max - longest - 2, "aria-label": "More about it",
      placeholder: "More about it (optional)",
    });
    const choose = (reason) => {
      const added = note.value.trim().replace(/\s+/g, " ");
      close();
      onChosen(added ? `${reason}: ${added}` : reason);
    };
    note.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      choose(note.value.trim() ? reasons.at(-1) : reasons[0]);
    });
    onKeys(sheet, {
      ...byDigit(reasons, choose),
      t: () => note.focus(),
    });
    const hint = el("p", { class: "quiet" });
    hint.append("A number rejects at once. ", key("T"), " to add words first.");
    return [choices(reasons.map((reason) => [reason, reason]), choose), note, hint];
  });
}

export function askCharacter({ root, characters }, count, onChosen) {
  const title = count === 1 ? "Who is it?" : `Who is on these ${plural(count, "picture")}?`;
  openSheet(root, title, "ask", (close, sheet) => {
    const choose = (id) => { close(); onChosen(id); };
    onKeys(sheet, byDigit(characters.map(({ id }) => id), choose));
    return [choices(characters.map(({ id, name }) => [id, name]), choose)];
  });
}

export function showHelp({ root }) {
  openSheet(root, "Keys", "help", (close, sheet) => {
    onKeys(sheet, { "?": close });
    return [
      el("div", { class: "key-groups" }, ...KEYS.map(keyGroup)),
      el("p", { class: "quiet" },
        "Letters work in the full picture too. With pictures selected they act on all of them."),
      button("Close", close, { class: "main" }),
    ];
  });
}

function keyGroup({ title, keys }) {
  const lines = keys.filter(({ says }) => says).map(({ show, says }) => {
    const names = show.map((name) => (name === "…" ? "–" : key(name)));
    return el("div", {}, el("dt", {}, ...names), el("dd", {}, says));
  });
  return el("section", {}, el("h3", {}, title), el("dl", {}, ...lines));
}

function choices(pairs, choose) {
  return el("ol", { class: "choices" }, ...pairs.map(([value, label], place) => {
    const face = button("", () => choose(value), { autofocus: place === 0 });
    face.append(place < 9 ? key(String(place + 1)) : "", el("span", {}, label));
    return el("li", {}, face);
  }));
}

function byDigit(values, choose) {
  const named = values.slice(0, 9).map((value, place) => [String(place + 1), () => choose(value)]);
  return Object.fromEntries(named);
}

// Keys of a sheet; what is typed into its field stays there.
function onKeys(sheet, actions) {
  sheet.addEventListener("keydown", (event) => {
    const action = actions[event.key.toLowerCase()];
    if (!action || event.target.matches("input") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  });
}
