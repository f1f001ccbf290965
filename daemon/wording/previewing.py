"""Shows a text as its reader gets it, filled in with a sample: an e-mail an SMS, the sentences of pages.

What is no text of its own (a shared piece, a footer, the page, the cheat card, the names of codes) is shown
in a text that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from daemon.templating import samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.engine import TemplateSet
from daemon.templating.formats import business_days
from daemon.templating.keys import CARD_FILE, HISTORY_FILE, PageKey, TextKey, key_of
from daemon.templating.keys import PIECES as FOLDER
from daemon.templating.names import names
from daemon.templating.page_file import sentences_of
from daemon.templating.page_words import PageWords, serving
from daemon.templating.page_words import shipped as shipped_pages
from daemon.templating.pieces import PIECES
from daemon.templating.remarks import remark
from daemon.templating.rendered import RenderedEmail, RenderedSms
from daemon.templating.samples import Context
from daemon.templating.sources import Sources
from daemon.templating.telling import told
from daemon.templating.values import Value
from daemon.templating.variables import Notification
from daemon.templating.words import Words
from daemon.templating.words import shipped as shipped_words
from daemon.wording.checking import InForce

USUAL = "usual"
_OF_LANGUAGE = "ar"
_AROUND: Mapping[str, str] = {
    "footer.staff.md": "staff_new",
    "footer.operator.md": "operator_alert",
    CARD_FILE: "staff_new",
    HISTORY_FILE: "staff_status",
}
"""In which notification something that stands around the words is shown; else in `received`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of our pages as it is shown. `is_changed`: it is another one than what is in force."""

    name: str
    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A text filled in with a sample; exactly one of `email`, `sms` and, for the words of pages, `lines`."""

    key: TextKey | PageKey
    email: RenderedEmail | None = None
    sms: RenderedSms | None = None
    lines: tuple[Line, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What a text can be shown with. `values` are its variables."""

    label: str
    values: Context


def samples_of(key: TextKey) -> list[Sample]:
    """The samples of which the text is said, the usual one first. Empty for what is no text of its own."""
    notification = NOTIFICATIONS.get(key.name)
    if notification is None:
        return []
    found = samples.contexts_of(notification, key.channel, key.variant)
    return [Sample(label, values) for label, values in found]


def show(sources: Sources, key: TextKey, values: Context) -> Shown:
    """The text with these values."""
    templates = TemplateSet(sources, key.language)
    if key.channel == "sms":
        return Shown(key, sms=templates.render_sms(key.name, values))
    notification = NOTIFICATIONS[key.name]
    takes_commands = notification.audience == "staff" and "ticket_number" in notification.variables
    reply_to = samples.REPLY_TO if takes_commands else None
    return Shown(key, email=templates.render_email(key.name, values, reply_to))


def show_page(key: PageKey, content: str, in_force: str) -> Shown:
    """The sentences of a family of pages with values as they usually are; one that cannot serve is shown as
    the program's own."""
    own = shipped_pages(key.language)[key.name]
    sentences = {**own, **serving(content, own)}
    words, examples = PageWords(key.language, sentences), _examples(key.language)
    typed, before = sentences_of(key, content), sentences_of(key, in_force)
    lines = []
    for name in own:
        values = {one: examples.get(one, f"(({one}))") for one in sentences[name].values}
        lines.append(Line(name, words.plain(name, **values), typed[name] != before[name]))
    return Shown(key, lines=tuple(lines))


def _examples(language: str) -> Mapping[str, object]:
    usual = {"number": "ticket_number", "name": "requester_name", "unified_number": "unified_number"}
    found: dict[str, object] = {name: samples.value_of(variable) or "" for name, variable in usual.items()}
    return found | {"days": business_days(10, language), "count": 3, "score": 4}


def price_of(language: str, sms: RenderedSms, segment_price: float | None) -> str:
    """What the SMS counts as, and costs where the price in riyals is known, as a sentence."""
    code = {1: "sms_price_one", 2: "sms_price_two"}.get(sms.segments, "sms_price")
    said = remark(language, code, count=str(sms.segments), length=str(len(sms.text)))
    if segment_price is None:
        return said
    return remark(language, "sms_price_riyals", said=said, price=f"{segment_price * sms.segments:.2f}")


def shown_in(path: str, texts: InForce) -> tuple[TextKey, str]:
    """The text in which a file is seen (itself, where it is one), and the first sample that says it."""
    key = key_of(path)
    if key is not None and not key.is_piece:
        return key, USUAL
    language = path.partition("/")[0] if path[:3] in ("ar/", "en/") else _OF_LANGUAGE
    if key is None:
        name = _AROUND.get(path.rpartition("/")[2], "received")
        return TextKey(name, "", "email", language), USUAL
    return next(_saying(key, texts), (TextKey("received", "", "email", language), USUAL))


def _saying(piece: TextKey, texts: InForce) -> Iterator[tuple[TextKey, str]]:
    """The texts that say a piece, and in which sample."""
    name, _, choice = piece.name.removeprefix(FOLDER).partition(".")
    words, said = shipped_words(piece.language), names(piece.language).pieces.get(name, name)
    for path in texts.paths():
        key = key_of(path)
        if key is None or key.is_piece or key.language != piece.language:
            continue
        if f"> {said}))" not in texts.read(path):
            continue
        notification = NOTIFICATIONS[key.name]
        for sample in samples_of(key):
            if _is_said(PIECES.get(name, ""), choice, notification, sample.values, words):
                yield key, sample.label
                break


def _is_said(by: str, choice: str, notification: Notification, values: Context, words: Words) -> bool:
    """Whether the program says that choice of a piece for these values."""
    if not by:
        return True
    value: Value | None = told(notification, values, words).get(by)
    if isinstance(value, bool):
        return choice == ("yes" if value else "no")
    if isinstance(value, list | tuple):
        return choice in value
    return choice == (str(value or "") or "none")
