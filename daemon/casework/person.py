"""Says which complaints are one person's, from a mailbox, a mobile or an account on X that somebody gave.

A mobile or an account on X that stands on the person's own tickets is theirs too, unless a ticket of another
mailbox bears it: then it stays where it is, and is told. An erasure that takes another one's complaint along
cannot be undone, so a person looks at the list first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from daemon.casework.mask import Identity
from daemon.front_desk import handle_of
from daemon.sms.numbers import mobile
from daemon.store import belongings
from daemon.store.belongings import Bearer
from daemon.workflow.mailbox import same_mailbox


class NoPerson(ValueError):
    """What was given is neither an address, nor a mobile, nor an account."""


class Ambiguous(Exception):
    """The mobile or the account stands on complaints of several mailboxes, which are named."""

    def __init__(self, mailboxes: Collection[str]) -> None:
        super().__init__(", ".join(sorted(mailboxes)))


def read(given: Iterable[str]) -> Identity:
    """The mailboxes, mobiles and accounts (@name, x.com/name) that somebody typed, in any spelling. Raises
    NoPerson."""
    who = Identity()
    for text in given:
        plain = text.strip().removeprefix("mailto:").strip("<>").strip()
        local, at, domain = plain.rpartition("@")
        if at and local and "." in domain and not set(plain) & set(" ,;<>"):
            who = who.with_(Identity(mailboxes=frozenset({same_mailbox(plain)})))
        elif number := mobile(plain):
            who = who.with_(Identity(mobiles=frozenset({number})))
        elif (account := handle_of(plain)) and account != plain:
            who = who.with_(Identity(handles=frozenset({account.lower()})))
        else:
            raise NoPerson(text)
    if not who:
        raise NoPerson("")
    return who


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `others` are tickets of other mailboxes that bear the mobile that was given; `shared` are
    mobiles and accounts of theirs that such tickets bear too, and that stay there."""

    who: Identity
    tickets: tuple[Bearer, ...]
    others: tuple[Bearer, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(one.number for one in self.tickets)

    @property
    def hold_values(self) -> frozenset[str]:
        """Whatever a legal hold may name."""
        accounts = (f"@{one}" for one in self.who.handles)
        return frozenset((*self.numbers, *self.who.mailboxes, *self.who.mobiles, *accounts, *self.shared))


def find(connection: Connection, asked: Identity, without: Collection[str] = ()) -> Person:
    """The person of whom one knows `asked`; tickets of the numbers `without` are another's. Raises
    Ambiguous."""
    return _Search(connection, asked, frozenset(without)).person()


class _Search:
    def __init__(self, connection: Connection, asked: Identity, without: frozenset[str]) -> None:
        self._connection = connection
        self._asked = asked
        self._without = without
        self._shared: set[str] = set()

    def person(self) -> Person:
        who = self._with_mailbox()
        while True:
            bearing = self._bearing(who)
            own = [one for one in bearing if self._is_own(one, who)]
            more = self._more(own, who)
            if not more:
                break
            who = who.with_(more)
        others = [one for one in bearing if not self._is_own(one, who)]
        return Person(who, tuple(own), tuple(others), tuple(sorted(self._shared)))

    def _bearing(self, who: Identity) -> list[Bearer]:
        return belongings.bearing(self._connection, who.mailboxes, who.mobiles, who.handles)

    def _with_mailbox(self) -> Identity:
        """Whoever is known by a mobile alone has the one mailbox of its tickets."""
        if self._asked.mailboxes:
            return self._asked
        named = (one for one in self._bearing(self._asked) if one.number not in self._without)
        found = {one.mailbox for one in named if one.mailbox}
        if len(found) > 1:
            raise Ambiguous(found)
        return self._asked.with_(Identity(mailboxes=frozenset(found)))

    def _is_own(self, one: Bearer, who: Identity) -> bool:
        return one.number not in self._without and (not one.mailbox or one.mailbox in who.mailboxes)

    def _more(self, own: list[Bearer], who: Identity) -> Identity:
        """What else names the person, and nobody else."""
        phones = {one.phone for one in own if one.phone} - who.mobiles - self._shared
        handles = {one.handle for one in own if one.handle} - who.handles - self._shared
        for one in phones:
            if self._is_shared(Identity(mobiles=frozenset({one})), who):
                self._shared.add(one)
        for one in handles:
            if self._is_shared(Identity(handles=frozenset({one})), who):
                self._shared.add(one)
        return Identity(mobiles=frozenset(phones - self._shared), handles=frozenset(handles - self._shared))

    def _is_shared(self, one: Identity, who: Identity) -> bool:
        return any(not self._is_own(bearer, who) for bearer in self._bearing(one))
