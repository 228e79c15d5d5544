// The keys of the cast board.

import { KeyMap, MOVE_KEYS, SELECT_KEYS } from "../../board_kit/parts/keys.js";

const DECIDE_KEYS = { title: "The group, or what is selected", keys: [
  { show: ["N"], command: "name", help: "Name it" },
  { show: ["1", "…", "9"], on: ["1"], command: "digit", help: "Give it the first to ninth name" },
  { show: ["B"], command: "nobody", help: "Nobody: set it aside" },
  { show: ["Backspace"], on: ["Backspace", "Delete"], command: "reopen", help: "Unnamed again" },
  { show: ["R"], command: "reference", help: "This figure as reference picture" },
  { show: ["U"], command: "undo", help: "Undo, also Ctrl Z" },
  { show: ["Shift", "U"], on: ["U"], command: "redo", help: "Redo, also Ctrl Y" },
] };

const LOOK_KEYS = { title: "Look", keys: [
  { show: ["Z"], on: ["z", "Enter"], command: "zoom", help: "Full picture; again: 100 %" },
  { show: ["F"], command: "nextFrame", help: "Its whole frame" },
  { show: ["D"], command: "draw", help: "Draw a box around somebody" },
  { show: ["/"], command: "search", help: "Search names" },
  { show: ["?"], command: "help", help: "This help" },
] };

export const CAST_KEYS = new KeyMap([DECIDE_KEYS, MOVE_KEYS, LOOK_KEYS, SELECT_KEYS]);
