// The keys of the breakdown page.

import { KeyMap } from "../../board_kit/parts/keys.js";

const DECIDE_KEYS = { title: "Decide", keys: [
  { show: ["A"], command: "approve", help: "Approve the scene and go on" },
  { show: ["Backspace"], command: "reopen", help: "Back to not approved" },
  { show: ["U"], command: "undo", help: "Undo, also Ctrl Z" },
  { show: ["Shift", "U"], on: ["U"], command: "redo", help: "Redo, also Ctrl Y" },
] };

const PANEL_KEYS = { title: "Panels", keys: [
  { show: ["E"], on: ["e", "Enter"], command: "edit", help: "Edit the panel; Esc: done" },
  { show: ["S"], command: "split", help: "Split into two" },
  { show: ["M"], command: "merge", help: "Merge with the next one" },
  { show: ["N"], command: "insert", help: "New panel after it" },
  { show: ["D"], on: ["d", "Delete"], command: "remove", help: "Delete; its lines are left out" },
  { show: ["["], on: ["["], command: "earlier", help: "Move before the one before" },
  { show: ["]"], on: ["]"], command: "later", help: "Move after the next one" },
  { show: ["L"], command: "assign", help: "Put the next unassigned line into it" },
] };

const MOVE_KEYS = { title: "Move", keys: [
  { show: ["↑", "↓"], on: ["ArrowUp", "k"], command: "panelUp", help: "One panel, also K J" },
  { show: [], on: ["ArrowDown", "j"], command: "panelDown" },
  { show: ["←", "→"], on: ["ArrowLeft"], command: "sceneBefore", help: "One scene" },
  { show: [], on: ["ArrowRight"], command: "sceneAfter" },
  { show: ["Home", "End"], on: ["Home"], command: "first", help: "First, last scene" },
  { show: [], on: ["End"], command: "last" },
  { show: ["G"], command: "next", help: "Next scene that is not approved" },
  { show: ["/"], command: "search", help: "Search" },
  { show: ["?"], command: "help", help: "This help" },
  { show: ["Esc"], on: ["Escape"], command: "escape", help: "Clear the selection" },
] };

export const BREAKDOWN_KEYS = new KeyMap([DECIDE_KEYS, PANEL_KEYS, MOVE_KEYS]);
