// Shows text from outside so that it changes nothing but its own place, as core/text/visible.py
// does: control characters, overrides of the direction and towers of marks become visible signs.
//
// A store passes what it receives through visibleIn(); a sentence puts a name in isolated().

const MOST_MARKS = 8;
const ACTIVE = /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\u2028-\u202e]|[\ud800-\udfff]|\r(?!\n)/gu;
const ISOLATING = /[\u2066-\u2069]/g;
const TOWER = new RegExp(`([\\p{Mn}\\p{Me}]{${MOST_MARKS}})([\\p{Mn}\\p{Me}]+)`, "gu");
// The blocks of scripts that are written from right to left.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

export function visible(text) {
  return showOpenIsolates(text.replace(ACTIVE, signOf)).replace(
    TOWER, (_, shown, rest) => `${shown}⟨+${[...rest].length} marks⟩`);
}

// A text within a sentence, whose order it then leaves alone.
export function isolated(text) {
  const shown = visible(text);
  return RIGHT_TO_LEFT.test(shown) ? `\u2068${shown}\u2069` : shown;
}

// The same value with every text in it visible.
export function visibleIn(value) {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(visibleIn);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, visibleIn(one)]));
}

function signOf(letter) {
  return `⟨U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

// Isolates that the text does not close, and ends of isolates that it has not opened.
function showOpenIsolates(text) {
  const opened = [];
  const shown = new Set();
  for (const { 0: letter, index } of text.matchAll(ISOLATING)) {
    if (letter !== "\u2069") opened.push(index);
    else if (opened.pop() === undefined) shown.add(index);
  }
  for (const index of opened) shown.add(index);
  return text.replace(ISOLATING, (letter, index) => (shown.has(index) ? signOf(letter) : letter));
}
