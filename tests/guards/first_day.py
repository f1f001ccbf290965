"""Guards of the first day: old mail is answered by nothing, and new mail is not taken for old."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "loops/left_mail.py",
        "casework/test_left_mail.py",
        old_mail_is_left=("return [uid for uid in waiting if uid not in older]", "return waiting"),
        what_comes_after_the_first_start_is_new=("self._given or uid < start.uidnext", "uid"),
        what_was_left_is_asked_about_once=(
            "uid not in known and uid not in self._left",
            "uid not in known",
        ),
    ),
    *guards_of(
        "loops/fetch.py",
        "casework/test_left_mail.py",
        a_mailbox_out_of_reach_makes_no_mail_old=("        await self._left.note_the_start()\n", ""),
    ),
    *guards_of(
        "workflow/answer_since.py",
        "unit/test_workflow_answer_since.py",
        "casework/test_left_mail.py",
        a_clock_ahead_hides_no_new_mail=("min(here, server) - BEFORE_THE_START", "here - BEFORE_THE_START"),
    ),
    *guards_of(
        "casework/deliveries.py",
        "casework/test_going_live.py",
        what_only_the_shadow_took_starts_no_clock=(
            "if said.gateway == shadow.SHADOW and not shadow.is_on(case.connection):",
            "if False:",
        ),
    ),
    *guards_of(
        "store/shadow.py",
        "casework/test_going_live.py",
        whom_only_the_shadow_asked_is_not_closed_out=(
            "update(tickets).where(waits).values(held=True)",
            "update(tickets).where(waits).values(held=False)",
        ),
        no_clock_is_the_first_that_they_hear=(
            "delete(deadlines).where(said_by_clocks, deadlines.c.ticket_id.in_(_UNHEARD))",
            "delete(deadlines).where(said_by_clocks, deadlines.c.ticket_id == 0)",
        ),
    ),
]
