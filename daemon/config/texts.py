"""How the wording may be changed: [templates]."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from daemon.config.values import Line, Table, key

_HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")


def _host(value: str) -> str:
    if not _HOST.fullmatch(value.lower()):
        raise ValueError(f"must be a host like furas.example.sa, not {value!r}")
    return value.lower()


Hosts = Annotated[tuple[Annotated[Line, AfterValidator(_host)], ...], Field(strict=False)]


class Templates(Table):
    """The texts that people are sent (docs/TEMPLATES.md)."""

    second_person: bool = key(
        False, "true: what citizens are told is in force once another admin has approved it."
    )
    sms_hosts: Hosts = key(
        (),
        "Hosts registered for links in SMS, beside that of service.public_url; the check refuses others.",
    )
