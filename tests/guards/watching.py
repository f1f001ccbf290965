"""The guards of what watches: who may read the metrics, what is a canary, when the heartbeat stops."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

METRICS = ("casework/test_metrics.py",)
CANARY = ("casework/test_canary.py",)
MARKS = ("unit/test_canary_tokens.py",)
HEARTBEAT = ("unit/test_heartbeat.py",)
READY = ("casework/test_readiness.py",)

GUARDS: list[Guard] = [
    *guards_of(
        "web/metrics.py",
        *METRICS,
        who_came_through_a_proxy_reads_no_metrics=(
            "if any(name in PASSED_ON for name in request.headers):",
            "if False:",
        ),
        metrics_are_not_read_under_a_public_name=(
            'return _names_this_machine(request.headers.get("host", ""))',
            "return True",
        ),
        metrics_are_not_read_from_elsewhere=(
            'if not _is_loopback(request.client.host if request.client else ""):',
            "if False:",
        ),
        with_a_key_configured_metrics_need_it=(
            "if not hmac.compare_digest(given, key_hash.lower()):",
            "if False:",
        ),
    ),
    *guards_of(
        "mail/trust/canary_tokens.py",
        *MARKS,
        a_mark_that_we_did_not_make_is_none=("return mark if matches else None", "return mark"),
    ),
    *guards_of(
        "store/canaries.py",
        *CANARY,
        a_mark_is_good_once=('first.is_(None) & (canaries.c.outcome == "")', "canaries.c.id.is_not(None)"),
    ),
    *guards_of(
        "loops/heartbeat.py",
        *HEARTBEAT,
        the_heartbeat_stops_where_not_all_is_well=("if not self._is_well():", "if False:"),
        the_heartbeat_follows_nobody=("follow_redirects=False", "follow_redirects=True"),
    ),
    *guards_of(
        "loops/delivery.py",
        *READY,
        a_relay_that_cannot_be_reached_is_no_sender=(
            'return "it cannot be reached" if self._line.is_failing else ""',
            'return ""',
        ),
    ),
]
