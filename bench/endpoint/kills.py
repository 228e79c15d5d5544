"""Kill the local endpoint with SIGKILL many times while it writes, and check what is lost.

    python -m bench.endpoint.kills [--kills 500] [--seed 1]

Each round starts the endpoint on the same data folder, checks what the last round left, lets
writers put objects, upload in parts and start customization jobs, and kills it at a random moment.
An object or a job is lost if its call was answered and it is missing; an object is half-written if
its bytes are not those of its key. The exit code is 1 if anything is lost, half-written or left
over.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import track

from bench.shared.result_files import markdown_table, measured, save, show
from launcher.processes.ports import find_free_ports
from tests.local_aws.bedrock_data import job_request, put_data_set
from tests.studio.endpoint_fixture import RunningEndpoint, start_endpoint

BUCKET = "films"
LONGEST_ROUND_S = 0.6
WRITTEN = (*"0123456789", "parts/")
PART_BYTES = 5 * 1024 * 1024
ARGUMENTS = ("--customization-seconds", "0.05", "--no-quotas")


@dataclass(frozen=True)
class EndpointClients:
    """boto3 clients that stay usable: the endpoint keeps its port and its keys."""

    s3: Any
    bedrock: Any


@dataclass
class Ledger:
    """What the endpoint acknowledged, and what was wrong afterwards."""

    objects: set[str] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)
    unchecked: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    leftovers: int = 0

    def acknowledge(self, key: str) -> None:
        """Note that the write of an object was answered."""
        self.objects.add(key)
        self.unchecked.add(key)


def body_of(key: str) -> bytes:
    """The bytes of this key and no other: 32 bytes to 1 MiB, or two parts for multipart keys."""
    digest = hashlib.sha256(key.encode()).digest()
    if key.startswith("parts/"):
        return digest * (PART_BYTES // len(digest) + 1)
    return digest * (1 + digest[0] * 128)


def put_objects(clients: EndpointClients, ledger: Ledger, prefix: str) -> None:
    """Put objects until the endpoint is gone; every third one overwrites an object."""
    s3 = clients.s3
    for number in range(100_000):
        key = f"{prefix}/{number // 3 * 2}"
        s3.put_object(Bucket=BUCKET, Key=key, Body=body_of(key))
        ledger.acknowledge(key)


def upload_in_parts(clients: EndpointClients, ledger: Ledger, prefix: str) -> None:
    """Upload objects in two parts until the endpoint is gone."""
    s3 = clients.s3
    for number in range(100_000):
        key = f"parts/{prefix}/{number}"
        named = {"Bucket": BUCKET, "Key": key}
        named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
        body = body_of(key)
        parts = []
        for part, chunk in enumerate((body[:PART_BYTES], body[PART_BYTES:]), start=1):
            etag = s3.upload_part(**named, PartNumber=part, Body=chunk)["ETag"]
            parts.append({"PartNumber": part, "ETag": etag})
        s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
        ledger.acknowledge(key)


def start_jobs(clients: EndpointClients, ledger: Ledger, prefix: str) -> None:
    """Start customization jobs until the endpoint is gone."""
    bedrock = clients.bedrock
    for _ in range(100_000):
        request = job_request(BUCKET, f"s3://{BUCKET}/train.jsonl")
        with contextlib.suppress(bedrock.exceptions.ServiceQuotaExceededException):
            bedrock.create_model_customization_job(**request)
            ledger.jobs.add(request["jobName"])
        time.sleep(0.05)


WRITERS: tuple[Callable[[EndpointClients, Ledger, str], None], ...] = (
    put_objects,
    put_objects,
    upload_in_parts,
    start_jobs,
)


def run_round(
    endpoint: RunningEndpoint, clients: EndpointClients, ledger: Ledger, number: int, seconds: float
) -> None:
    """Check what the last round left, write for `seconds`, kill."""
    check(endpoint, clients, ledger)
    threads = [
        threading.Thread(target=_until_gone, args=(writer, clients, ledger, f"{number}-{index}"))
        for index, writer in enumerate(WRITERS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    endpoint.kill()
    for thread in threads:
        thread.join()
    _close(endpoint)


def _until_gone(writer: Any, clients: EndpointClients, ledger: Ledger, prefix: str) -> None:
    # KeyError: a kill between head and body of an answer, which botocore reads as empty.
    with contextlib.suppress(BotoCoreError, ClientError, KeyError):
        writer(clients, ledger, prefix)


def _close(endpoint: RunningEndpoint) -> None:
    if endpoint.process.stdout is not None:
        endpoint.process.stdout.close()


def check(endpoint: RunningEndpoint, clients: EndpointClients, ledger: Ledger) -> None:
    """Check that every acknowledged object and job exists and that every listed object is whole.

    Checked objects are deleted, so that the folder stays small and blobs without an object show.
    """
    s3, bedrock = clients.s3, clients.bedrock
    listed = {item["Key"] for prefix in WRITTEN for item in _listed(s3, prefix)}
    ledger.lost += sorted(ledger.unchecked - listed)
    for key in listed:
        if s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() != body_of(key):
            ledger.half.append(key)
        s3.delete_object(Bucket=BUCKET, Key=key)
    ledger.unchecked.clear()
    pages = bedrock.get_paginator("list_model_customization_jobs").paginate()
    jobs = {job["jobName"] for page in pages for job in page["modelCustomizationJobSummaries"]}
    ledger.lost += sorted(ledger.jobs - jobs)
    for upload in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
    blobs = sum(1 for _ in (endpoint.data_dir / "blobs").glob("??/*"))
    ledger.leftovers += max(0, blobs - len(_listed(clients.s3, "")))


def _listed(s3: Any, prefix: str) -> list[dict[str, Any]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return [item for page in pages for item in page.get("Contents", [])]


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    names = ("kills", "objects_answered", "jobs_answered", "lost", "half", "leftover_blobs")
    table = markdown_table(
        ("figure", "count"), [(name.replace("_", " "), f"{result[name]:,}") for name in names]
    )
    return f"## Local endpoint killed while it writes\n\nMeasured {result['measured']}.\n\n{table}"


def measure(kills: int, seed: int) -> Ledger:
    """Run as many rounds on one data folder, and check once more after the last."""
    ledger, chance = Ledger(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        settings = (*ARGUMENTS, "--port", str(find_free_ports(1)[0]))
        endpoint = start_endpoint(data, settings)
        clients = EndpointClients(endpoint.client("s3"), endpoint.client("bedrock"))
        clients.s3.create_bucket(Bucket=BUCKET)
        put_data_set(clients.s3, BUCKET)
        for number in track(range(kills), "killing"):
            seconds = chance.uniform(0.0, LONGEST_ROUND_S)
            run_round(endpoint, clients, ledger, number, seconds)
            endpoint = start_endpoint(data, settings)
        check(endpoint, clients, ledger)
        endpoint.kill()
        _close(endpoint)
    return ledger


def main() -> int:
    """Measure, save the result and print its section; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    ledger = measure(given.kills, given.seed)
    result = {
        "measured": measured(),
        "kills": given.kills,
        "objects_answered": len(ledger.objects),
        "jobs_answered": len(ledger.jobs),
        "lost": len(ledger.lost),
        "half": len(ledger.half),
        "leftover_blobs": ledger.leftovers,
    }
    save("endpoint_kill", result)
    show(section(result))
    return 1 if ledger.lost or ledger.half or ledger.leftovers else 0


if __name__ == "__main__":
    sys.exit(main())
