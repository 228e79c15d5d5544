// The keyboard: which key does what, said once for the keys themselves and for the help.

export const KEYS = [
  { title: "Decide", keys: [
    { show: ["A"], does: "approve", says: "Approve, go on" },
    { show: ["R"], does: "reject", says: "Reject with a reason" },
    { show: ["1", "…", "9"], does: "reason", says: "Reject for that reason, go on" },
    { show: ["⌫"], on: ["Backspace", "Delete"], does: "reopen", says: "Back to undecided" },
    { show: ["E"], does: "edit", says: "Edit the caption" },
    { show: ["C"], does: "character", says: "It is somebody else" },
    { show: ["U"], does: "undo", says: "Undo, also Ctrl Z" },
    { show: ["Shift", "U"], on: ["U"], does: "redo", says: "Redo, also Ctrl Y" },
  ] },
  { title: "Move", keys: [
    { show: ["←", "→"], on: ["ArrowLeft", "h"], does: "left", says: "One picture, also H L" },
    { show: [], on: ["ArrowRight", "l"], does: "right" },
    { show: ["↑", "↓"], on: ["ArrowUp", "k"], does: "up", says: "One row, also K J" },
    { show: [], on: ["ArrowDown", "j"], does: "down" },
    { show: ["Home", "End"], on: ["Home"], does: "first", says: "First, last" },
    { show: [], on: ["End"], does: "last" },
    { show: ["G"], does: "next", says: "Next undecided" },
  ] },
  { title: "Look", keys: [
    { show: ["Z"], on: ["z", "Enter"], does: "zoom", says: "Full picture; again: 100 %" },
    { show: ["N"], does: "neighbour", says: "Frames of the shot; back: Shift N" },
    { show: [], on: ["N"], does: "neighbourBefore" },
    { show: ["/"], does: "search", says: "Search captions" },
    { show: ["?"], does: "help", says: "This help" },
  ] },
  { title: "Many at once", keys: [
    { show: ["X"], does: "select", says: "Select, also Ctrl click" },
    { show: ["Shift", "click"], on: [], says: "Select up to here" },
    { show: ["Ctrl", "A"], on: [], says: "Select all that are shown" },
    { show: ["Esc"], on: ["Escape"], does: "escape", says: "Clear the selection" },
  ] },
];

const PLAIN = new Map();
for (const { keys } of KEYS) {
  for (const { show, on, does } of keys) {
    for (const name of on ?? [show[0].toLowerCase()]) PLAIN.set(name, does);
  }
}
const WITH_CONTROL = new Map([["z", "undo"], ["Z", "redo"], ["y", "redo"], ["a", "all"]]);

// What a key press asks for: {does, number} with the digit for a reason; null: nothing of ours.
export function wishOf(event) {
  if (event.altKey || event.isComposing) return null;
  const name = nameOf(event);
  if (event.ctrlKey || event.metaKey) return wish(WITH_CONTROL.get(name));
  if (/^[1-9]$/.test(name)) return wish("reason", Number(name));
  return wish(PLAIN.get(name) ?? PLAIN.get(name.toLowerCase()));
}

// The key as on a Latin keyboard, whatever its letters are; capital only with Shift, not Caps Lock.
function nameOf({ key, code, shiftKey }) {
  const isLetter = /^Key[A-Z]$/.test(code);
  const name = isLetter && !/^[a-z]$/i.test(key) ? code.at(-1) : key;
  if (name.length > 1) return name;
  return shiftKey ? name.toUpperCase() : name.toLowerCase();
}

function wish(does, number = 0) {
  return does ? { does, number } : null;
}
