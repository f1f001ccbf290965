"""How the desk is watched from outside, and watches itself: [heartbeat] and [canary]."""

from __future__ import annotations

from daemon.config.values import Email, SafeAddress, Table, key


class Heartbeat(Table):
    """An address outside that is asked for while all is well (healthchecks and its like, docs/RUNBOOK.md):
    whoever misses it raises the alarm that nothing inside can."""

    url: SafeAddress | None = key(
        None,
        "The address; whoever knows it can pretend that all is well: better as url_file.",
        says="none is asked for",
        example="https://hc-ping.example/3d2ef2b6-7a2d-4d6e-a0f0-1f4d4e0c8a11",
        shown=False,
        may_hold_secret=True,
        repr=False,
    )
    every_seconds: int = key(60, "How often.", ge=5, le=3600)


class Canary(Table):
    """A complaint of the program's own, through the real mailbox and back, counted nowhere."""

    every_minutes: int = key(0, "How often; 0: only by the command `canary`.", ge=0, le=1440)
    address: Email | None = key(
        None,
        "Where its answer goes. It is not seen there: the canary ends as the relay takes it.",
        says="to the mailbox itself, where it is seen to come back",
        example="canary@example.sa",
        shown=False,
    )
