"""Every paid question says which picture it is about: else a removal would not find the answer."""

import ast
from pathlib import Path

import storyboard_ops

PRODUCT = Path(storyboard_ops.__path__[0])
#: How many faces a reference picture has, what a script shows, and panels that were drawn: of no
#: frame. A removal finds records of panels by the pictures that they name.
ABOUT_NO_FRAME = {"face_collection.py", "ask_model.py", "drawn_pictures.py"}


def questions() -> list[tuple[str, ast.Call]]:
    """Every call in the product that buys an answer."""
    return [
        (file.name, node)
        for file in sorted(PRODUCT.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("answers.ask", "answers.ask_rephrased"))
    ]


def test_every_question_names_its_picture():
    asked = questions()
    assert len(asked) >= 5
    silent = [
        name
        for name, call in asked
        if len(call.args) < 4 and "about" not in {keyword.arg for keyword in call.keywords}
    ]
    assert set(silent) <= ABOUT_NO_FRAME
