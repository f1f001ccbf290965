"""The reconciliation against a real mail server and both databases."""

from __future__ import annotations

from datetime import timedelta

from daemon.casework.reconciliation import Comparison, Result
from daemon.settings import scope_of
from daemon.store import reconciliation as store
from tests.integration.conftest import OpenOffice
from tests.integration.office import Office, mail
from tests.integration.test_quarantine_copies import refuted


async def compared(office: Office) -> Result:
    system = office.system
    comparison = Comparison(system.database, system.liveness, scope_of(system.config))
    return await comparison.run(system.fetch._mailbox, office.clock.now())


async def kinds(office: Office) -> list[tuple[str, str, int]]:
    return [(one.kind, one.folder, one.count) for one in (await compared(office)).found]


PUT_BACK = ("mail_unseen", "INBOX", 1)


async def test_rows_and_a_real_mailbox_agree_until_somebody_moves_mail_by_hand(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail(message_id="<1@x>"), refuted(message_id="<2@x>"))
        assert await office.system.reconciliation.run(office.system.fetch._mailbox)
        office.clock.advance(days=1)
        await office.handle(mail("sara@example.sa", message_id="<3@x>"))

        assert await kinds(office) == []

        client = office.box.client(office.user)
        office.box.append([mail("huda@example.sa")], folder="Processed", user=office.user)
        client.select("Quarantine")
        client.uid("COPY", "1:*", "INBOX")  # a mail that was set aside, put back
        client.logout()
        assert await kinds(office) == [PUT_BACK, ("folder_surplus", "Processed", 1)]

        client = office.box.client(office.user)
        client.select("Processed")
        client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()
        client.logout()
        assert await kinds(office) == [PUT_BACK, ("folder_shortage", "Processed", 1)]
        await office.work()
        assert office.folders() == {"INBOX": 0, "Processed": 0, "Quarantine": 2}


async def test_a_folder_that_was_made_anew_is_counted_afresh(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(message_id="<1@x>"))
        await office.system.reconciliation.run(office.system.fetch._mailbox)
        first = office.system.database.read_now(store.last)
        client = office.box.client(office.user)
        client.delete("Processed")
        client.logout()
        office.clock.advance(days=1)
        await office.handle(mail("sara@example.sa", message_id="<3@x>"))

        result = await compared(office)

        assert result.found == ()
        assert first is not None
        assert result.folders["Processed"][0] != first.folders["Processed"][0]


async def test_a_mail_that_the_server_shows_and_nobody_took_in_is_named_by_its_uid(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail(message_id="<1@x>"))
        office.arrive(mail("sara@example.sa"), at=office.clock.now() - timedelta(hours=2))

        (one,) = (await compared(office)).found

        assert (one.kind, one.number, one.folder) == ("mail_unseen", 2, "INBOX")
        assert one.since == office.clock.now() - timedelta(hours=2)
