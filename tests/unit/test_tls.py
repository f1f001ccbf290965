"""Whom we trust: a file of authorities that cannot be used is named, for the mailbox and the relay alike."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from daemon.courier import FrozenMessage, TemporaryFailure
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.settings import SmtpSettings
from daemon.mail.wire.tls import CaFileUnreadable, tls_context


@pytest.fixture
def no_certificate(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_text("not a certificate\n")
    return path


def test_names_and_certificates_are_verified_always() -> None:
    context = tls_context(None)

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_cannot_be_used_is_named(no_certificate: Path, is_there: bool) -> None:
    if not is_there:
        no_certificate.unlink()

    with pytest.raises(CaFileUnreadable, match=str(no_certificate)):
        tls_context(str(no_certificate))


async def test_the_mailbox_says_which_file(no_certificate: Path) -> None:
    settings = ImapSettings(host="127.0.0.1", port=1, username="u", ca_file=str(no_certificate))

    with pytest.raises(MailboxUnavailable, match=str(no_certificate)) as caught:
        await Mailbox(settings).connect()
    assert not caught.value.is_auth


async def test_the_relay_is_down_for_all_and_says_which_file(no_certificate: Path) -> None:
    courier = SmtpCourier(SmtpSettings(host="127.0.0.1", port=1, ca_file=str(no_certificate)))

    with pytest.raises(TemporaryFailure, match=str(no_certificate)) as caught:
        await courier.deliver(FrozenMessage("a@b", "c@d", b"x", "<m@b>"))
    assert caught.value.outage
