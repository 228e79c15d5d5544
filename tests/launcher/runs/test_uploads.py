"""What is uploaded before a run, against the local endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher.errors import UsageError
from launcher.product import S3Uri, Workspace, parse_production
from launcher.runs import uploads
from launcher.runs.inputs import ProductionFile, Request
from tests.material.factories import production


def sheet_in(workspace: Workspace, *, stored: str = "") -> ProductionFile:
    """A production file with two pictures of each character, one of them in S3 already."""
    stored = stored or f"{workspace.root}/productions/{production().slug}/known.png"
    document = production().model_dump(mode="json")
    pictures = {}
    for character in document["characters"]:
        character["references"] = [f"model sheets/{character['id']}.PNG", stored]
        pictures[character["id"]] = (character["id"].encode(), stored)
    return ProductionFile(document, parse_production(document, "sheet.yaml"), pictures)


def body(s3: Any, uri: S3Uri) -> bytes:
    return bytes(s3.get_object(Bucket=uri.bucket, Key=uri.key)["Body"].read())


def test_films_of_one_name_do_not_collide(s3: Any, workspace: Workspace, tmp_path: Path) -> None:
    films = [tmp_path / folder / "film.mp4" for folder in ("a", "b")]
    for film in films:
        film.parent.mkdir()
        film.write_bytes(film.parent.name.encode())
    uris = [uploads.upload_video(s3, film, workspace) for film in films]
    assert [body(s3, uri) for uri in uris] == [b"a", b"b"]
    assert {uri.name for uri in uris} == {"film.mp4"}


def test_a_film_that_exists_is_not_uploaded_again(
    s3: Any, workspace: Workspace, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    uri = uploads.upload_video(s3, film, workspace)
    sent = s3.head_object(Bucket=uri.bucket, Key=uri.key)["LastModified"]
    assert uploads.upload_video(s3, film, workspace) == uri
    assert s3.head_object(Bucket=uri.bucket, Key=uri.key)["LastModified"] == sent


def test_a_production_is_uploaded_with_its_pictures_beside_it(
    s3: Any, workspace: Workspace
) -> None:
    sheet = sheet_in(workspace)
    uri = uploads.upload_production(s3, sheet, workspace)
    folder = workspace.root / f"productions/{sheet.production.slug}"
    assert uri == folder / "production.yaml"
    document = yaml.safe_load(body(s3, uri))
    first = document["characters"][0]
    assert first["references"] == [f"references/{first['id']}-0.png", str(folder / "known.png")]
    assert body(s3, folder / first["references"][0]) == first["id"].encode()


@pytest.mark.parametrize(
    "stored",
    [
        "s3://pictures/known.png",
        "s3://{bucket}/team/runs/run-1/dataset/images/1.png",
        "s3://{bucket}/team/productions/lantern-keepers-2/known.png",
        "s3://{bucket}/team/productions/lantern-keepers/../../runs/secret.png",
        "s3://{bucket}/team/productions/lantern-keepers//known.png",
    ],
)
def test_nothing_is_uploaded_when_a_reference_is_in_another_place(
    s3: Any, workspace: Workspace, tmp_path: Path, stored: str
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    sheet = sheet_in(workspace, stored=stored.format(bucket=workspace.root.bucket))
    with pytest.raises(UsageError, match="does not name a picture beneath s3://"):
        uploads.upload_request(s3, Request((film,), sheet, {}), workspace)
    assert s3.list_objects_v2(Bucket=workspace.root.bucket)["KeyCount"] == 0


def test_copies_of_one_film_are_named(s3: Any, workspace: Workspace, tmp_path: Path) -> None:
    films = [tmp_path / folder / "film.mp4" for folder in ("a", "b")]
    for film in films:
        film.parent.mkdir()
        film.write_bytes(b"film")
    request = Request(tuple(films), "s3://films/sheet.yaml", {})
    with pytest.raises(UsageError, match=r"b/film.mp4 is the same film as .*a/film.mp4"):
        uploads.upload_request(s3, request, workspace)


def test_a_request_becomes_the_runs_parameters(
    s3: Any, workspace: Workspace, tmp_path: Path
) -> None:
    request = Request(("s3://films/a.mp4",), "s3://films/sheet.yaml", {"seed": 9})
    assert uploads.upload_request(s3, request, workspace) == {
        "seed": 9,
        "videos": ["s3://films/a.mp4"],
        "production": "s3://films/sheet.yaml",
        "workspace": str(workspace.root),
    }


def test_a_bucket_that_does_not_exist_is_named(s3: Any) -> None:
    request = Request(("s3://films/a.mp4",), "s3://films/sheet.yaml", {})
    with pytest.raises(UsageError, match="The bucket no-such-bucket does not exist"):
        uploads.upload_request(s3, request, Workspace.at("s3://no-such-bucket/x"))


def test_a_long_upload_says_how_far_it_is(
    s3: Any, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SAY_SECONDS", 0)
    monkeypatch.setattr(uploads, "LARGE_FILM", 1)
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(1_000))
    said: list[str] = []
    uploads.upload_video(s3, film, workspace, said.append)
    assert said[0] == "Reading film.mp4, 0.0 GB …"
    assert said[-1] == "film.mp4: 100% uploaded"
