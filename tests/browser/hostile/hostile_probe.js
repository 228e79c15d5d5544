// What a hostile text has reached: [fault, text]. Called with the values that the page was given.
//
// A value is isolated when nothing else is in the line with it: it is alone in an element that
// isolates its direction, or stands between U+2068 and U+2069 in a longer text.
(values) => {
  const faults = [];
  if (window.__hit !== undefined) faults.push(["ran", String(window.__hit)]);
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(["wider than the page", `${scrollWidth} px`]);
  const given = [...values].sort((one, other) => other.length - one.length);
  const without = (text) => given.reduce(
    (rest, value) => rest.replaceAll(value, "\uFFFC"), text.replace(/\u2068[^\u2069]*\u2069/g, ""));
  const isolates = (element) => {
    const { display, unicodeBidi } = getComputedStyle(element);
    return !display.startsWith("inline") || display !== "inline"
      || /isolate|plaintext/.test(unicodeBidi);
  };
  const lineOf = (node) => {
    let element = node.parentElement;
    while (!isolates(element)) element = element.parentElement;
    return element;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = new Map();
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (!node.data.trim() || node.parentElement.closest("script, style, [hidden]")) continue;
    const line = lineOf(node);
    lines.set(line, [...(lines.get(line) ?? []), without(node.data)]);
  }
  for (const parts of lines.values()) {
    const line = parts.join("").trim();
    if (line.includes("\uFFFC") && /[\p{L}\p{N}]/u.test(line)) faults.push(["not isolated", line]);
  }
  return faults;
}
