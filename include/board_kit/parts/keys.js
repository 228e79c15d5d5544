// The keyboard: which key runs which command, written once for the keys and for the help.
//
// A key is {show, on, command, help}: what the help shows, the KeyboardEvent.key values (by default
// the one letter shown), the command, and its text in the help (none: not listed there).

import { isComposing } from "../page/text.js";

export const MOVE_KEYS = { title: "Move", keys: [
  { show: ["←", "→"], on: ["ArrowLeft", "h"], command: "left", help: "One picture, also H L" },
  { show: [], on: ["ArrowRight", "l"], command: "right" },
  { show: ["↑", "↓"], on: ["ArrowUp", "k"], command: "up", help: "One row, also K J" },
  { show: [], on: ["ArrowDown", "j"], command: "down" },
  { show: ["Home", "End"], on: ["Home"], command: "first", help: "First, last" },
  { show: [], on: ["End"], command: "last" },
  { show: ["G"], command: "next", help: "Next undecided" },
] };

export const SELECT_KEYS = { title: "Many at once", keys: [
  { show: ["X"], command: "select", help: "Select, also Ctrl click" },
  { show: ["Shift", "click"], on: [], help: "Select up to here" },
  { show: ["Ctrl", "A"], on: [], help: "Select all that are shown" },
  { show: ["Esc"], on: ["Escape"], command: "escape", help: "Clear the selection" },
] };

const CONTROL_COMMANDS = new Map([["z", "undo"], ["Z", "redo"], ["y", "redo"], ["a", "all"]]);

export class KeyMap {
  #commands = new Map();

  constructor(groups) {
    this.groups = groups;
    for (const { keys } of groups) {
      for (const { show, on, command } of keys) {
        for (const name of on ?? [show[0].toLowerCase()]) this.#add(name, command);
      }
    }
  }

  #add(name, command) {
    const taken = this.#commands.get(name);
    if (taken) throw new TypeError(`Key ${name} is set for ${taken} and for ${command}.`);
    this.#commands.set(name, command);
  }

  // {command, number} of a key press; a digit runs the command of "1". null: no key of the board.
  commandOf(event) {
    if (event.altKey || isComposing(event)) return null;
    const name = latinKey(event);
    if (event.ctrlKey || event.metaKey) return commandNamed(CONTROL_COMMANDS.get(name));
    if (/^[1-9]$/.test(name)) return commandNamed(this.#commands.get("1"), Number(name));
    return commandNamed(this.#commands.get(name) ?? this.#commands.get(name.toLowerCase()));
  }
}

// The key as on a Latin keyboard, whatever its letters are; capital only with Shift, not Caps Lock.
function latinKey({ key, code, shiftKey }) {
  const isLetter = /^Key[A-Z]$/.test(code);
  const name = isLetter && !/^[a-z]$/i.test(key) ? code.at(-1) : key;
  if (name.length > 1) return name;
  return shiftKey ? name.toUpperCase() : name.toLowerCase();
}

function commandNamed(command, number = 0) {
  return command ? { command, number } : null;
}
