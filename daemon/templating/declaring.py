"""Makes an entry of the catalogue: what every notification may mention beside its own variables."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.templating.variables import Audience, Notification, Variable
from daemon.workflow import notices
from daemon.workflow.variants import CHOICES
from daemon.workflow.vocabulary import DeliveryChannel as Channel

COMMON: Mapping[str, Variable] = {
    "ticket_number": Variable("ticket"),
    "service_name": Variable("config"),
    "unified_number": Variable("config"),
    "mailbox_address": Variable("config"),
}

_WITHOUT_TICKET = {name: variable for name, variable in COMMON.items() if name != "ticket_number"}


def declared(
    name: str,
    variables: Mapping[str, Variable],
    *,
    email: tuple[str, ...] = ("ticket_number",),
    sms: tuple[str, ...] = ("ticket_number",),
    ticket: bool = True,
) -> Notification:
    """The notification `name` with `variables` beside those that every one has; `email` and `sms` are the
    ones that each rendering must show, `ticket` whether it is about one."""
    notice = notices.NOTICES[name]
    all_of_it = {**COMMON, **variables} if ticket else {**_WITHOUT_TICKET, **variables}
    all_of_it |= {
        choice: Variable(choices=found.options, is_derived=True)
        for choice, found in CHOICES.items()
        if found.needs in all_of_it
    }
    named: Mapping[Channel, tuple[str, ...]] = {"email": email, "sms": sms}
    mandatory = {channel: frozenset(named[channel]) for channel in notice.channels}
    defaults = {key: item.default for key, item in all_of_it.items() if item.default is not None}
    audience: Audience = "citizen" if notice.audience == "requester" else notice.audience
    return Notification(name, audience, notice.channels, all_of_it, mandatory, defaults)
