"""Typst sets the templates of ``include/``; what it reads is named, and nothing is left behind."""

import tempfile

import pytest

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.gateways.storyboard.typesetting import set_pages


def test_a_template_that_does_not_exist_is_named():
    with pytest.raises(ObjectMissing, match=r"no_such\.typ is missing"):
        set_pages("no_such.typ", {}, {})


def test_the_folder_in_which_pages_are_set_is_removed(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError):
        set_pages("board.typ", {}, {"a.jpg": b""})
    assert not list(tmp_path.iterdir())
