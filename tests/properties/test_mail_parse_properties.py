"""The parser over generated mail: total, store-safe, the same each time, and no word lost."""

from __future__ import annotations

from hypothesis import given, settings

from daemon.mail.letter.contents import attachment_contents
from daemon.mail.letter.message import IncomingMail
from daemon.mail.letter.parse import parse
from tests.growth import assert_grows_linearly
from tests.strategies_mail import Flood, Written, anything, floods, well_formed


def lines_of(mail: IncomingMail) -> list[str]:
    """Everything that must be one line."""
    addresses = (*mail.from_addresses, *mail.to, *mail.cc, *mail.reply_to)
    return [
        mail.subject,
        *(value for field in (*mail.headers, *mail.original_headers) for value in field),
        *(value for address in addresses for value in (address.name, address.email)),
        *(attachment.filename for attachment in mail.attachments),
        *mail.references,
        *mail.content_parameters.values(),
    ]


@given(anything)
def test_any_mail_is_read_and_can_be_stored(raw: bytes) -> None:
    mail = parse(raw)

    assert "reader" not in mail.defects
    for line in lines_of(mail):
        assert len(line.splitlines()) <= 1
        assert "\0" not in line
        line.encode()
    for text in (mail.text, mail.delivery_status):
        assert "\0" not in text
        text.encode()


@given(anything)
def test_the_same_octets_give_the_same_mail(raw: bytes) -> None:
    assert parse(raw) == parse(raw)


@given(anything)
def test_every_attachment_has_its_octets(raw: bytes) -> None:
    listed = [(attachment, len(octets)) for attachment, octets in attachment_contents(raw)]

    assert [attachment for attachment, _ in listed] == list(parse(raw).attachments)
    assert [size for _, size in listed] == [attachment.size_bytes for attachment, _ in listed]


@given(well_formed())
def test_no_word_of_a_well_formed_mail_is_lost(written: Written) -> None:
    mail = parse(written.raw)

    assert mail.text.split() == list(written.words)
    assert mail.subject == written.subject
    assert mail.sender is not None
    assert mail.sender.email == written.sender


@given(floods())
@settings(derandomize=True)  # each run floods alike: what costs more once does so in every run
def test_a_flood_of_one_unit_costs_linear_time(flood: Flood) -> None:
    assert_grows_linearly(parse, flood.octets, 250)
