"""References of production files: only regular files and objects beneath the file's own folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storyboard_ops.domain.error_tree import BadInput, ObjectMissing
from storyboard_ops.domain.input_limits import MOST_PICTURE_BYTES
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage import reference_files
from storyboard_ops.gateways.storage.reference_files import key_beneath, read_beneath

FOLDER = S3Uri("films", "productions/lantern")
#: References that name no path beneath any folder.
NO_PATHS = [
    "",
    "   ",
    "/etc/hostname",
    "//etc/hostname",
    "~/.aws/credentials",
    "~root/x.png",
    "file:///etc/hostname",
    "FILE:x.png",
    "https://169.254.169.254/latest/meta-data/x.png",
    "S3://films/productions/lantern/mira.png",
    "C:/Windows/win.ini",
    "..\\secret.png",
    "inner\\mira.png",
    "mira.png\0.txt",
    "mira\n.png",
    "mira\x7f.png",
    "mira\ud800.png",
]
#: Relative paths that lead out of the folder, or are the folder.
LEADING_OUT = ["..", "../secret.png", "inner/../../secret.png", "../films-2/x.png", "./../x.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A production's folder, next to files that are not its own."""
    (tmp_path / "secret.png").write_bytes(b"secret")
    root = tmp_path / "films"
    (root / "inner").mkdir(parents=True)
    for name in ("mira.png", "inner/mira.png", "%2e%2e", "mira 1.png"):
        (root / name).write_bytes(name.encode())
    return root


@pytest.mark.parametrize("reference", NO_PATHS + LEADING_OUT)
def test_a_path_that_leads_out_of_the_folder_is_refused(folder: Path, reference: str) -> None:
    with pytest.raises(BadInput, match="does not name a picture beneath") as caught:
        read_beneath(folder, reference)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("mira.png", "mira.png"),
        ("./mira.png", "mira.png"),
        ("inner//mira.png", "inner/mira.png"),
        ("inner/../mira.png", "mira.png"),
        ("%2e%2e", "%2e%2e"),
        ("mira 1.png", "mira 1.png"),
        ("link.png", "inner/mira.png"),
        ("linked/mira.png", "inner/mira.png"),
    ],
)
def test_a_path_beneath_the_folder_is_read(folder: Path, reference: str, found: str) -> None:
    (folder / "link.png").symlink_to("inner/mira.png")
    (folder / "linked").symlink_to(folder / "inner")
    assert read_beneath(folder, reference) == found.encode()


def test_a_folder_that_is_reached_by_a_link_is_the_folder_behind_it(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "shortcut").symlink_to(folder)
    assert read_beneath(tmp_path / "shortcut", "mira.png") == b"mira.png"


@pytest.mark.parametrize("target", ["/etc/hostname", "../secret.png", "/", "/proc/self/environ"])
def test_a_link_out_of_the_folder_is_refused(folder: Path, target: str) -> None:
    (folder / "link").symlink_to(target)
    for reference in ("link", "link/etc/hostname"):
        with pytest.raises(BadInput, match=r"does not name a picture beneath|cannot be read"):
            read_beneath(folder, reference)


def test_links_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    with pytest.raises(BadInput, match=r"'a' in .* cannot be read"):
        read_beneath(folder, "a")


@pytest.mark.parametrize("reference", [".", "inner", "pipe", "socket"])
def test_what_is_not_a_regular_file_is_refused_at_once(folder: Path, reference: str) -> None:
    os.mkfifo(folder / "pipe")
    os.mknod(folder / "socket", 0o140600)
    with pytest.raises(BadInput, match="is not a regular file"):
        read_beneath(folder, reference)


@pytest.mark.parametrize("reference", ["lost.png", "%2E%2E/secret.png", "．．/secret.png", "…"])
def test_a_missing_file_is_named(folder: Path, reference: str) -> None:
    with pytest.raises(ObjectMissing, match="does not exist in"):
        read_beneath(folder, reference)


@pytest.mark.parametrize("reference", ["mira.png/x", "x" * 300, "inner/" * 900])
def test_a_path_that_the_system_refuses_is_an_error_with_a_short_text(
    folder: Path, reference: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_beneath(folder, reference)
    assert len(str(caught.value)) < 500


def test_a_file_over_the_limit_is_refused_unread(folder: Path) -> None:
    with (folder / "large.png").open("wb") as file:
        file.truncate(MOST_PICTURE_BYTES)
    assert len(read_beneath(folder, "large.png")) == MOST_PICTURE_BYTES
    with (folder / "large.png").open("wb") as file:
        file.truncate(1_000 * MOST_PICTURE_BYTES)  # 67 GB, of which nothing is on the disk
    with pytest.raises(BadInput, match=r"67,108,864,000 bytes; .* at most 67,108,864"):
        read_beneath(folder, "large.png")


@pytest.mark.parametrize("swapped", ["inner", "inner/mira.png"])
def test_a_folder_or_file_that_becomes_a_link_after_the_check_is_not_followed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swapped: str
) -> None:
    (tmp_path / "others").mkdir()
    (tmp_path / "others/mira.png").write_bytes(b"secret")

    def swap(*arguments: object) -> bytes:
        (folder / swapped).rename(folder / "aside")
        target = tmp_path / ("others" if swapped == "inner" else "others/mira.png")
        (folder / swapped).symlink_to(target)
        return read(*arguments)

    read = reference_files._read_regular
    monkeypatch.setattr(reference_files, "_read_regular", swap)
    with pytest.raises(BadInput, match=r"cannot be read|is not a regular file"):
        read_beneath(folder, "inner/mira.png")


@pytest.mark.parametrize("reference", [*NO_PATHS, *LEADING_OUT, "."])
def test_a_key_outside_of_the_folder_is_refused(reference: str) -> None:
    with pytest.raises(BadInput, match="does not name a picture beneath s3://films/productions/l"):
        key_beneath(FOLDER, reference)


@pytest.mark.parametrize(
    "reference",
    [
        "s3://others/productions/lantern/mira.png",
        "s3://films/productions/lantern",
        "s3://films/productions/lantern/",
        "s3://films/productions/lantern-2/mira.png",
        "s3://films/productions/Lantern/mira.png",
        "s3://films/runs/run-1/dataset/images/1.png",
        "s3://films/productions/lantern/../other/mira.png",
        "s3://films/productions/lantern/./mira.png",
        "s3://films//productions/lantern/mira.png",
        "s3://films/productions/lantern//mira.png",
        "s3://films/productions/lantern/mira\0.png",
        "s3://films",
        "s3://films@others/mira.png",
        "s3://",
    ],
)
def test_an_s3_uri_of_another_place_is_refused(reference: str) -> None:
    with pytest.raises(BadInput):
        key_beneath(FOLDER, reference)


@pytest.mark.parametrize(
    ("folder", "reference", "key"),
    [
        (FOLDER, "mira.png", "productions/lantern/mira.png"),
        (FOLDER, "a/../b//mira.png", "productions/lantern/b/mira.png"),
        (FOLDER, "%2e%2e/mira.png", "productions/lantern/%2e%2e/mira.png"),
        (FOLDER, "s3://films/productions/lantern/a/mira.png", "productions/lantern/a/mira.png"),
        (S3Uri("films", ""), "mira.png", "mira.png"),
        (S3Uri("films", ""), "s3://films/a/mira.png", "a/mira.png"),
    ],
)
def test_a_key_beneath_the_folder_is_found(folder: S3Uri, reference: str, key: str) -> None:
    assert key_beneath(folder, reference) == S3Uri("films", key)
