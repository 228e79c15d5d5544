// The keys of the review board.

import { KeyMap, MOVE_KEYS, SELECT_KEYS } from "../../board_kit/parts/keys.js";

const DECIDE_KEYS = { title: "Decide", keys: [
  { show: ["A"], command: "approve", help: "Approve and go on" },
  { show: ["R"], command: "reject", help: "Reject with a reason" },
  { show: ["1", "…", "9"], command: "reason", help: "Reject for that reason and go on" },
  { show: ["Backspace"], on: ["Backspace", "Delete"], command: "reopen", help: "Back to undecided" },
  { show: ["E"], command: "edit", help: "Edit the caption" },
  { show: ["B"], command: "crop", help: "Correct the crop" },
  { show: ["C"], command: "character", help: "Change the character" },
  { show: ["U"], command: "undo", help: "Undo, also Ctrl Z" },
  { show: ["Shift", "U"], on: ["U"], command: "redo", help: "Redo, also Ctrl Y" },
] };

const LOOK_KEYS = { title: "Look", keys: [
  { show: ["Z"], on: ["z", "Enter"], command: "zoom", help: "Full picture; again: 100 %" },
  { show: ["N"], command: "nextFrame", help: "Frames of the shot; back: Shift N" },
  { show: [], on: ["N"], command: "previousFrame" },
  { show: ["/"], command: "search", help: "Search captions" },
  { show: ["?"], command: "help", help: "This help" },
] };

const ALIKE_KEY = { show: ["S"], command: "alike", help: "Select the pictures that are alike" };
const MANY_KEYS = { ...SELECT_KEYS, keys: [ALIKE_KEY, ...SELECT_KEYS.keys] };

export const REVIEW_KEYS = new KeyMap([DECIDE_KEYS, MOVE_KEYS, LOOK_KEYS, MANY_KEYS]);
