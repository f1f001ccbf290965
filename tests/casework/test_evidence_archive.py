"""The evidence of one complaint in one signed archive, and whether anything in it was touched."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from daemon.backup import evidence
from daemon.cli.main import main
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import STAFF, TEAM, last, staff_answer
from tests.integration.office import mail, proven

SECRET = b"0123456789abcdef"
ABOUT = {"number": "FRS-2026-000001-7", "made_at": "now", "made_by": "sara", "audit_head": "3 abc"}
MEMBERS = {"ticket.json": b"{}", "mails/1.eml": b"From: x\r\n\r\ny", "sent/1.eml": b"z" * 700}


def archive() -> bytes:
    return evidence.packed(ABOUT, MEMBERS, evidence.key_of(SECRET))


def members_of(octets: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(octets)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def repacked(members: dict[str, bytes]) -> bytes:
    return evidence._tar(members)


def test_a_whole_archive_tells_what_it_is_and_who_signed_it() -> None:
    found = evidence.check(archive())

    assert (found.number, found.made_by, found.audit_head, found.members) == (
        "FRS-2026-000001-7",
        "sara",
        "3 abc",
        3,
    )
    assert found.key == evidence.public_of(evidence.key_of(SECRET))
    assert evidence.check(archive(), found.key.upper()) == found
    assert archive() == archive()


@pytest.mark.parametrize("size", [0, 1, 511, 512, 1024, 2500, 3000, -513, -1])
def test_a_cut_archive_is_named(size: int) -> None:
    with pytest.raises(evidence.Changed):
        evidence.check(archive()[:size])


def test_every_single_octet_counts() -> None:
    whole = archive()
    for at in range(0, len(whole), 37):
        touched = bytearray(whole)
        touched[at] ^= 1
        with pytest.raises(evidence.Changed):
            evidence.check(bytes(touched))


def test_what_was_changed_added_taken_out_or_hidden_is_named() -> None:
    members = members_of(archive())
    without = {name: content for name, content in members.items() if name != "mails/1.eml"}
    ends = {name: members[name] for name in sorted(members, reverse=True)}
    cases = [
        (members | {"mails/1.eml": b"From: y\r\n\r\ny"}, "mails/1.eml was changed"),
        (members | {"mails/2.eml": b"more"}, "mails/2.eml was added"),
        (without, "mails/1.eml is missing"),
        (ends, "another order"),
    ]
    for changed, told in cases:
        with pytest.raises(evidence.Changed, match=told):
            evidence.check(repacked(changed))
    for more in (b"\0" * 512, repacked({"hidden.txt": b"x"})):
        with pytest.raises(evidence.Changed):
            evidence.check(archive() + more)


def test_a_manifest_made_anew_is_signed_by_somebody_else() -> None:
    forged = evidence.packed(
        ABOUT | {"number": "FRS-2026-000002-5"}, MEMBERS, evidence.key_of(b"another key!!!!!")
    )
    ours = evidence.public_of(evidence.key_of(SECRET))

    assert evidence.check(forged).key != ours
    with pytest.raises(evidence.Changed, match="another key"):
        evidence.check(forged, ours)

    members = members_of(archive())
    document = json.loads(members["manifest.json"]) | {"number": "FRS-2026-000002-5"}
    with pytest.raises(evidence.Changed, match="not the one that was signed"):
        evidence.check(repacked(members | {"manifest.json": json.dumps(document).encode()}))


@pytest.mark.parametrize(
    "change",
    [
        {"members": dict.fromkeys(MEMBERS, 1)},
        {"members": {name: {} for name in MEMBERS}},
        {"members": []},
        {"key": 7},
        {"number": ...},
    ],
)
def test_a_manifest_of_somebody_elses_making_is_refused_with_a_line(change: dict[str, Any]) -> None:
    members, key = members_of(archive()), evidence.key_of(b"another key!!!!!")
    document = json.loads(members["manifest.json"]) | {"key": evidence.public_of(key)} | change
    manifest = json.dumps({name: one for name, one in document.items() if one is not ...}).encode()
    signature = key.sign(manifest).hex().encode()

    with pytest.raises(evidence.Changed):
        evidence.check(repacked(members | {"manifest.json": manifest, "manifest.sig": signature}))


def test_a_manifest_of_nothing_but_depth_is_refused() -> None:
    with pytest.raises(evidence.Changed, match="no manifest of ours"):
        evidence.check(repacked(members_of(archive()) | {"manifest.json": b"[" * 100_000}))


async def test_an_export_holds_all_of_a_complaint_and_verifies_without_the_database(
    open_office: OpenOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>", headers=[proven()]))
        await office.handle(staff_answer(last(office, TEAM), "نعمل على الطلب"))
        raws = office.box.folders["Processed"].values()  # type: ignore[attr-defined]
        number = office.ticket().number
        sent = {one.content for one in office.smtp.taken}  # type: ignore[attr-defined]
        from daemon.casework import evidence as gathering
        from daemon.store import tickets

        stored = office.system.database.read_now(tickets.by_number, number)
        assert stored
        found = office.system.database.read_now(gathering.members_of, stored.id, number, {"number": number})

    assert {one.raw for one in raws} <= set(found.values())
    assert {content for content in found.values() if content in sent} == sent
    assert {"ticket.json", "receipts.json", "audit.json"} <= set(found)
    path = tmp_path / "e.tar"
    path.write_bytes(evidence.packed(ABOUT, found, evidence.key_of(SECRET)))

    assert main(["tickets", "verify", str(path)]) == 0
    assert "compare it with the key" in capsys.readouterr().out
    path.write_bytes(path.read_bytes()[:-2000])
    assert main(["tickets", "verify", str(path)]) == 1
    assert "is not what was signed" in capsys.readouterr().err
