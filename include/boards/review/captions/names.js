// What "the same name" means, as storyboard_ops/domain/names.py says: folding, and names in text.

// Signs that keyboards and editors exchange for each other; the capital of a dotless i is that of i.
const SIGNS = [
  [/[`´ʹʻʼʽˈ‘’‚‛′‵＇｀]/gu, "'"],
  [/[“”„‟″‶«»〝〞〟＂]/gu, '"'],
  [/[‐‑‒–—―−﹘﹣－]/gu, "-"],
  [/\u2800/gu, " "],
  [/ı/gu, "i"],
];
// Blocks of Chinese characters, kana and bopomofo, which are written without spaces.
export const IDEOGRAPHS_AND_KANA =
  "\\u2e80-\\u2fdf\\u3005-\\u312f\\u31a0-\\u31bf\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff" +
  "\\uf900-\\ufaff\\uff66-\\uff9d\\u{1b000}-\\u{1b16f}\\u{20000}-\\u{3ffff}";
// Scripts that put no spaces between words, and Korean, whose particles touch names.
const TOUCHING =
  IDEOGRAPHS_AND_KANA +
  "\\u0e00-\\u0fff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff\\u1950-\\u19ff\\u1a20-\\u1aaf" +
  "\\u1b00-\\u1b7f\\u3130-\\u318f\\ua960-\\ua97f\\ua9e0-\\ua9ff\\uaa60-\\uaa7f\\uac00-\\ud7ff";
const KATAKANA = "\\u30a1-\\u30fa\\u30fc-\\u30ff\\u31f0-\\u31ff";
const PREFIXED = "\\u0590-\\u05ff\\u0620-\\u064a\\u0671-\\u06d3";
const LEADING = "\\u0e40-\\u0e44\\u0ec0-\\u0ec4\\u1039\\u17d2";
const TRAILING = "\\u0e30\\u0e32\\u0e33\\u0e45\\u0eb0\\u0eb2\\u0ebd";
const GAP = '[\\s"\\u30fb\\-]';
const SPACED = `(?![${TOUCHING}])[\\p{L}\\p{N}_]`;
const SPACED_MARK = `(?![${TOUCHING}])\\p{M}`;

const UNSPACED_GAP = new RegExp(`(?<=[${IDEOGRAPHS_AND_KANA}]) ?(?=[${IDEOGRAPHS_AND_KANA}])`, "gu");

function fold(text) {
  const plain = SIGNS.reduce(
    (kept, [signs, sign]) => kept.replace(signs, sign),
    text.replace(/\p{Default_Ignorable_Code_Point}+/gu, ""),
  );
  // By way of the capitals, as ß and the final sigma are folded.
  const lower = (kept) => kept.toLowerCase().toUpperCase().toLowerCase().replace(/ς/gu, "σ");
  return lower(plain.normalize("NFKC")).replace(/i\u0307+/gu, "i").normalize("NFKC");
}

export function foldName(name) {
  const words = fold(name).replace(new RegExp(`(?:_|${GAP})+`, "gu"), " ");
  const bare = words.replace(/^[ ']+|[ ']+$/gu, "").replace(/ +/gu, " ");
  return bare.replace(UNSPACED_GAP, "");
}

// The characters that a text names; "Big Buck Bunny" does not also mention "Buck".
export function namesIn(text, characters) {
  const byName = new Map(characters.map((one) => [foldName(one.name), one]));
  const names = [...byName.keys()].filter(Boolean);
  if (!names.length) return new Set();
  const longestFirst = names.sort((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map(wholeWords).join("|"), "gu");
  return new Set([...fold(text).matchAll(pattern)].map(([name]) => byName.get(foldName(name))));
}

const literal = (text) => text.replace(/[.*+?^$()|[\]\\{}/]/gu, "\\$&");
const begins = (letter, name) => new RegExp(`^${letter}`, "u").test(name);
const ends = (letter, name) => new RegExp(`${letter}$`, "u").test(name);

// A family name may be set apart where blanks are not usual.
const spelled = (word) => word.split(UNSPACED_GAP).map(literal).join(`${GAP}?`);

// A folded name with any gap between its words, and nothing that continues it.
function wholeWords(name) {
  return notAfter(name) + name.split(" ").map(spelled).join(`${GAP}+`) + notBefore(name);
}

function notAfter(name) {
  if (begins(`[${KATAKANA}]`, name)) return `(?<![${KATAKANA}])`;
  if (begins(`[${TOUCHING}]`, name)) return `(?<![${LEADING}])`;
  const isWord = begins("[\\p{L}\\p{N}_]", name) && !begins(`[${PREFIXED}]`, name);
  return isWord ? `(?<!${SPACED})(?<!${SPACED_MARK})` : "";
}

function notBefore(name) {
  if (ends(`[${KATAKANA}]`, name)) return `(?![${KATAKANA}]|\\p{M})`;
  if (ends(`[${TOUCHING}]`, name)) return `(?![${TRAILING}]|\\p{M})`;
  return ends("[\\p{L}\\p{N}_]", name) ? `(?!${SPACED}|\\p{M})` : "";
}
