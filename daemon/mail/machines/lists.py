"""The signs of mailing lists and bulk mail (RFC 2919, 2369; RFC 3834, section 2)."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.machines.persons import speaks_for_self
from daemon.mail.machines.signs import Signs
from daemon.mail.quoting.new_text import folded

_LIST_HEADERS: Final = frozenset(
    {
        *("mailing-list", "x-mailing-list", "x-mailman-version", "x-beenthere", "x-listname", "x-list"),
        *("x-list-id", "x-listid", "x-list-name", "x-listserver", "x-listprocessor-version", "x-list-host"),
        *("x-mlserver", "x-ml-name", "x-ml-count", "x-mailer-listid", "x-ezmlm", "x-google-group-id"),
        *("x-campaign", "x-campaignid", "x-campaign-id", "x-mailinglist", "x-mc-user", "x-csa-complaints"),
    }
)
# Mailman and its elders; a relay's bounce address alone, such as a contact form's, is none.
_LIST_SENDER: Final = re.compile(r"-(?:bounces|owner)@|\bowner-[\w.-]{1,60}@")
_BULK_PROGRAM: Final = re.compile(r"mailchimp|sendy\b|phplist|mailman|listserv|acymailing|campaign ?monitor")
# A newsletter without its headers: the sender is a role of that kind, and the text says how to leave.
_NEWS_SENDER: Final = re.compile(
    r"(?:e-?)?(?:news|newsletters?|marketing|promo\w{0,12}|offers?|updates?|campaigns?|digest"
    r"|notif(?:y|ications?)|mailing)(?:$|[-+_.\d])"
)
_LEAVE: Final = lazy(lambda: lexicon.words("newsletters", "leave"))
_TAIL_CHARS: Final = 3_000


def recognise(signs: Signs) -> str:
    """RFC 2919 and 2369 headers, those of older list programs, and RFC 3834 section 2's Precedence."""
    if signs.header("list-id"):
        return "list_id"
    for name, value in signs.headers.items():
        if value and (name.startswith("list-") or name in _LIST_HEADERS):
            return "list_headers"
    if signs.precedences & {"bulk", "list"}:
        return "precedence"
    if _LIST_SENDER.search(signs.header("sender")):
        return "list_sender"
    if _BULK_PROGRAM.search(signs.header("x-mailer")):
        return "list_program"
    return ""


def recognise_newsletter(signs: Signs) -> str:
    """By sender and wording together, where no header says it."""
    if not _NEWS_SENDER.match(signs.local) or not _LEAVE.search(folded(signs.mail.text[-_TAIL_CHARS:])):
        return ""
    return "" if speaks_for_self(signs.own) else "newsletter_wording"
