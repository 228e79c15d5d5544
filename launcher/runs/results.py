"""Downloads what people want to look at from the folder of a run in S3 into `out/<run>/`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from launcher.errors import RunFailed
from launcher.processes.waiting import Reminder, say_nothing
from launcher.product import S3Uri
from launcher.state.private_files import close_folder, open_private

#: What a run writes last.
RECEIPT = "receipt.json"
FILES = ("report.html", RECEIPT)
FOLDERS = ("dataset", "storyboard")


def download_results(
    s3: Any, run_root: S3Uri, target: Path, say: Callable[[str], None] = say_nothing
) -> list[Path]:
    """Replace `target` by the results of the run, atomically; return the paths to open.

    Only this user can read them, and nothing beside them. `say` is told how far a long download is.

    Raises:
        RunFailed: the run succeeded but left no results under `run_root`.
    """
    close_folder(target.parent)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    wanted = [key for key in list_keys(s3, run_root) if is_result(key, run_root)]
    if not wanted:
        raise RunFailed(f"The run left no results under {run_root}.")
    remind = Reminder("The results", say, f"being downloaded ({len(wanted):,} files)")
    for key in wanted:
        remind()
        path = partial / key.removeprefix(f"{run_root.key}/")
        close_folder(path.parent)
        with open(path, "wb", opener=open_private) as file:
            s3.download_fileobj(run_root.bucket, key, file)
    replace_folder(partial, target)
    return [target / name for name in (*FILES, *FOLDERS) if (target / name).exists()]


def list_keys(s3: Any, root: S3Uri) -> Iterator[str]:
    """List the keys of all objects under `root`."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=root.bucket, Prefix=f"{root.key}/")
    for page in pages:
        for item in page.get("Contents", ()):
            yield item["Key"]


def is_result(key: str, run_root: S3Uri) -> bool:
    """Whether the object belongs to the report, the receipt, the dataset or the storyboard."""
    name = key.removeprefix(f"{run_root.key}/")
    return name in FILES or name.split("/", 1)[0] in FOLDERS


def replace_folder(new: Path, target: Path) -> None:
    """Move `new` to `target`; a folder that is there is deleted once the new one is in place."""
    former = target.with_name(f".{target.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if target.exists():
        target.rename(former)
    new.rename(target)
    shutil.rmtree(former, ignore_errors=True)
