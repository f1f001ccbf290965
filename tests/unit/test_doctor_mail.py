"""What `doctor` says of the border, and of a mail of its own that must come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.cli import doctor_mail
from daemon.cli.doctor_mail import NOBODY, NeedsAPerson, Unwell, comes_back, look, told
from daemon.config import Config, load
from daemon.courier import FrozenMessage
from tests.casework.world import MemoryCourier, MemoryMailbox
from tests.integration.office import START, configuration

MX = "mx.momah.gov.sa"
VERDICT = f"Authentication-Results: {MX}; dmarc=pass header.from=example.sa\r\n"
RECEIVED = f"Received: from x (out.example.org [203.0.113.7]) by {MX} (Postfix) with ESMTPS id 4; x\r\n"
REST = "From: a@example.sa\r\n\r\nx"
DKIM = f"Authentication-Results: {MX}; dkim=pass header.d=example.sa\r\n"
GOOD, SILENT, BELOW, DKIM_ALONE = (
    f"{head}{REST}".encode() for head in (VERDICT + RECEIVED, RECEIVED, RECEIVED + VERDICT, DKIM + RECEIVED)
)


def line(*heads: bytes, authserv_id: str = MX, named: tuple[str, ...] = ()) -> str:
    return told(look(heads, authserv_id, named), authserv_id, named)


def test_it_counts_verdicts_and_names_the_border_that_it_learnt() -> None:
    said = line(*[GOOD] * 8, SILENT, BELOW)

    assert f"8 of the last 10 mails carry a verdict of {MX}" in said
    assert f"the border is {MX} (learnt)" in said
    assert "1 carry one only below" in said
    assert "([mailbox] border)" in line(GOOD, named=(MX,))
    assert "no mail yet" in line()


@pytest.mark.parametrize("head", [SILENT, BELOW, DKIM_ALONE])
def test_a_border_that_says_nothing_of_anybody_is_unwell(head: bytes) -> None:
    assert "0 of the last 3" in line(head, head, head), "three may be chance"
    with pytest.raises(Unwell, match=rf"0 of the last 50 mails carry a verdict of {MX}.*docs/BORDER.md"):
        line(*[head] * 50)


def config(folder: Path, **mailbox: Any) -> Config:
    box: Any = MemoryMailbox()
    path = configuration(
        url=f"sqlite:///{folder}/shakwa.db",
        folder=folder,
        imap=box,
        user="infocs",
        smtp=box,
        sms=type("Gateway", (), {"url": "http://127.0.0.1:1/x", "app_sid": "s"}),
        changed={"mailbox": mailbox},
    )
    return load(path)


async def test_without_a_border_it_says_how_little_the_reply_address_is(tmp_path: Path) -> None:
    nobody = await doctor_mail.border(config(tmp_path, authserv_id=None))
    assert nobody == NOBODY
    assert "no survey by SMS" in nobody
    internal = config(tmp_path, authserv_id=None, internal_header="X-Inside: yes")
    staff_alone = await doctor_mail.border(internal)
    assert "internal header" in staff_alone
    assert "no survey by SMS" in staff_alone
    assert isinstance(nobody, NeedsAPerson)
    assert isinstance(staff_alone, NeedsAPerson)


def test_verdicts_below_the_border_need_a_person() -> None:
    assert isinstance(line(GOOD, BELOW), NeedsAPerson)
    assert not isinstance(line(GOOD, SILENT), NeedsAPerson)


async def test_on_an_empty_database_there_is_no_mail_yet(tmp_path: Path) -> None:
    assert "no mail yet" in await doctor_mail.border(config(tmp_path))


class Loop(MemoryCourier):
    """Delivers into a mailbox."""

    def __init__(self, box: MemoryMailbox) -> None:
        super().__init__()
        self.box = box

    async def deliver(self, message: FrozenMessage) -> Any:
        self.box.append([message.content], user="infocs", internaldate=START)
        return await super().deliver(message)


@pytest.mark.parametrize("arrives", [True, False])
async def test_its_own_mail_to_a_sub_address_must_come_back(
    arrives: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_mail, "COMES_BACK_WITHIN_S", 0.05)
    monkeypatch.setattr(doctor_mail, "LOOKS_EVERY_S", 0.0)
    box = MemoryMailbox()
    courier = Loop(box) if arrives else MemoryCourier()
    adapters: Any = type("Two", (), {"mailbox": box, "email": courier})
    found = config(tmp_path)

    if arrives:
        assert "infocs+test@momah.gov.sa came back" in await comes_back(found, adapters)
    else:
        with pytest.raises(Unwell, match="subaddressing = false"):
            await comes_back(found, adapters)
    assert courier.taken[0].recipient == "infocs+test@momah.gov.sa"
    assert b"Auto-Submitted: auto-generated" in courier.taken[0].content
