"""Store bytes and manifests in S3. Each method of ObjectStore is one call plus conversion."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.error_tree import (
    BadInput,
    Contended,
    DeletionRefused,
    ManifestCorrupt,
    NotFound,
    NotPermitted,
    ObjectMissing,
    ObjectNotFound,
    RequestRefused,
)
from storyboard_ops.domain.input_limits import KIB, MIB, MOST_JSON_BYTES, MOST_OBJECT_BYTES
from storyboard_ops.domain.manifest_codec import (
    Manifest,
    ManifestHeader,
    ManifestRef,
    decode_header,
    decode_record,
    decode_rows,
    encode_header,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.aws.calls import call_unless, list_all
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.storage.record_spool import ManifestBody, RecordSpool

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

R = TypeVar("R", bound=Record)

#: Missing or not visible: without s3:ListBucket, S3 answers 403 for a key that does not exist.
UNSEEN = (NotFound, ObjectNotFound, NotPermitted)
CHANGED = "was changed since it was written; clear the task that wrote it."
#: Codes of a range of an object without bytes.
EMPTY = ("InvalidRange", "416")
#: Bytes of a manifest that are read, or written, by one call.
CHUNK_BYTES = 8 * MIB
#: Bytes in which the header of a manifest is expected; a longer one takes another call.
HEADER_BYTES = 64 * KIB
#: Metadata of a manifest: the SHA-256 of its bytes, so that nobody has to read them for it.
DIGEST = "sha256"
#: DeleteObjects accepts at most this many keys.
MOST_KEYS = 1_000


@dataclass(frozen=True)
class ObjectHead:
    """What S3 reports about an object without sending it."""

    uri: S3Uri
    size: int  # bytes
    etag: str  # changes with every version of the content


@dataclass(frozen=True)
class ObjectPart:
    """Some bytes of an object, and what S3 reports about all of it."""

    body: bytes
    total: int  # bytes of the object
    etag: str
    digest: str  # SHA-256 of the object, where its writer has said it


def delete_objects(client: Any, bucket: str, objects: Sequence[dict[str, str]]) -> None:
    """Delete objects or versions, each given as {"Key"} or {"Key", "VersionId"}.

    Raises DeletionRefused naming the first one that S3 refuses to delete.
    """
    for start in range(0, len(objects), MOST_KEYS):
        batch = {"Objects": objects[start : start + MOST_KEYS], "Quiet": True}
        for refused in client.delete_objects(Bucket=bucket, Delete=batch).get("Errors", ()):
            raise DeletionRefused(
                f"s3://{bucket}/{refused['Key']} cannot be deleted: {refused['Code']}. "
                f"{DeletionRefused.advice} Repeat the task or removal then: it continues where it "
                "stopped.",
                service="s3",
                operation="DeleteObjects",
                code=refused["Code"],
            )


def read_body(answer: Any, uri: S3Uri, most: int) -> bytes:
    """Return the bytes of an answer to GetObject; raises BadInput when they are more than ``most``.

    botocore breaks off a body that is longer or shorter than the length that S3 announces.
    """
    if answer["ContentLength"] > most:
        answer["Body"].close()
        raise BadInput(
            f"{uri} has {answer['ContentLength']:,} bytes; at most {most:,} are read. Replace it "
            "by a smaller one."
        )
    body: bytes = answer["Body"].read()
    return body


def _missing(uri: S3Uri) -> ObjectMissing:
    return ObjectMissing(
        f"{uri} does not exist or may not be read; correct the name, or allow s3:GetObject."
    )


class ObjectStore:
    """Bytes in S3."""

    def __init__(self, client: S3Client) -> None:
        self._client = translated("s3", client)

    def head(self, uri: S3Uri) -> ObjectHead | None:
        """Return size and ETag; None when the object does not exist or may not be read."""
        try:
            answer = self._client.head_object(Bucket=uri.bucket, Key=uri.key)
        except UNSEEN:
            return None
        return ObjectHead(uri, answer["ContentLength"], answer["ETag"].strip('"'))

    def get(self, uri: S3Uri, most: int = MOST_OBJECT_BYTES) -> bytes:
        """Read a whole object of at most ``most`` bytes.

        Raises ObjectMissing when it does not exist or may not be read, BadInput when it is larger:
        then none of it is read.
        """
        try:
            return read_body(self._client.get_object(Bucket=uri.bucket, Key=uri.key), uri, most)
        except UNSEEN as error:
            raise _missing(uri) from error

    def part(self, uri: S3Uri, start: int, size: int, etag: str = "") -> ObjectPart:
        """Read at most ``size`` bytes of an object from byte ``start``.

        Raises ObjectMissing when it does not exist or may not be read, Contended when it no longer
        has the given ETag.
        """
        where: Any = {"Range": f"bytes={start}-{start + size - 1}"}
        same: Any = {"IfMatch": etag} if etag else {}
        try:
            answer = self._client.get_object(Bucket=uri.bucket, Key=uri.key, **where, **same)
        except UNSEEN as error:
            raise _missing(uri) from error
        except RequestRefused as error:
            if error.code in EMPTY and start == 0:
                return ObjectPart(b"", 0, "", "")
            raise
        total = int(answer["ContentRange"].rpartition("/")[2])
        digest = answer["Metadata"].get(DIGEST, "")
        return ObjectPart(answer["Body"].read(), total, answer["ETag"], digest)

    def chunks(self, uri: S3Uri, begun: ObjectPart | None = None) -> Iterator[bytes]:
        """Yield an object of any size, CHUNK_BYTES at a time and all of one version.

        ``begun``: its first part, when it was read before. Raises what ``part`` raises.
        """
        part = begun or self.part(uri, 0, CHUNK_BYTES)
        yield part.body
        start = len(part.body)
        while start < part.total:
            part = self.part(uri, start, CHUNK_BYTES, part.etag)
            yield part.body
            start += len(part.body)

    def json(self, uri: S3Uri) -> Any:
        """Read a JSON document; raises BadInput when it is not one, or exceeds its bounds."""
        return read_json(self.get(uri, MOST_JSON_BYTES), str(uri))

    def record(self, uri: S3Uri, record_type: type[R]) -> R:
        """Read a record that was written as JSON; raises ManifestCorrupt when it is not one."""
        return decode_record(self.get(uri, MOST_JSON_BYTES), record_type, str(uri))

    def put(self, uri: S3Uri, body: bytes, content_type: str = "application/octet-stream") -> str:
        """Write an object, which becomes visible as a whole. Returns the URI as text."""
        self._client.put_object(Bucket=uri.bucket, Key=uri.key, Body=body, ContentType=content_type)
        return str(uri)

    def put_manifest(self, uri: S3Uri, body: ManifestBody) -> None:
        """Write a manifest of any size, with its digest; it becomes visible as a whole."""
        facts: Any = {"ContentType": "application/x-ndjson", "Metadata": {DIGEST: body.sha256}}
        if body.size <= CHUNK_BYTES:
            self._client.put_object(Bucket=uri.bucket, Key=uri.key, Body=body.read(), **facts)
        else:
            file: Any = body
            self._client.upload_fileobj(file, uri.bucket, uri.key, ExtraArgs=facts)

    def download(self, uri: S3Uri, file: BinaryIO) -> None:
        """Write an object of any size to an open file."""
        self._client.download_fileobj(uri.bucket, uri.key, file)

    def upload(
        self, file: BinaryIO, uri: S3Uri, content_type: str = "application/octet-stream"
    ) -> str:
        """Write an object of any size from an open file; it becomes visible as a whole.

        Returns the URI as text.
        """
        self._client.upload_fileobj(
            file, uri.bucket, uri.key, ExtraArgs={"ContentType": content_type}
        )
        return str(uri)

    def replace(self, uri: S3Uri, body: bytes, content_type: str, etag: str) -> bool:
        """Write an object if it still has this ETag ("": does not exist yet).

        Returns False, with nothing written, when another writer was first.
        """
        return call_unless(
            (Contended, ObjectNotFound),
            self._client.put_object,
            Bucket=uri.bucket,
            Key=uri.key,
            Body=body,
            ContentType=content_type,
            **({"IfMatch": etag} if etag else {"IfNoneMatch": "*"}),
        )

    def create(self, uri: S3Uri, body: bytes, content_type: str) -> bool:
        """Write an object that does not exist yet; False when another writer was first."""
        return self.replace(uri, body, content_type, etag="")

    def link(self, uri: S3Uri, seconds: int) -> str:
        """Sign a link that reads one object without credentials for this many seconds."""
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": uri.bucket, "Key": uri.key}, ExpiresIn=seconds
        )

    def copy(self, source: S3Uri, target: S3Uri) -> str:
        """Copy an object within S3. Returns the target's URI as text."""
        self._client.copy_object(
            Bucket=target.bucket,
            Key=target.key,
            CopySource={"Bucket": source.bucket, "Key": source.key},
        )
        return str(target)

    def delete(self, uris: Sequence[S3Uri]) -> None:
        """Delete objects of one bucket; a missing object is not an error.

        Raises DeletionRefused naming the first object that S3 refuses to delete.
        """
        if uris:
            delete_objects(self._client, uris[0].bucket, [{"Key": uri.key} for uri in uris])

    def list(self, prefix: S3Uri, after: str = "") -> Iterator[ObjectHead]:
        """List the objects below a prefix in key order, only keys after ``after`` when given."""
        where = {"Bucket": prefix.bucket, "Prefix": prefix.key, "StartAfter": after}
        for item in list_all(self._client, "list_objects_v2", "Contents", **where):
            uri = S3Uri(prefix.bucket, item["Key"])
            yield ObjectHead(uri, item["Size"], item["ETag"].strip('"'))

    def folders(self, prefix: S3Uri) -> Iterator[str]:
        """List the names of the folders directly below a prefix, in order."""
        where = {"Bucket": prefix.bucket, "Prefix": prefix.folder.key, "Delimiter": "/"}
        for item in list_all(self._client, "list_objects_v2", "CommonPrefixes", **where):
            yield S3Uri(prefix.bucket, item["Prefix"].rstrip("/")).name

    def bucket_exists(self, bucket: str) -> bool:
        """Return whether the bucket exists and these credentials may use it."""
        return call_unless(UNSEEN, self._client.head_bucket, Bucket=bucket)


#: Is told the kind and the summary of a manifest.
Committed = Callable[[str, Mapping[str, Any]], None]


def _tell_nobody(kind: str, summary: Mapping[str, Any]) -> None:
    pass


class ManifestStore:
    """Manifests in S3: written last, and found again by their input digest.

    :param committed: is told kind and summary of each new manifest.
    """

    def __init__(self, objects: ObjectStore, committed: Committed = _tell_nobody) -> None:
        self.objects = objects
        self._committed = committed

    def find(self, uri: S3Uri, input_digest: str) -> tuple[ManifestRef, ManifestHeader] | None:
        """Find the manifest that an earlier try committed for the same input; None without one."""
        found = self.latest(uri)
        return found if found and found[1].input_digest == input_digest else None

    def latest(self, uri: S3Uri) -> tuple[ManifestRef, ManifestHeader] | None:
        """Return the manifest that is there now; None without one."""
        try:
            begun = self.objects.part(uri, 0, HEADER_BYTES)
        except ObjectMissing:
            return None
        header = self._header_from(uri, begun)
        digest = begun.digest or self._digest_of(uri)
        return ManifestRef(uri=str(uri), count=header.count, sha256=digest), header

    def commit(
        self,
        uri: S3Uri,
        kind: str,
        input_digest: str,
        records: Sequence[Record] | RecordSpool,
        summary: dict[str, Any] | None = None,
    ) -> ManifestRef:
        """Write the manifest; call it after every object that it names has been written."""
        rows = records if isinstance(records, RecordSpool) else RecordSpool(records)
        body = ManifestBody(encode_header(kind, input_digest, len(rows), summary), rows)
        self.objects.put_manifest(uri, body)
        self._committed(kind, summary or {})
        return ManifestRef(uri=str(uri), count=len(rows), sha256=body.sha256)

    def header(self, ref: ManifestRef) -> ManifestHeader:
        """Read only the header: the digest of the input, and the summary."""
        uri = S3Uri.parse(ref.uri)
        return self._header_from(uri, self.objects.part(uri, 0, HEADER_BYTES))

    def read(self, ref: ManifestRef, record_type: type[R], kind: str) -> Manifest[R]:
        """Read a manifest back, all of it; ``stream`` holds one row at a time.

        Raises ManifestCorrupt when its bytes have changed; the message says when a removal did it.
        """
        with self._checked(ref) as lines:
            header = decode_header(next(lines, b""))
            records = tuple(decode_rows(lines, header, record_type, kind))
        return Manifest(header=header, records=records)

    def stream(self, ref: ManifestRef, record_type: type[R], kind: str) -> Iterator[R]:
        """Yield the rows of a manifest of any size.

        Raises ManifestCorrupt like ``read``, at the latest after the last row: what was made of
        the rows must not be committed before.
        """
        with self._checked(ref) as lines:
            header = decode_header(next(lines, b""))
            yield from decode_rows(lines, header, record_type, kind)

    def first(self, ref: ManifestRef, record_type: type[R], kind: str) -> Iterator[R]:
        """Yield the first row, if there is one, without reading the others or the digest."""
        uri = S3Uri.parse(ref.uri)
        begun = self.objects.part(uri, 0, HEADER_BYTES)
        lines = lines_of(self.objects.chunks(uri, begun))
        header = decode_header(next(lines, b""))
        yield from islice(decode_rows(lines, header, record_type, kind), min(1, header.count))

    @contextmanager
    def _checked(self, ref: ManifestRef) -> Iterator[Iterator[bytes]]:
        """Give the lines of a manifest; raises ManifestCorrupt when they are not what it names."""
        uri = S3Uri.parse(ref.uri)
        digest = hashlib.sha256()
        lines = lines_of(_hashed(self._same_chunks(uri), digest))
        try:
            yield lines
        except ManifestCorrupt as error:
            for _ in lines:  # to the end: is it malformed, or was it changed?
                pass
            if digest.hexdigest() == ref.sha256:
                raise
            raise self._changed(uri) from error
        if digest.hexdigest() != ref.sha256:
            raise self._changed(uri)

    def _same_chunks(self, uri: S3Uri) -> Iterator[bytes]:
        try:
            yield from self.objects.chunks(uri)
        except Contended as error:
            raise ManifestCorrupt(f"{uri} {CHANGED}") from error

    def _digest_of(self, uri: S3Uri) -> str:
        """Return the SHA-256 of a manifest that was written without saying it."""
        digest = hashlib.sha256()
        for _ in _hashed(self._same_chunks(uri), digest):
            pass
        return digest.hexdigest()

    def _header_from(self, uri: S3Uri, begun: ObjectPart) -> ManifestHeader:
        return decode_header(next(lines_of(self.objects.chunks(uri, begun)), b""))

    def _changed(self, uri: S3Uri) -> ManifestCorrupt:
        """Say what changed a manifest, by the header that it has now, and what to do."""
        try:
            header = self._header_from(uri, self.objects.part(uri, 0, HEADER_BYTES))
        except ManifestCorrupt:
            return ManifestCorrupt(f"{uri} {CHANGED}")
        lost = header.summary.get("removed_rows", 0)
        if not lost:
            return ManifestCorrupt(f"{uri} {CHANGED}")
        return ManifestCorrupt(
            f"{uri} was rewritten by a removal, which deleted {lost:,} of its rows; the pages in "
            f"removals/ say which and why. Clear the task that wrote these {header.kind} and all "
            "after it: they continue with the rest."
        )


def _hashed(chunks: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    """Yield the parts, and add each to a digest of hashlib."""
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines in the parts of a text, without their ends; not an empty last one.

    Not by ``splitlines``: a caption may contain U+2028, which does not end a line in JSON Lines.
    """
    begun: list[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        begun.append(first)
        if others:
            yield b"".join(begun)
            yield from others[:-1]
            begun = [others[-1]]
    if last := b"".join(begun):
        yield last
