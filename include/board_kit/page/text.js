// How numbers, sums, times and typed text are written.

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function dollars(sum) {
  return sum.toLocaleString("en", { style: "currency", currency: "USD" });
}

// "14:05" today, "23 Nov, 14:05" before.
export function shortTime(iso) {
  const time = new Date(iso);
  if (Number.isNaN(time.valueOf())) return "";
  const today = new Date().toDateString() === time.toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  return time.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" });
}

// Whether a key belongs to an input method that composes a text: its Enter ends the composition.
// Safari reports that Enter after the composition, with the key code of all composing keys.
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

// Typed text without blanks at its ends and with single blanks inside.
export function tidy(text) {
  return text.trim().replace(/\s+/g, " ");
}

// As people count: an emoji is one character, as it is for the server.
export function lengthOf(text) {
  return [...text].length;
}
