"""The examples of config/gateways/ as settings, with a local server in the vendor's place."""

from __future__ import annotations

import tomllib
from pathlib import Path

from daemon.config import check
from daemon.sms.wire.declared import HttpSettings
from daemon.sms_gateways import declared
from tests.unit.test_config import minimal

EXAMPLES = Path(__file__).resolve().parents[2] / "config" / "gateways"


def example(name: str, vendor: str, local: str) -> HttpSettings:
    """`name`.toml, with `local` wherever an address begins with `vendor`."""
    text = (EXAMPLES / f"{name}.toml").read_text("utf-8").replace(f'"{vendor}/', f'"{local}/')
    document = tomllib.loads(text)
    document["sms"]["http"]["secret"] = document["sms"]["http"].pop("secret_file")
    config = check(minimal() | document, Path("/"))
    assert config.sms.http is not None
    return declared(config.sms.http, config.sms.sender)
