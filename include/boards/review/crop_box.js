// The rectangle of a crop in its frame: [left, top, width, height] in whole pixels.
//
// rules: {frame: [width, height], least: shortest side, aspect: longest side by the shortest}.

const between = (least, value, most) => Math.round(Math.max(least, Math.min(value, most)));

// "left,top,width,height", as decisions carry it.
export const cropText = (box) => box.join(",");
export const readCrop = (text) => text.split(",").map(Number);

// As shares of the frame.
export function cropShares([left, top, width, height], [across, down]) {
  return [left / across, top / down, width / across, height / down];
}

export function movedCrop([left, top, width, height], dx, dy, { frame: [across, down] }) {
  return [
    between(0, left + dx, across - width), between(0, top + dy, down - height), width, height,
  ];
}

// Moves the named edges, of "n", "s", "w" and "e"; the others stay where they are.
export function resizedCrop([left, top, width, height], edges, dx, dy, rules) {
  const [across, down] = rules.frame;
  const [x, wide] = resizedSpan(left, width, across, height, rules,
    edges.includes("w") ? -1 : 1, /[we]/.test(edges) ? dx : 0);
  const [y, high] = resizedSpan(top, height, down, wide, rules,
    edges.includes("n") ? -1 : 1, /[ns]/.test(edges) ? dy : 0);
  return [x, y, wide, high];
}

// Grows, or shrinks, every side by so many pixels.
export function grownCrop(box, by, rules) {
  const far = resizedCrop(box, "se", by, by, rules);
  return resizedCrop(far, "nw", -by, -by, rules);
}

// The nearest rectangle that can be cut.
export function allowedCrop([left, top, width, height], rules) {
  const { frame: [across, down], least, aspect } = rules;
  const wide = between(least, width, Math.min(across, aspect * Math.max(least, height)));
  const high = between(least, height, Math.min(down, aspect * wide));
  return movedCrop([left, top, wide, high], 0, 0, rules);
}

// One direction: side is -1 to move its start, 1 to move its end.
function resizedSpan(start, length, whole, other, { least, aspect }, side, by) {
  const room = side < 0 ? start + length : whole - start;
  const shortest = Math.max(least, Math.ceil(other / aspect));
  const next = between(shortest, length + side * by, Math.min(room, aspect * other));
  return [side < 0 ? start + length - next : start, next];
}
