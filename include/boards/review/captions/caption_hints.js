// What the caption linter will say, shown while a reviewer types. These are the linter's checks of
// a single caption (caption_linter.py, words.py); its checks across captions run later.

import { lengthOf, tidy } from "../../../board_kit/page/text.js";
import { isolated } from "../../../board_kit/page/visible.js";
import { IDEOGRAPHS_AND_KANA, namesIn } from "./names.js";

const LETTER = "[\\p{L}\\p{N}_]";
// Combining marks, and joiners within a word, belong to the word.
const PART = `${LETTER}[\\p{L}\\p{N}_\\p{M}\\u200c\\u200d]*`;
const WORD = new RegExp(`${PART}(?:['\\u2019-]${PART})*`, "gu");
const UNSPACED = new RegExp(`[${IDEOGRAPHS_AND_KANA}]`, "gu");

// Each Chinese character and each kana is a word, as word processors count.
const wordCount = (text) =>
  (text.normalize("NFC").replace(UNSPACED, " $& ").match(WORD) ?? []).length;

// [{bad, text}]: a bad caption keeps the picture out of training; the rest is advice.
export function captionHints(text, characterId, characters, limits) {
  const caption = tidy(text);
  const length = lengthOf(caption);
  const named = namesIn(caption, characters);
  const [fewest, most] = limits.caption_words ?? [20, 30];
  const words = wordCount(caption);
  const own = characters.find(({ id }) => id === characterId);
  const others = [...named].filter((one) => one !== own);
  return [
    length < limits.caption_min && bad(`At least ${limits.caption_min} characters.`),
    length > limits.caption_max && bad(`At most ${limits.caption_max} characters.`),
    own && !named.has(own) && bad(`Does not name ${isolated(own.name)}.`),
    ...others.map(({ name }) => advice(`Also names ${isolated(name)}.`)),
    (words < fewest || words > most) && advice(`${words} words; use ${fewest} to ${most}.`),
  ].filter(Boolean);
}

const bad = (text) => ({ bad: true, text });
const advice = (text) => ({ bad: false, text });
