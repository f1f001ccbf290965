"""[mailbox] ca_file: whom IMAP and SMTP trust, handed through to both, and named by `doctor`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.adapters import adapters_of
from daemon.cli.doctor import Unwell, _authorities
from daemon.clock import ManualClock
from daemon.config import Config, check
from daemon.courier import TemporaryFailure
from daemon.mail.wire.imap.errors import MailboxUnavailable
from tests.servers.certificates import make_certificate


def configured(data_dir: Path, **mailbox: object) -> Config:
    document = {
        "service": {
            "public_url": "https://s.example",
            "data_dir": str(data_dir),
            "secret_key": "0123456789abcdef",
        },
        "mailbox": {"address": "infocs@momah.gov.sa", "host": "127.0.0.1", **mailbox},
        "smtp": {"host": "127.0.0.1"},
    }
    return check(document, data_dir)


def test_the_file_is_relative_to_the_data_folder(tmp_path: Path) -> None:
    assert configured(tmp_path, ca_file="ca.pem").mailbox.ca_file == tmp_path / "ca.pem"
    assert configured(tmp_path, ca_file="/etc/ca.pem").mailbox.ca_file == Path("/etc/ca.pem")
    assert configured(tmp_path, ca_file="").mailbox.ca_file is None
    assert configured(tmp_path).mailbox.ca_file is None


async def test_both_protocols_trust_it(tmp_path: Path) -> None:
    config = configured(tmp_path, ca_file="missing.pem")

    adapters = adapters_of(config, ManualClock(datetime(2026, 11, 23, tzinfo=UTC)))

    with pytest.raises(MailboxUnavailable, match=r"missing\.pem"):
        await adapters.mailbox.connect()
    with pytest.raises(TemporaryFailure, match=r"missing\.pem"):
        await adapters.email.check()


async def test_doctor_names_a_file_that_is_missing_or_no_certificate(tmp_path: Path) -> None:
    config = configured(tmp_path, ca_file="ca.pem")

    with pytest.raises(Unwell, match=r"ca\.pem.*No such file.*ca_file"):
        await _authorities(config)

    (tmp_path / "ca.pem").write_text("not a certificate\n")
    with pytest.raises(Unwell, match=r"ca\.pem"):
        await _authorities(config)


async def test_doctor_says_whom_is_trusted(tmp_path: Path) -> None:
    make_certificate(tmp_path).cert.rename(tmp_path / "ours.pem")

    assert "ours.pem is trusted" in await _authorities(configured(tmp_path, ca_file="ours.pem"))
    assert "system's authorities" in await _authorities(configured(tmp_path))
