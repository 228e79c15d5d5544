// What the caption linter is going to say, told while a reviewer types. The linter has the last
// word (core/caption_linter.py); these are its checks of a single caption that need no dataset.

const WORD = /[\p{L}\p{N}_]+(?:['\u2019-][\p{L}\p{N}_]+)*/gu;

const folded = (text) => text.normalize("NFC").toLocaleLowerCase("en").replace(/\s+/g, " ");

export const tidy = (text) => text.trim().replace(/\s+/g, " ");

function names(text, name) {
  const pattern = folded(name).replace(/[.*+?^$()|[\]\\{}]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_])${pattern}(?![\\p{L}\\p{N}_])`, "u").test(folded(text));
}

// [{bad, text}]: what is bad keeps the picture out of the training; the rest is advice.
export function captionHints(text, characterId, characters, limits) {
  const caption = tidy(text);
  const own = characters.find(({ id }) => id === characterId);
  const hints = [];
  const least = limits.caption_min ?? 3;
  if (caption.length < least) hints.push({ bad: true, text: `At least ${least} characters.` });
  if (caption.length > limits.caption_max) {
    const most = limits.caption_max.toLocaleString("en");
    hints.push({ bad: true, text: `At most ${most} characters.` });
  }
  if (own && !names(caption, own.name)) {
    hints.push({ bad: true, text: `Does not name ${own.name}.` });
  }
  const strangers = characters.filter(({ id, name }) => id !== characterId && names(caption, name));
  for (const { name } of strangers) hints.push({ bad: false, text: `Also names ${name}.` });
  const [fewest, most] = limits.caption_words ?? [20, 30];
  const count = (caption.match(WORD) ?? []).length;
  if (count < fewest || count > most) {
    hints.push({ bad: false, text: `${count} words; ${fewest} to ${most} are wanted.` });
  }
  return hints;
}
