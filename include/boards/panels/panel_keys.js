// The keys of the panel board.

import { KeyMap, MOVE_KEYS, SELECT_KEYS } from "../../board_kit/parts/keys.js";

const CHOOSE_KEYS = { title: "Choose", keys: [
  { show: ["1", "…", "8"], command: "choose", help: "Choose that candidate" },
  { show: ["R"], command: "redraw", help: "Ask for a redraw" },
  { show: ["Backspace"], on: ["Backspace", "Delete"], command: "reopen",
    help: "Back to what the pipeline chose" },
  { show: ["U"], command: "undo", help: "Undo, also Ctrl Z" },
  { show: ["Shift", "U"], on: ["U"], command: "redo", help: "Redo, also Ctrl Y" },
  { show: ["P"], command: "finish", help: "Redraw and publish" },
] };

const LOOK_KEYS = { title: "Look", keys: [
  { show: ["Z"], on: ["z", "Enter"], command: "zoom",
    help: "Compare the candidates; again: full size; again: 100 %" },
  { show: ["N"], command: "nextFrame", help: "Next picture at full size; back: Shift N" },
  { show: [], on: ["N"], command: "previousFrame" },
  { show: ["/"], command: "search", help: "Search descriptions" },
  { show: ["?"], command: "help", help: "This help" },
] };

export const PANEL_KEYS = new KeyMap([CHOOSE_KEYS, MOVE_KEYS, LOOK_KEYS, SELECT_KEYS]);
