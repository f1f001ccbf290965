"""Portions of UIDs: few enough for one reading, small enough for memory, short enough for a command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from daemon.mail.wire.imap.syntax import uid_set

ASKED_AT_ONCE = 200
"""Lines asked for by one FETCH of sizes or flags."""
DATES_AT_ONCE = 2000
"""The same of dates: an old mailbox is asked once for those of all its mails."""
BATCH_MAILS = 50
BATCH_BYTES = 4 * 1024 * 1024
SET_OCTETS = 7000
"""RFC 7162, section 4: a client should keep command lines under 8192 octets."""


def chunks(uids: Sequence[int], count: int = ASKED_AT_ONCE) -> Iterable[Sequence[int]]:
    return (uids[start : start + count] for start in range(0, len(uids), count))


def batches(uids: Sequence[int], sizes: Mapping[int, int]) -> Iterable[list[int]]:
    """`uids` in their order, at most BATCH_MAILS and BATCH_BYTES a batch, or one mail however large.
    `sizes` in octets; a mail without one counts nothing."""
    batch: list[int] = []
    octets = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if batch and (len(batch) >= BATCH_MAILS or octets + size > BATCH_BYTES):
            yield batch
            batch, octets = [], 0
        batch.append(uid)
        octets += size
    if batch:
        yield batch


def uid_sets(uids: Sequence[int]) -> Iterable[str]:
    """`uids` as one `sequence-set`, or as several where it would be too long for a command line."""
    if not uids:
        return
    whole = uid_set(uids)
    if len(whole) <= SET_OCTETS:
        yield whole
    else:
        yield from uid_sets(uids[: len(uids) // 2])
        yield from uid_sets(uids[len(uids) // 2 :])
