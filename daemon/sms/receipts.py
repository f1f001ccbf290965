"""Reads what a gateway posts to our webhook, each in its own dialect (`REPORT` in its module).

Whoever adds a gateway whose reports come in adds its name here.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from daemon.sms.report import Fields, Report, payload_of, reports_in

BUILT_IN: Final = ("unifonic", "taqnyat", "msegat", "jawaly", "deewan")
DECLARED: Final = "http"
TELLING: Final = (*BUILT_IN, DECLARED)
"""The gateways that report by webhook; of the declared one the configuration says how."""


def reports_of(
    gateway: str, content: bytes, content_type: str, declared: Fields | None = None
) -> tuple[Report, ...]:
    """Every report in what the gateway posted, JSON or a form; none where it is not understood. Raises
    nothing. `declared` is how the gateway reports that the configuration declares."""
    fields = declared if gateway == DECLARED else _fields_of(gateway) if gateway in BUILT_IN else None
    return reports_in(payload_of(content, content_type), fields) if fields else ()


@cache
def _fields_of(gateway: str) -> Fields:
    # Loaded when it is needed: its module brings an HTTP client, which most commands do without.
    fields = import_module(f"daemon.sms.gateways.{gateway}").REPORT
    assert isinstance(fields, Fields)
    return fields
