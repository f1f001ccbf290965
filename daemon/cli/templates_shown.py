"""The commands `templates preview` and `test-send`: one text as its reader gets it, with sample values."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from daemon.cli.context import CommandFailed, Context, account, print_json, tell
from daemon.cli.named_texts import library, named
from daemon.cli.output import write_octets
from daemon.clock import SystemClock
from daemon.config.values import EMAIL
from daemon.courier import DeliveryFailure
from daemon.plain import ISOLATES
from daemon.store import audit
from daemon.store.audit import Deed
from daemon.templating import samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.keys import key_of, page_of
from daemon.wording.library import Library
from daemon.wording.previewing import Line, Shown, price_of, show, show_page


def preview(context: Context, arguments: argparse.Namespace) -> int:
    with library(context) as texts:
        shown = _page(context, texts, arguments) or _shown(context, texts, arguments)
    if shown.lines is not None:
        _print_lines(shown.lines, arguments.form)
    elif arguments.form == "json":
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
        print(
            f"({price_of(shown.key.language, shown.sms, context.config.sms.segment_price)})", file=sys.stderr
        )
    return 0


def _page(context: Context, texts: Library, arguments: argparse.Namespace) -> Shown | None:
    """None where no words of pages are meant."""
    path = named(context, texts, arguments)[0].text.path
    page = page_of(path)
    return show_page(page, texts.read(path), texts.read(path)) if page else None


def _print_lines(lines: Sequence[Line], form: str) -> None:
    """The sentences of pages. Raises CommandFailed."""
    if form == "html":
        raise CommandFailed("the words of pages are sentences: --as text or --as json")
    if form == "json":
        print_json({line.name: line.text for line in lines})
        return
    for line in lines:
        print(f"{line.name}: {line.text.translate(ISOLATES)}")


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
    return show(texts, key, values)


def test_send(context: Context, arguments: argparse.Namespace) -> int:
    to = arguments.to or context.config.service.operator or ""
    if not to:
        raise CommandFailed("to whom? give --to, or set service.operator")
    if not EMAIL.fullmatch(to):
        raise CommandFailed(f"{to!r} is not an e-mail address")
    from daemon.adapters import trials_of  # it loads all that sends

    with library(context) as texts:
        shown = _shown(context, texts, arguments)
    rendered = shown.email or shown.sms
    assert rendered is not None
    try:
        asyncio.run(trials_of(context.config, SystemClock()).send_mail(to, rendered, shown.key.language))
    except DeliveryFailure as failure:
        raise CommandFailed(f"it was not sent: {failure.code} {failure.reason}".replace("  ", " ")) from None
    deed = Deed(account(), "text_test_sent", f"text {shown.key.path}", {"to": to})
    with context.database() as database:
        database.transact_now(audit.record, deed, SystemClock().now())
    tell(arguments, f"sent to {to}", text=shown.key.path, to=to)
    return 0
