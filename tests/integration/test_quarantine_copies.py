"""The server's copies of what was set aside: found again, moved, or taken away by somebody."""

from __future__ import annotations

from daemon.store import places
from tests.casework.test_quarantine import refuted, release
from tests.integration.conftest import OpenOffice
from tests.integration.office import mail


async def test_a_copy_without_message_id_is_found_and_a_double_is_not_taken_for_it(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        double = refuted(sender="other@example.sa", message_id="<1@x>")
        await office.handle(refuted(), refuted(message_id="<1@x>"), double)

        assert [release(office, number) for number in (1, 3)] == ["", ""]
        await office.work()

        assert [row.state for row in office.inbox()] == ["done", "quarantined", "done"]
        assert office.folders() == {"INBOX": 0, "Processed": 2, "Quarantine": 1}
        client = office.box.client(office.user)
        client.select("Quarantine")
        ((_, left),) = [one for one in client.fetch("1", "(BODY[HEADER])")[1] if isinstance(one, tuple)]
        client.logout()
        assert b"khalid@example.sa" in left
        assert b"<1@x>" in left


async def test_a_copy_that_somebody_took_away_stops_nothing(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(refuted(message_id="<1@x>"))
        client = office.box.client(office.user)
        client.select("Quarantine")
        client.store("1", "+FLAGS", r"(\Deleted)")
        client.expunge()
        client.logout()

        release(office, 1)
        await office.handle(mail("sara@example.sa"))

        assert len(office.tickets()) == 2
        assert office.system.database.read_now(places.to_refile) == []
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}
