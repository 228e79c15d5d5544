// What people do with the panels of a scene. Knows no page: every function takes the content of a
// scene, {panels, omitted}, and returns another one, or the reason why it cannot.

const SENTENCE = /(?<=[.!?…。！？])["'”’)]?\s+/u;

export const NEW_PANEL = "New panel";

// Lines of the script that are in no panel and not left out by name.
export function unassigned(scene, { panels, omitted }) {
  const used = new Set([...panels, ...omitted].flatMap(({ lines }) => lines));
  return scene.units.filter(({ drawn, lines }) => drawn && !lines.every((line) => used.has(line)));
}

// Index of each panel that has a line of the unit.
export function panelsOf({ lines }, { panels }) {
  return panels.flatMap((panel, index) =>
    (panel.lines.some((line) => lines.includes(line)) ? [index] : []));
}

export function omissionOf({ lines }, { omitted }) {
  return omitted.find((one) => one.lines.some((line) => lines.includes(line)));
}

// Numbers shots and panels in steps of ten, as the server does when the breakdown is finished.
export function renumber(panels) {
  let [shot, number, before] = [0, 0, ""];
  return panels.map((panel) => {
    if (!panel.shot) return panel;
    if (before && panel.shot === before) number += 10;
    else { shot += 10; number = 10; }
    before = panel.shot;
    return panel.locked ? panel : { ...panel, shot: padded(shot), panel: padded(number) };
  });
}

export function edit(content, index, fields) {
  return withPanels(content, content.panels.with(index, { ...content.panels[index], ...fields }));
}

// Two panels of one: of its sentences, and of its lines; speech stays with the second.
export function split(scene, content, index) {
  const panel = content.panels[index];
  const sentences = panel.description.split(SENTENCE);
  const half = Math.max(1, Math.floor(sentences.length / 2));
  const texts = [sentences.slice(0, half).join(" "), sentences.slice(half).join(" ")];
  const [first, second] = dividedLines(scene, panel);
  const length = { seconds: Math.max(0.1, round(panel.seconds / 2)) };
  if (panel.frames) length.frames = Math.max(1, Math.round(panel.frames / 2));
  const dialogueOfFirst = spokenIn(scene, first).filter((line) => has(panel.dialogue, line));
  const one = { ...panel, ...length, description: texts[0], lines: first, sound: "",
    transition: "", dialogue: dialogueOfFirst };
  const other = { ...panel, ...length, description: texts[1] || texts[0], lines: second,
    dialogue: panel.dialogue.filter((line) => !has(dialogueOfFirst, line)), locked: false };
  return withPanels(content, content.panels.toSpliced(index, 1, one, other));
}

// One panel of two; returns null where the description would be too long.
export function merge(content, index, most) {
  const [one, other] = content.panels.slice(index, index + 2);
  if (!other) return null;
  const description = one.description === other.description
    ? one.description : `${one.description} ${other.description}`;
  if ([...description].length > most) return null;
  const merged = {
    ...one, description,
    characters: [...new Set([...one.characters, ...other.characters])],
    lines: sorted([...one.lines, ...other.lines]),
    dialogue: [...one.dialogue, ...other.dialogue],
    seconds: round(one.seconds + other.seconds),
    frames: one.frames && other.frames ? one.frames + other.frames : null,
    sound: [one.sound, other.sound].filter(Boolean).join(" "),
    transition: other.transition || one.transition,
    note: [one.note, other.note].filter(Boolean).join(" "),
  };
  return withPanels(content, content.panels.toSpliced(index, 2, merged));
}

// A panel after this one, of the same shot; at index -1 the first one of the scene.
export function insert(content, index, blank) {
  const shot = content.panels[index]?.shot ?? content.panels[0]?.shot ?? "010";
  const panel = { ...blank, description: NEW_PANEL, shot };
  return withPanels(content, content.panels.toSpliced(index + 1, 0, panel));
}

// Without a panel; its lines are left out by name, unless another panel has them.
export function remove(scene, content, index, reason) {
  const panels = content.panels.toSpliced(index, 1);
  const kept = new Set([...panels, ...content.omitted].flatMap(({ lines }) => lines));
  const gone = scene.units.filter(({ lines }) =>
    lines.some((line) => content.panels[index].lines.includes(line) && !kept.has(line)));
  return withPanels({ ...content, omitted: withOmitted(content.omitted, gone, reason, kept) }, panels);
}

export function move(content, index, by) {
  const to = index + by;
  if (to < 0 || to >= content.panels.length) return null;
  const panels = [...content.panels];
  [panels[index], panels[to]] = [panels[to], panels[index]];
  return withPanels(content, panels);
}

// A unit of the script to a panel, with what it sounds; to -1: it is left out, with the reason.
export function assign(scene, content, unit, to, reason = "") {
  const without = (lines) => lines.filter((line) => !unit.lines.includes(line));
  const panels = content.panels.map((panel, index) => {
    if (index === to) {
      const spoken = unit.spoken.filter((line) => !has(panel.dialogue, line));
      return { ...panel, lines: sorted([...new Set([...panel.lines, ...unit.lines])]),
        dialogue: [...panel.dialogue, ...spoken] };
    }
    return { ...panel, lines: without(panel.lines),
      dialogue: panel.dialogue.filter((line) => !has(unit.spoken, line)) };
  });
  const others = content.omitted
    .map((one) => ({ ...one, lines: without(one.lines) }))
    .filter((one, at) => one.lines.length || !content.omitted[at].lines.length);
  const omitted = to < 0 ? withOmitted(others, [unit], reason, new Set()) : others;
  return withPanels({ ...content, omitted }, panels);
}

function withPanels(content, panels) {
  return { ...content, panels: renumber(panels) };
}

function withOmitted(omitted, units, reason, kept) {
  const added = units.map(({ line, kind, text, lines }) => ({
    line, kind, text: [...text].slice(0, 200).join(""), reason,
    lines: lines.filter((one) => !kept.has(one)),
  }));
  return [...omitted, ...added].sort((one, other) => one.line - other.line);
}

function dividedLines(scene, panel) {
  const units = scene.units.filter(({ lines }) => lines.some((line) => panel.lines.includes(line)));
  const actions = units.filter(({ kind }) => kind === "action");
  const all = (some) => sorted(some.flatMap(({ lines }) => lines));
  if (actions.length < 2) return [all(actions), all(units)];
  const from = units.indexOf(actions[Math.ceil(actions.length / 2)]);
  return [all(units.slice(0, from)), all(units.slice(from))];
}

function spokenIn(scene, lines) {
  return scene.units.filter((unit) => unit.lines.some((line) => lines.includes(line)))
    .flatMap(({ spoken }) => spoken);
}

function has(dialogue, { speaker, text }) {
  return dialogue.some((line) => line.speaker === speaker && line.text === text);
}

function padded(number) { return String(number).padStart(3, "0"); }
function round(seconds) { return Math.round(seconds * 1000) / 1000; }
function sorted(lines) { return [...new Set(lines)].sort((one, other) => one - other); }
