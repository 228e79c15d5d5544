"""Mark panels that show a character who was not asked for, or lack one who was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from storyboard_ops.domain.image_records import Panel


def count_wrong(asked: Sequence[str], found: Sequence[str] | None, known: Collection[str]) -> int:
    """Count the ``known`` characters that are missing, and those who were not asked for.

    ``found`` None: nobody looked, so nothing is wrong.
    """
    return 0 if found is None else len((set(asked) ^ set(found)) & set(known))


def mark_cast(panel: Panel, names: Mapping[str, str]) -> Panel:
    """Return a panel with the marks that follow from who was found in its picture.

    ``names``: of the characters by id, without props, which are easily overlooked.
    """
    if panel.failure or panel.cast_found is None:
        return panel.model_copy(update={"marks": ()})
    asked, found = set(panel.characters), set(panel.cast_found)
    missing = [name for one, name in names.items() if one in asked - found]
    others = [name for one, name in names.items() if one in found - asked]
    marks = []
    if missing:
        marks.append(f"{_join(missing)} {_are(missing)} not in the picture.")
    if others:
        marks.append(f"{_join(others)} {_are(others)} in the picture without being asked for.")
    return panel.model_copy(update={"marks": tuple(marks)})


def _join(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _are(names: Sequence[str]) -> str:
    return "are" if len(names) > 1 else "is"
