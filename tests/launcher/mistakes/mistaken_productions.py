"""Production files with one mistake each, and what a person reads about it."""

from __future__ import annotations

MIRA = {"id": "mira", "name": "Mira", "description": "A girl.", "references": ["mira.png"]}
SHEET = {
    "production": "Test",
    "slug": "test",
    "source": {"title": "Test", "licence": "CC0"},
    "characters": [MIRA],
    "storyboard": [{"scene": "One", "panels": [{"description": "Runs.", "characters": ["mira"]}]}],
}


def with_mira(**changes: object) -> dict[str, object]:
    """The sheet with another Mira."""
    return {**SHEET, "characters": [{**MIRA, **changes}]}


#: By name: the document, or its text, and parts of the message.
SHEETS: dict[str, tuple[object, tuple[str, ...]]] = {
    "not-yaml": ("characters: [", ("not-yaml.yaml is not valid YAML", "line 1")),
    "a-key-twice": ("slug: a\nslug: b\n", ("'slug' occurs twice, first in line 1", "line 2")),
    "a-list": ("- mira\n", ("a-list.yaml is not valid", "each written as name: value")),
    "nothing-in-it": ("", ("nothing-in-it.yaml is not valid", "each written as name: value")),
    "a-tab": ("slug:\n\ttest\n", ("a-tab.yaml is not valid YAML", "line 2")),
    "a-misspelt-key": (
        {**SHEET, "storybord": []},
        ("storybord (line 18): there is no such field", "Did you mean 'storyboard'?"),
    ),
    "a-misspelt-trait": (with_mira(trait=["red hair"]), ("characters.0.trait", "'traits'?")),
    "an-id-twice": (
        {**SHEET, "characters": [MIRA, {**MIRA, "name": "Miro"}]},
        ("the id 'mira'", "give each a different one"),
    ),
    "nobody": ({**SHEET, "characters": []}, ("characters (line 1): the list is empty",)),
    "no-pictures": (
        with_mira(references=[]), ("characters.0.references (line ", "the list is empty")
    ),
    "a-link": (
        with_mira(references=["https://films.example/mira.png"]),
        ("character 'mira'", "'https://films.example/mira.png'", "a URL", "Copy the picture there"),
    ),
    "a-lost-picture": (
        with_mira(references=["lost.png"]), ("character 'mira'", "'lost.png' does not exist in")
    ),
    "a-film-as-picture": (
        with_mira(references=["film.mp4"]), ("'film.mp4'", "not a readable picture")
    ),
}  # fmt: skip
