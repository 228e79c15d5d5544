"""What the calls and the running capacity would have cost on AWS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_aws.account.price_table import Price, PriceTable
from local_aws.storage.database import Database
from local_aws.storage.state_store import StateStore

TABLES = """
CREATE TABLE IF NOT EXISTS metered (
    service TEXT NOT NULL,
    operation TEXT NOT NULL,
    unit TEXT NOT NULL,
    resource TEXT NOT NULL,
    quantity REAL NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (service, operation, unit, resource)
) WITHOUT ROWID;
"""

RUNNING = "meter-running"


@dataclass(frozen=True)
class BilledAmount:
    """An amount of a unit that a service has billed for a resource."""

    service: str
    item: str
    unit: str
    resource: str
    quantity: float


@dataclass(frozen=True)
class BillLine:
    """One line of the bill; `price` is None if the price table has none for this unit."""

    service: str
    item: str
    unit: str
    resource: str
    quantity: float
    price: Price | None

    @property
    def usd(self) -> float:
        """Cost of the line in US dollars; 0 without a price."""
        return self.quantity * self.price.usd if self.price else 0.0

    def document(self) -> dict[str, Any]:
        """Return the line as JSON."""
        return {
            "service": self.service,
            "item": self.item,
            "unit": self.unit,
            "resource": self.resource,
            "quantity": self.quantity,
            "usd_per_unit": self.price.usd if self.price else None,
            "usd": self.usd,
        }


class Meter:
    """Counts billed units per service, operation and resource, and prices them."""

    def __init__(self, database: Database, state: StateStore, prices: PriceTable) -> None:
        self._database = database
        self._state = state
        self._prices = prices
        self._sources: list[Callable[[datetime], Iterable[BilledAmount]]] = []
        database.create_tables(TABLES)

    def record(
        self,
        service: str,
        operation: str,
        units: dict[str, float],
        resource: str | None = None,
    ) -> None:
        """Count billed units of one call, e.g. `record("rekognition", "DetectLabels",
        {"image": 1})`. `service` is the boto3 client name; `resource` is what the price may
        depend on (a model id, an ARN)."""
        with self._database.transaction():
            for unit, quantity in units.items():
                self._database.change(
                    "INSERT INTO metered VALUES (?, ?, ?, ?, ?, 1)"
                    " ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity,"
                    " records = records + 1",
                    (service, operation, unit, resource or "", quantity),
                )

    def start(
        self, service: str, item: str, unit: str, resource: str, per_hour: float, at: datetime
    ) -> None:
        """Bill `per_hour` units of `item` for every hour from `at` until `stop(resource)`.

        For capacity that bills while it exists: a provisioned throughput of two model units is
        `start("bedrock", "amazon.nova-canvas-v1:0", "model_unit_hour", arn, 2, now)`.
        """
        document = {
            "service": service,
            "item": item,
            "unit": unit,
            "resource": resource,
            "per_hour": per_hour,
            "started": at.isoformat(),
            "stopped": None,
        }
        self._state.create(RUNNING, f"{resource} {at.isoformat()}", document)

    def stop(self, resource: str, at: datetime) -> None:
        """End the billing that `start` began; does nothing if none is running."""
        for document in self.running():
            if document["resource"] == resource:
                stopped = {**document, "stopped": at.isoformat()}
                self._state.put(RUNNING, f"{resource} {document['started']}", stopped)

    def add_source(self, source: Callable[[datetime], Iterable[BilledAmount]]) -> None:
        """Let a service compute what it has billed until a moment, whenever the bill is read."""
        self._sources.append(source)

    def running(self) -> list[dict[str, Any]]:
        """Return what is billed by the hour now."""
        return [line for line in self._state.list(RUNNING) if line["stopped"] is None]

    def bill(self, now: datetime) -> dict[str, Any]:
        """Return every line with its price, the total in USD and the date of the price table."""
        lines = [*self._price_calls(), *self._price_hours(now), *self._price_sources(now)]
        return {
            "currency": "USD",
            "prices_date": self._prices.date,
            "total_usd": round(sum(line.usd for line in lines), 6),
            "lines": [line.document() for line in lines],
            "unpriced": sorted(
                {f"{line.service} {line.item} {line.unit}" for line in lines if line.price is None}
            ),
            "running": self.running(),
        }

    def _price_calls(self) -> list[BillLine]:
        rows = self._database.rows(
            "SELECT service, operation, unit, resource, quantity FROM metered"
        )
        return [
            self._price(service, operation, unit, resource, quantity)
            for service, operation, unit, resource, quantity in rows
        ]

    def _price_hours(self, now: datetime) -> list[BillLine]:
        return [self._price_hour(document, now) for document in self._state.list(RUNNING)]

    def _price_sources(self, now: datetime) -> list[BillLine]:
        return [
            self._price(one.service, one.item, one.unit, one.resource, one.quantity)
            for source in self._sources
            for one in source(now)
        ]

    def _price_hour(self, document: dict[str, Any], now: datetime) -> BillLine:
        started = datetime.fromisoformat(document["started"])
        stopped = datetime.fromisoformat(document["stopped"]) if document["stopped"] else now
        hours = max(0.0, (stopped - started).total_seconds() / 3600)
        service, item, unit = document["service"], document["item"], document["unit"]
        return self._price(service, item, unit, document["resource"], hours * document["per_hour"])

    def _price(
        self, service: str, item: str, unit: str, resource: str, quantity: float
    ) -> BillLine:
        price = self._prices.find(service, (resource, item), unit)
        return BillLine(service, item, unit, resource, quantity, price)
