"""A scrape as a test asks for it: the metrics of an office by name and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.office import Office

WATCHED: dict[str, Any] = {"web": {"enabled": True, "port": 0}}
"""What an office is opened with, so that it can be scraped."""


@dataclass(frozen=True)
class Scrape:
    """What one answer told: a value by the name of its sample and its labels."""

    values: Mapping[tuple[str, frozenset[tuple[str, str]]], float]
    text: str

    def of(self, name: str, /, **labels: str) -> float:
        """The sum of all samples of that name that have these labels."""
        found = [
            value for (one, its), value in self.values.items() if one == name and labels.items() <= set(its)
        ]
        assert found, f"there is no {name} {labels}"
        return sum(found)

    def labels(self, name: str) -> list[dict[str, str]]:
        return [dict(its) for one, its in self.values if one == name]

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.values}


def scrape_of(text: str) -> Scrape:
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return Scrape({(one.name, frozenset(one.labels.items())): one.value for one in samples}, text)


def caller(office: Office, address: str = "127.0.0.1", host: str = "127.0.0.1:8080") -> httpx.AsyncClient:
    """Somebody at that address asks for that host."""
    app = office.system.service._servers[0]._uvicorn.config.app
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(address, 1)), base_url=f"http://{host}"
    )


async def scrape(office: Office) -> Scrape:
    async with caller(office) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return scrape_of(answer.text)
