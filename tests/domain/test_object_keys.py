"""Keys and names: what AWS accepts, and different runs never meet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.object_keys import (
    S3Uri,
    Workspace,
    aws_name,
    client_token,
    is_aws_name,
    is_run_key,
    run_key,
)

JOB_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9+\-.])*")
MODEL_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,63}")
LOOP_NAME = re.compile(r"[a-z0-9](-*[a-z0-9])*")


def test_a_run_id_of_airflow_becomes_a_key_without_colons_and_plus_signs():
    key = run_key("train_character_model", "manual__2026-11-23T03:00:00+00:00")
    assert key == "manual-2026-11-23t03-00-00-00-00-b9f7ac21"


def test_run_ids_that_differ_only_in_forbidden_characters_keep_apart():
    assert run_key("dag", "a+b") != run_key("dag", "a:b")
    assert run_key("dag_a", "x") != run_key("dag_b", "x")


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=80))
def test_every_name_fits_the_strictest_pattern_it_is_sent_to(run_id, purpose):
    key = run_key("train_character_model", run_id)
    assert len(key) <= 48
    assert LOOP_NAME.fullmatch(key)
    name = aws_name(purpose, key, "ab" * 32)
    assert len(name) <= 63
    assert JOB_NAME.fullmatch(name)
    assert MODEL_NAME.fullmatch(name)
    assert len(client_token("ab" * 32)) <= 64


@given(st.text(min_size=1, max_size=300), st.sampled_from(["capacity", "model", "custom-0c1d2e3f"]))
def test_every_key_and_name_is_recognized(run_id, purpose):
    key = run_key("train_character_model", run_id)
    assert is_run_key(key)
    assert is_aws_name(aws_name(purpose, key, "ab" * 32), purpose)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/b", "a/../b", "a\\b", "a b", "a\n", "A", "a_b", "a--b", "-a", "a-",
             "é", "１", "a\0", "%2e", "a" * 49, "a" * 10_000, "a-" * 5_000]
)  # fmt: skip
def test_what_is_no_run_key_never_becomes_part_of_a_key(text):
    assert not is_run_key(text)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "storyboard-capacity-",
        "storyboard-capacity-9c41a2f0",
        "storyboard-capacity-run-1",
        "storyboard-capacity-run-1-9C41A2F0",
        "storyboard-capacity-run-1-9c41a2f01",
        "storyboard-capacity-run-1-9c41a2fg",
        "storyboard-capacity-run_1-9c41a2f0",
        "storyboard-capacity-../run-1-9c41a2f0",
        "storyboard-capacity--run-1-9c41a2f0",
        "storyboard-model-run-1-9c41a2f0",
        "my-storyboard-capacity-run-1-9c41a2f0",
        "storyboard-capacity-run-1-9c41a2f0\n",
        f"storyboard-capacity-{'a' * 40}-9c41a2f0",
    ],
)
def test_names_that_the_pipeline_does_not_give_are_not_recognized(name):
    assert not is_aws_name(name, "capacity")


def test_an_s3_uri_is_split_and_joined():
    uri = S3Uri.parse("s3://films/2026/sintel.mp4")
    assert (uri.bucket, uri.key, uri.name) == ("films", "2026/sintel.mp4", "sintel.mp4")
    assert str(S3Uri.parse("s3://films") / "a.txt") == "s3://films/a.txt"


@pytest.mark.parametrize("bad", ["films/x.mp4", "s3://", "s3://Films/x", "https://x/y", "s3://a/x"])
def test_what_is_no_s3_uri_is_named(bad):
    with pytest.raises(SettingsError, match=re.escape(repr(bad))):
        S3Uri.parse(bad)


@pytest.mark.parametrize(
    ("key", "folder"), [("a/b", "a/b/"), ("a/b/", "a/b/"), ("a/b//", "a/b/"), ("", "")]
)
def test_a_folder_is_a_prefix_of_nothing_beside_it(key, folder):
    assert S3Uri("bucket", key).folder == S3Uri("bucket", folder)


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://studio", "studio", ""),
        ("s3://studio/", "studio", ""),
        ("s3://studio/films/a.mp4", "studio", "films/a.mp4"),
        ("s3://studio/prefix/", "studio", "prefix"),
        ("s3://studio/films//a.mp4", "studio", "films//a.mp4"),
        ("s3://studio/films/ö \n.mp4", "studio", "films/ö \n.mp4"),
    ],
)
def test_a_uri_is_split(uri, bucket, key):
    assert S3Uri.parse(uri) == S3Uri(bucket, key)


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        ("s3://studio//films/a.mp4", "s3://studio/films/a.mp4"),
        ("s3://studio///a.mp4", "s3://studio/a.mp4"),
        ("s3://studio//", "s3://studio/"),
    ],
)
def test_a_key_that_begins_with_a_slash_is_not_read_as_another(uri, meant):
    with pytest.raises(SettingsError, match=f"{uri}' has two slashes .* than '{meant}'"):
        S3Uri.parse(uri)


def test_library_and_runs_lie_apart_in_the_workspace():
    workspace = Workspace.at("s3://studio/prefix")
    assert str(workspace.run("r1")) == "s3://studio/prefix/runs/r1"
    assert str(workspace.answer("bedrock.embed", "9c41")) == (
        "s3://studio/prefix/library/answers/bedrock.embed/9c/9c41.json"
    )
