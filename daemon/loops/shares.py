"""Looks at both SMS gateways each half minute, and moves their shares where the rule says so.

Every daemon looks, and one decides: the share is changed by whoever knows its last version. Which gateway an
SMS goes to is drawn when its words are frozen, by its number, and kept with them: from then on only that one
may have it, unless a change is written down first.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.courier import TemporaryFailure
from daemon.store import gateway_shares, outbox
from daemon.store.database import Database, StoreUnavailable
from daemon.store.gateway_shares import Pair, Stored
from daemon.workflow.shares import Bounds, Share, at_rest, is_of_second, looked
from daemon.workflow.vocabulary import Alarm

log = logging.getLogger(__name__)

Alert = Callable[[Connection, datetime, Alarm, str], None]
"""Tells the operator, in the transaction of the move."""


class Shares:
    """The shares of one pair of gateways."""

    def __init__(self, database: Database, pair: Pair, bounds: Bounds, clock: Clock, alert: Alert) -> None:
        self._database = database
        self._pair = pair
        self._bounds = bounds
        self._clock = clock
        self._alert = alert
        self._errors: Counter[str] = Counter()
        self._lock = threading.Lock()

    # --- looking ----------------------------------------------------------------------------------------

    def note_error(self, gateway: str) -> None:
        """`gateway` could not take an SMS, or did not say whether it did."""
        with self._lock:
            self._errors[gateway] += 1

    async def look(self) -> None:
        """One look. Raises StoreUnavailable."""
        await self.run()

    async def run(self) -> bool:
        """The same. True where the shares moved. Raises StoreUnavailable; nothing noted is lost by it."""
        with self._lock:
            errors, self._errors = self._errors, Counter()
        try:
            return await self._database.transact(self._look, errors, self._clock.now())
        except BaseException:
            with self._lock:
                self._errors += errors
            raise

    def _look(self, connection: Connection, errors: Counter[str], now: datetime) -> bool:
        gateway_shares.note_errors(connection, errors, now)
        before = gateway_shares.read(connection, self._pair) or Stored(at_rest(now), 0)
        first, second = (
            gateway_shares.seen(connection, name, now, self._bounds)
            for name in (self._pair.first, self._pair.second)
        )
        share = looked(before.share, first, second, now, self._bounds)
        if share == before.share or not gateway_shares.change(connection, self._pair, share, before.version):
            return False
        if share.percent == before.share.percent:
            return False
        log.warning("shares of SMS: %s", told := self._told(share))
        self._alert(connection, now, "sms_share", told)
        return True

    def _told(self, share: Share) -> str:
        pair = self._pair
        return f"{pair.first} {share.first} %, {pair.second} {share.percent} %: {share.why}"

    # --- choosing ---------------------------------------------------------------------------------------

    def choose(self, connection: Connection, recipients: Sequence[str]) -> list[str]:
        """The gateways to which SMS to those numbers are first given. What one person is sent goes one way as
        long as the shares stand: so it also arrives in order."""
        stored = gateway_shares.read(connection, self._pair)
        if stored is None:
            return [self._pair.first] * len(recipients)
        lots = map(lot_of, recipients)
        return [self._pair.second if is_of_second(stored.share, lot) else self._pair.first for lot in lots]


class Moves:
    """Writes down that a gateway gets an SMS in place of the one before it, which took nothing: before it is
    handed over, or a crash in between would let a third try go to the first again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, reference: str, gateway: str) -> None:
        """Raises TemporaryFailure where it cannot be written down: then nobody gets the SMS now."""
        try:
            await self._database.transact(outbox.note_gateway, reference, gateway)
        except StoreUnavailable as error:
            raise TemporaryFailure("its change of gateway cannot be written down") from error


def lot_of(recipient: str) -> int:
    """From 0 to 99, the same for a number whoever draws it."""
    return int.from_bytes(hashlib.sha256(recipient.encode()).digest()[:8], "big") % 100
