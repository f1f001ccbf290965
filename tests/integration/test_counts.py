"""What a complaint costs in things that can be counted: statements, commits, system calls of sockets.

Seconds differ from machine to machine and prove nothing in a test (`bench/` has those); a statement or packet
more for each complaint is seen here. The bounds lie little above what was counted.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.integration.conftest import OpenOffice
from tests.integration.office import REQUEST, Office, mail, proven

COMPLAINTS = 40
MOST = {"statements": 29, "commits": 4, "sends": 7, "receives": 13}
"""A complaint; with it one e-mail to its citizen, one to staff, and an SMS."""


@contextmanager
def counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """What the program does meanwhile. Of sockets those count that lead to a server: some servers are
    threads of this process."""
    found: Counter[str] = Counter()
    ports = {office.box.port, office.smtp.port, office.sms.port}
    engine = office.system.database.engine
    event.listen(engine, "before_cursor_execute", lambda *_: found.update(statements=1))
    event.listen(engine, "commit", lambda *_: found.update(commits=1))
    with monkeypatch.context() as patched:
        for name, what in SYSTEM_CALLS:
            original = getattr(socket.socket, name)
            patched.setattr(socket.socket, name, _counting(original, what, ports, found), raising=False)
        yield found


SYSTEM_CALLS = (("send", "sends"), ("sendmsg", "sends"), ("recv", "receives"), ("recv_into", "receives"))


def _counting(original: Callable[..., object], what: str, ports: set[int], found: Counter[str]) -> object:
    def counting(self: socket.socket, *args: object) -> object:
        if self.family == socket.AF_INET and self.getpeername()[1] in ports:
            found[what] += 1
        return original(self, *args)

    return counting


async def test_a_complaint_costs_no_more_statements_commits_and_packets_than_it_did(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(limits={"automatic_per_domain_per_hour": 1000}) as office:
        await office.handle(mail(headers=[proven()]))  # connects, loads, compiles
        mails = [
            mail(
                sender=f"c{one}@d{one}.example.sa",
                text=f"السلام عليكم\n{REQUEST}\nرقم الجوال 05512340{one:02}\n",
                headers=[proven(f"d{one}.example.sa")],
            )
            for one in range(COMPLAINTS)
        ]
        with counted(office, monkeypatch) as found:
            await office.handle(*mails)
        each = {what: round(times / COMPLAINTS, 2) for what, times in found.items()}

        assert len(office.tickets()) == COMPLAINTS + 1
        assert {row.state for row in office.outbox()} == {"sent"}
        assert each.keys() == MOST.keys(), "and nothing of it goes uncounted"
        assert {what: times for what, times in each.items() if times > MOST[what]} == {}, each
