"""The price table in `include/prices/`, read by the endpoint for its bill."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

PRICES_FOLDER = Path(
    os.environ.get("STORYBOARD_PRICES") or Path(__file__).parents[2] / "include" / "prices"
)

HOURS_PER_MONTH = 730
"""Hours of the month by which AWS prices storage."""


@dataclass(frozen=True)
class Price:
    """US dollars for one unit of an item of a service."""

    service: str
    item: str
    unit: str
    usd: float


@dataclass(frozen=True)
class PriceTable:
    """All prices of a region, as collected on `date`."""

    date: str
    prices: tuple[Price, ...]

    def find(self, service: str, items: Iterable[str], unit: str) -> Price | None:
        """Return the price of the first of `items` that has one in this unit."""
        for item in items:
            for price in self.prices:
                if (price.service, price.item, price.unit) == (service, item, unit):
                    return price
        return None


def read_prices(region: str, folder: Path = PRICES_FOLDER) -> PriceTable:
    """Read `aws-<region>.yaml`; an empty table if there is none for the region."""
    path = folder / f"aws-{region}.yaml"
    if not path.exists():
        return PriceTable(date="", prices=())
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    prices = tuple(
        Price(row["service"], row["item"], row["unit"], float(row["usd"]))
        for row in document["prices"]
    )
    return PriceTable(date=str(document["date"]), prices=prices)
