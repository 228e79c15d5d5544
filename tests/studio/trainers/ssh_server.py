"""A real sshd on a free port of loopback, with keys and configuration of its own."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launcher.processes.ports import find_free_ports

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
PATIENCE_SECONDS = 20.0
CONFIGURATION = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/client_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SshServer:
    """A server that runs."""

    folder: Path
    port: int

    @property
    def connection(self) -> str:
        """The connection as Airflow reads it from the environment."""
        kind, key = (self.folder / "host_key.pub").read_text().split()[:2]
        extra = {"key_file": str(self.folder / "client_key"), "host_key": f"{kind} {key}"}
        return json.dumps(
            {
                "conn_type": "ssh",
                "host": "127.0.0.1",
                "port": self.port,
                "login": getpass.getuser(),
                "extra": extra,
            }
        )

    def client(self) -> Any:
        """Return a client of paramiko that knows the server's key."""
        import paramiko

        client = paramiko.SSHClient()
        known = paramiko.Ed25519Key(filename=str(self.folder / "host_key"))
        client.get_host_keys().add(f"[127.0.0.1]:{self.port}", known.get_name(), known)
        client.connect(
            "127.0.0.1",
            self.port,
            getpass.getuser(),
            key_filename=str(self.folder / "client_key"),
            allow_agent=False,
            look_for_keys=False,
        )
        return client


@contextmanager
def running_sshd(folder: Path) -> Iterator[SshServer]:
    """Start sshd as an ordinary process; the test is skipped where it is not installed."""
    if SSHD is None:
        pytest.skip("needs sshd, which openssh-server installs")
    pytest.importorskip(
        "airflow.providers.ssh", reason="needs the provider of the extra distributed"
    )
    for name in ("host_key", "client_key"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(key, check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd asks for it when root starts it
    server = SshServer(folder, *find_free_ports(1))
    configuration = folder / "sshd_config"
    configuration.write_text(CONFIGURATION.format(port=server.port, folder=folder))
    log = (folder / "sshd.log").open("w")
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(configuration)], stderr=log)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "Server listening" not in (folder / "sshd.log").read_text():
            assert process.poll() is None, (folder / "sshd.log").read_text()
            assert time.monotonic() < deadline, "sshd has not started"
            time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait()
        log.close()
