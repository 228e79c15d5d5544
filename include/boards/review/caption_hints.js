// What the caption linter will say, shown while a reviewer types. These are the linter's checks of
// a single caption (caption_linter.py, caption_words.py); its checks across captions run later.

import { lengthOf, tidy } from "../../board_kit/page/text.js";
import { isolated } from "../../board_kit/page/visible.js";

const LETTER = "[\\p{L}\\p{N}_]";
// Combining marks, and joiners within a word, belong to the word.
const PART = `${LETTER}[\\p{L}\\p{N}_\\p{M}\\u200c\\u200d]*`;
const WORD = new RegExp(`${PART}(?:['\\u2019-]${PART})*`, "gu");
// Blocks of Chinese characters, kana and bopomofo, which are written without spaces.
const UNSPACED = new RegExp(
  "[\\u2e80-\\u2fdf\\u3005-\\u312f\\u31a0-\\u31bf\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff" +
    "\\uf900-\\ufaff\\uff66-\\uff9d\\u{1b000}-\\u{1b16f}\\u{20000}-\\u{3ffff}]",
  "gu",
);
// Folded letters of scripts with spaces between words: Latin, Greek, Cyrillic, Armenian.
const SPACED_LETTER = "[0-9a-z_\\u00c0-\\u058f\\u1e00-\\u1fff]";

// Each Chinese character and each kana is a word, as word processors count.
const wordCount = (text) =>
  (text.normalize("NFC").replace(UNSPACED, " $& ").match(WORD) ?? []).length;

const folded = (text) => tidy(text.normalize("NFC").toLowerCase());

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

// The characters that a caption names; "Big Buck Bunny" does not also mention "Buck".
function namesIn(caption, characters) {
  const byName = new Map(characters.map((one) => [folded(one.name), one]).filter(([name]) => name));
  const longestFirst = [...byName.keys()].sort((one, other) => other.length - one.length);
  if (!longestFirst.length) return new Set();
  const pattern = new RegExp(longestFirst.map(wholeWords).join("|"), "gu");
  return new Set([...folded(caption).matchAll(pattern)].map(([name]) => byName.get(name)));
}

// A name may touch letters of scripts that have no spaces between words.
function wholeWords(name) {
  const before = new RegExp(`^${SPACED_LETTER}`).test(name) ? `(?<!${SPACED_LETTER})` : "";
  const after = new RegExp(`${SPACED_LETTER}$`).test(name) ? `(?!${SPACED_LETTER})` : "";
  return before + name.replace(/[.*+?^$()|[\]\\{}/]/g, "\\$&") + after;
}
