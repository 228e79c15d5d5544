"""Documents of the services (jobs, loops, throughputs, collections), durable across restarts."""

import json
from contextlib import AbstractContextManager
from typing import Any

from local_aws.storage.database import Database

Document = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
"""


class StaleDocumentError(Exception):
    """The stored document has changed since the writer read it."""

    def __init__(self, kind: str, document_id: str) -> None:
        super().__init__(f"{kind} {document_id!r} changed since it was read: read it again")


class StateStore:
    """JSON documents by kind and id.

    Every method is atomic and durable when it returns, unless it runs in a `transaction()`.
    Documents hold JSON values: store times as ISO 8601 text.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create_tables(TABLES)

    def create(self, kind: str, id: str, document: Document) -> bool:
        """Store a new document; return False and change nothing if the id exists."""
        return bool(
            self._database.change(
                "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (kind, id, json.dumps(document)),
            )
        )

    def put(self, kind: str, id: str, document: Document, expected: Document | None = None) -> None:
        """Store `document`, replacing the stored one.

        With `expected`, only if the stored document equals it: raises StaleDocumentError.
        """
        with self._database.transaction():
            if expected is not None and self.get(kind, id) != expected:
                raise StaleDocumentError(kind, id)
            self._database.change(
                "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, id, json.dumps(document)),
            )

    def get(self, kind: str, id: str) -> Document | None:
        """Return the document, or None."""
        row = self._database.row("SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, id))
        return None if row is None else json.loads(row[0])

    def list(self, kind: str) -> list[Document]:
        """Return all documents of a kind, in the order in which they were first stored."""
        rows = self._database.rows(
            "SELECT body FROM documents WHERE kind = ? ORDER BY position", (kind,)
        )
        return [json.loads(body) for (body,) in rows]

    def kinds(self) -> dict[str, int]:
        """Return the number of documents of each kind."""
        rows = self._database.rows("SELECT kind, count(*) FROM documents GROUP BY kind")
        return dict(rows)

    def delete(self, kind: str, id: str) -> bool:
        """Remove the document; return False if there was none."""
        return bool(
            self._database.change("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, id))
        )

    def transaction(self) -> AbstractContextManager[None]:
        """Make the writes of the block atomic; no other writer, in any thread, runs in between."""
        return self._database.transaction()
