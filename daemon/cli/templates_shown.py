"""The commands `templates preview` and `test-send`: one text as its reader gets it, with sample values."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass

from daemon.cli.context import CommandFailed, Context, print_json
from daemon.cli.named_texts import add_name, library, named
from daemon.cli.output import write_octets
from daemon.clock import SystemClock
from daemon.config.values import EMAIL
from daemon.courier import DeliveryFailure, FrozenMessage
from daemon.plain import ISOLATES
from daemon.templating import samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.engine import RenderedEmail, RenderedSms, TemplateSet
from daemon.templating.keys import TextKey, key_of
from daemon.templating.remarks import remark
from daemon.wording.library import Library

TEST = {"ar": "تجربة", "en": "test"}
"""How the subject of a test begins, in brackets: nobody may take it for a real message."""


def add_preview(parser: argparse.ArgumentParser) -> None:
    _add_shown(parser)
    parser.add_argument("--as", dest="form", choices=("text", "html", "json"), default="text")
    parser.set_defaults(run=preview)


def add_test_send(parser: argparse.ArgumentParser) -> None:
    _add_shown(parser)
    parser.add_argument("--to", metavar="ADDRESS", required=True, help="yours: a real mail goes there")
    parser.set_defaults(run=test_send)


def _add_shown(parser: argparse.ArgumentParser) -> None:
    add_name(parser)
    parser.add_argument("--sample", metavar="SAMPLE", default="usual", help="its values; default: usual")


@dataclass(frozen=True, slots=True)
class Shown:
    """A text filled in with a sample; exactly one of `email` and `sms`."""

    key: TextKey
    email: RenderedEmail | None = None
    sms: RenderedSms | None = None


def preview(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        shown = _shown(context, texts, arguments)
    if arguments.form == "json":
        print_json(_document(shown, arguments.sample))
    elif shown.email is not None:
        if arguments.form == "html":
            write_octets(shown.email.html.encode())
        else:
            print(f"{shown.email.subject}\n\n{shown.email.text.translate(ISOLATES)}")
    elif shown.sms is not None:
        if arguments.form == "html":
            raise CommandFailed("an SMS has no HTML: --as text or --as json")
        print(shown.sms.text)
        print(f"({_price(context, shown.key.language, shown.sms)})", file=sys.stderr)
    return 0


def _price(context: Context, language: str, sms: RenderedSms) -> str:
    """What the SMS counts as, and costs where the price is known, as a sentence."""
    code = {1: "sms_price_one", 2: "sms_price_two"}.get(sms.segments, "sms_price")
    said = remark(language, code, count=str(sms.segments), length=str(len(sms.text)))
    price = context.config.sms.segment_price
    if price is None:
        return said
    return remark(language, "sms_price_riyals", said=said, price=f"{price * sms.segments:.2f}")


def _document(shown: Shown, sample: str) -> dict[str, object]:
    rendered = shown.email or shown.sms
    assert rendered is not None
    head: dict[str, object] = {
        "name": shown.key.label,
        "channel": shown.key.channel,
        "language": shown.key.language,
        "sample": sample,
        "revision": rendered.revision,
    }
    if shown.email is not None:
        email = shown.email
        return {**head, "subject": email.subject, "text": email.text, "html": email.html}
    assert shown.sms is not None
    return {**head, "text": shown.sms.text, "segments": shown.sms.segments}


def _shown(context: Context, texts: Library, arguments: argparse.Namespace) -> Shown:
    """Raises CommandFailed where it is no text of its own, or there is no such sample."""
    key = next((key for row in named(context, texts, arguments) if (key := key_of(row.text.path))), None)
    notification = NOTIFICATIONS.get(key.name) if key else None
    if key is None or notification is None:
        raise CommandFailed(f"{arguments.name} is part of other texts: preview one of those")
    contexts = dict(samples.contexts_of(notification, key.channel, key.variant))
    values = contexts.get(arguments.sample)
    if values is None:
        raise CommandFailed(f"there is no sample {arguments.sample!r}; there are {', '.join(contexts)}")
    templates = TemplateSet(texts, key.language)
    if key.channel == "sms":
        return Shown(key, sms=templates.render_sms(key.name, values))
    takes_commands = notification.audience == "staff" and "ticket_number" in notification.variables
    reply_to = samples.REPLY_TO if takes_commands else None
    return Shown(key, email=templates.render_email(key.name, values, reply_to))


def test_send(context: Context, arguments: argparse.Namespace) -> int:
    if not EMAIL.fullmatch(arguments.to):
        raise CommandFailed(f"{arguments.to!r} is not an e-mail address")
    with library(context) as texts:
        shown = _shown(context, texts, arguments)
    message = _message(context, shown, arguments.to)
    try:
        asyncio.run(_send(context, message))
    except DeliveryFailure as failure:
        raise CommandFailed(f"it was not sent: {failure.code} {failure.reason}".replace("  ", " ")) from None
    print(f"sent to {arguments.to}")
    return 0


def _message(context: Context, shown: Shown, to: str) -> FrozenMessage:
    from daemon.dispatch.marks import Marks, Stationery
    from daemon.mail.trust.tokens import Keyring
    from daemon.mail.wire.compose import compose
    from daemon.mail.wire.outgoing import OutgoingMail

    config, language = context.config, shown.key.language
    address = config.mailbox.address
    reference = Marks(Stationery(Keyring(config.service.secret_key)), address).reference("email")
    if shown.email is not None:
        subject, text, html = shown.email.subject, shown.email.text, shown.email.html
    else:
        assert shown.sms is not None
        subject, text, html = f"SMS ({shown.sms.segments})", shown.sms.text, ""
    mail = OutgoingMail(
        message_id=reference,
        date=SystemClock().now(),
        from_name=config.from_name,
        from_address=address,
        to_address=to,
        subject=f"[{TEST[language]}] {subject}",
        text=text,
        html=html,
        language=language,
    )
    return FrozenMessage(address, to, compose(mail), reference)


async def _send(context: Context, message: FrozenMessage) -> None:
    from daemon.adapters import adapters_of

    courier = adapters_of(context.config, SystemClock()).email
    try:
        await courier.deliver(message)
    finally:
        await courier.close()
