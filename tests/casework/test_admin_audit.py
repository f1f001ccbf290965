"""The audit's page, and the words for everything that can stand in it."""

from __future__ import annotations

import re

from daemon.store import audit
from daemon.store.audit import Deed
from daemon.store.database import Database
from daemon.templating.page_words import shipped
from daemon.web.admin.audit_pages import ON_A_PAGE, section
from daemon.workflow.vocabulary import ACTS
from tests.admin_house import NOURA, NOW, WRITER, admin_house


def test_every_act_has_a_word() -> None:
    assert {f"act_{act}" for act in ACTS} == {
        key for key in shipped("ar")["admin_audit"] if key[:4] == "act_"
    }


async def test_it_shows_who_did_what_the_newest_first(database: Database) -> None:
    house = admin_house(database, [section(database)])
    deed = Deed("<b>سالم</b>", "mail_blocked", "mail 17", {"blocked": "x@example.net", "unheard": "of"})
    database.transact_now(audit.record, deed, NOW)

    page = (await (await house.signed_in()).get("/admin/audit")).text

    assert page.index("دخل") < page.index("حظر مرسلًا")
    assert "&lt;b&gt;سالم&lt;/b&gt;" in page
    assert "المحظور: <bdi>x@example.net</bdi>" in page
    assert "unheard: <bdi>of</bdi>" in page
    assert database.read_now(audit.head)[1] in page


async def test_what_was_erased_says_so(database: Database) -> None:
    house = admin_house(database, [section(database)])
    database.transact_now(audit.record, Deed("x", "mail_blocked", "mail 17", {"blocked": "a@b.sa"}), NOW)
    database.transact_now(audit.erase, "mail 17")

    page = (await (await house.signed_in()).get("/admin/audit")).text

    assert "مُحيت التفاصيل" in page
    assert "a@b.sa" not in page


async def test_older_ones_stand_on_the_next_page(database: Database) -> None:
    house = admin_house(database, [section(database)])
    for number in range(ON_A_PAGE + 5):
        database.transact_now(audit.record, Deed("x", "text_saved", f"text {number}"), NOW)
    visitor = await house.signed_in(NOURA)

    first = (await visitor.get("/admin/audit")).text
    [older] = re.findall(r'href="\?(before=[0-9]+)"', first)
    second = (await visitor.get(f"/admin/audit?{older}")).text

    assert len(re.findall("<tr>", first)) == ON_A_PAGE + 1
    assert len(re.findall("<tr>", second)) == 6 + 1
    assert "before=" not in second
    for odd in ("before=x", "before=-1", "before=9999999999999999999", "before=٣"):
        assert (await visitor.get(f"/admin/audit?{odd}")).status_code == 200


async def test_only_operators_read_it(database: Database) -> None:
    house = admin_house(database, [section(database)])

    assert (await (await house.signed_in(WRITER)).get("/admin/audit")).status_code == 403
