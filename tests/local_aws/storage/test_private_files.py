"""Private files and folders: the umask does not matter, and others cannot plant a file."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.account.settings import EndpointSettings
from local_aws.backend import Backend
from local_aws.services.containers.container_process import ContainerOutcome, ContainerProcess
from local_aws.signing.identity import load_identity
from local_aws.storage.private_files import NotOwnerError, make_private_folder, write_private
from tests.studio.other_user import NOBODY, can_become_another_user, open_paths


@pytest.fixture(params=[0o000, 0o022, 0o077], ids="{:03o}".format, autouse=True)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_private_and_so_are_the_parents_it_needs(tmp_path: Path) -> None:
    assert not make_private_folder(tmp_path / "state" / "studio" / "logs")
    assert open_paths(tmp_path / "state") == []


@pytest.mark.parametrize("before", [0o755, 0o750, 0o711, 0o777, 0o707])
def test_an_open_folder_is_closed_and_reported(tmp_path: Path, before: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(before)
    assert make_private_folder(folder)
    assert mode(folder) == 0o700
    assert not make_private_folder(folder)


@can_become_another_user
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(NotOwnerError, match=f"{folder} belongs to the user with the id {NOBODY}"):
        make_private_folder(folder)


def test_a_private_file_does_not_reuse_what_others_have_put_there(tmp_path: Path) -> None:
    path, planted = tmp_path / "ready.json", tmp_path / "planted"
    planted.write_text("")
    planted.chmod(0o666)
    (tmp_path / ".ready.json.partial").symlink_to(planted)
    write_private(path, "secret")
    assert path.read_text() == "secret" and mode(path) == 0o600
    assert planted.read_text() == ""


def test_a_backend_inside_another_program_keeps_its_files_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_private_folder(data)
    backend = Backend(EndpointSettings(data), load_identity(data))
    backend.objects.create_bucket("films")
    backend.objects.put("films", "key", b"frames")
    with_log_file = {path.name for path in data.iterdir()}
    assert {"endpoint.db", "endpoint.db-wal", "endpoint.db-shm"} <= with_log_file
    assert open_paths(data) == []
    backend.close()


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_the_files_of_a_container_are_private(tmp_path: Path) -> None:
    container = ContainerProcess(tmp_path / "tasks" / "1")
    command = ["sh", "-c", "echo printed; echo made > made"]
    container.start(command, {"PATH": os.environ["PATH"]}, stop_seconds=1)
    while container.is_running():
        time.sleep(0.02)
    assert container.outcome() == ContainerOutcome(exit_code=0)
    assert {"task.json", "output.log", "exit.json", "made"} <= {
        path.name for path in container.folder.iterdir()
    }
    assert open_paths(tmp_path / "tasks") == []
