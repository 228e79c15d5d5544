// The editor of a picture's caption, with the hints of the caption linter.

import { TextEditor } from "../../../board_kit/parts/text_editor.js";
import { captionHints } from "./caption_hints.js";

// idOf() -> the picture whose caption is edited.
export function captionEditor(board, idOf, onClose) {
  const { characters, limits, state } = board;
  return new TextEditor({
    label: "Caption",
    max: limits.caption_max,
    subject: () => ({
      text: state.value(idOf(), "caption"), original: state.item(idOf()).caption,
    }),
    hints: (text) => captionHints(text, state.value(idOf(), "character"), characters, limits),
    onText: (caption) => board.setCaption(idOf(), caption),
    onClose,
  });
}
