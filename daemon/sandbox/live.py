"""Tells what happens at the desk after the play, as it happens, until somebody ends it."""

from __future__ import annotations

import asyncio

from daemon.sandbox.phones import Sms
from daemon.sandbox.servers import Accepted, Letter
from daemon.sandbox.stage import Stage
from daemon.sandbox.witness import Verdict

LOOK_EVERY_S = 0.3


async def watch(stage: Stage) -> None:
    """Tell until cancelled."""
    seen_mails = {one.inbox_id for one in await stage.witness.verdicts()}
    seen_notes = max((one.id for one in await stage.witness.notes()), default=0)

    def tell(text: str) -> None:
        zone = stage.witness.policy.calendar.timezone
        # Not wrapped: whoever copies or searches a line wants it whole.
        stage.screen.line(f"    {stage.clock.now().astimezone(zone):%d %b %H:%M:%S}  {text}")

    def on_accepted(mail: Accepted) -> None:
        tell(f"mail in   from {mail.sender}: {mail.subject}")

    def on_letter(letter: Letter) -> None:
        answered = str(letter.message["In-Reply-To"] or "").strip()
        since = next((one.at for one in stage.post.accepted if one.message_id == answered), None)
        after = f", {letter.at - since:.2f} s after the mail" if answered and since else ""
        tell(f"mail out  to {letter.recipient} ({letter.path.name}{after}): {letter.subject}")

    def on_sms(sms: Sms) -> None:
        tell(f"SMS       to {sms.number}: {sms.text}")

    stage.post.on_accepted, stage.post.on_letter, stage.phones.on_sms = on_accepted, on_letter, on_sms
    while True:
        for verdict in await stage.witness.verdicts():
            if verdict.inbox_id not in seen_mails:
                seen_mails.add(verdict.inbox_id)
                tell(f"decided   {_decision(verdict)}")
        for note in await stage.witness.notes(seen_notes):
            seen_notes = note.id
            if note.event != "mail":
                tell(f"history   {note.ticket}: {note.note} ({note.state})")
        await asyncio.sleep(LOOK_EVERY_S)


def _decision(verdict: Verdict) -> str:
    said = ", ".join(f"{one.notification} by {one.channel}" for one in verdict.said) or "nothing"
    about = f" {verdict.ticket}" if verdict.ticket else ""
    return (
        f"mail {verdict.inbox_id}: {verdict.outcome}{about} ({verdict.reason or verdict.kind}); said {said}"
    )
