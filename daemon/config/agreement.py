"""What one table says about another: a team is not the mailbox, staff belong to teams that exist.

Reads the document as it stands and passes over what is of a wrong type, so that a mistake elsewhere hides
none of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from daemon.config import http_agreement
from daemon.config.mail import Mailbox
from daemon.config.mistakes import Path
from daemon.config.sms import NEEDS
from daemon.config.values import folded

Document = Mapping[str, Any]
Mistake = tuple[Path, str]
FOLDERS = ("folder", "processed", "quarantine")


def disagreements(document: Document) -> Iterator[Mistake]:
    yield from _folders(document)
    yield from _forms(document)
    yield from _oauth2(document)
    yield from _official(document)
    yield from _gateways(document)
    yield from _teams(document)
    yield from _staff(document)
    yield from _admins(document)
    yield from _doubled(
        "api_clients", "name", [_text(one, "name") for one in _entries(document, "api_clients")]
    )


def used_gateways(document: Document) -> list[str]:
    sms = _table(document, "sms")
    return [name for name in (_text(sms, "gateway"), _text(sms, "fallback")) if name in NEEDS]


def _folders(document: Document) -> Iterator[Mistake]:
    mailbox = _table(document, "mailbox")
    fields = Mailbox.model_fields
    names = {str(mailbox.get(key, fields[key].default)).lower() for key in FOLDERS}
    if len(names) < len(FOLDERS):
        yield ("mailbox", "folder"), "folder, processed and quarantine must be three different folders"


def _forms(document: Document) -> Iterator[Mistake]:
    """Whoever writes from an address of our own is no form, or their own words would be somebody else's."""
    mailbox = _table(document, "mailbox")
    ours = {_text(mailbox, "address").lower(): "the mailbox itself"}
    for person in _entries(document, "staff"):
        for address in (_text(person, "email"), *_texts(person, "aliases")):
            ours[address.lower()] = "an address of staff"
    for number, address in enumerate(_texts(mailbox, "form_senders")):
        if address and (whose := ours.get(address.lower())):
            yield ("mailbox", "form_senders", number), f"must not be {whose}"


def _official(document: Document) -> Iterator[Mistake]:
    """The strip tells people how they know an official site: so must ours be."""
    url = urlsplit(_text(_table(document, "service"), "public_url"))
    is_so = url.scheme == "https" and (url.hostname or "").endswith(".gov.sa")
    if _table(document, "web").get("official_strip") is True and not is_so:
        yield ("web", "official_strip"), "needs a service.public_url that is https and ends in .gov.sa"


def _oauth2(document: Document) -> Iterator[Mistake]:
    auths = {_text(_table(document, name), "auth") for name in ("mailbox", "smtp")}
    if "oauth2" not in document and "xoauth2" in auths:
        yield ("oauth2",), 'is required with auth = "xoauth2"'
    if oauth2 := _table(document, "oauth2"):
        ways = ("client_secret", "private_key")
        if not any(oauth2.get(name) or f"{name}_file" in oauth2 for name in ways):
            yield ("oauth2", "client_secret"), "is required, or private_key in its place"


def _gateways(document: Document) -> Iterator[Mistake]:
    for name in used_gateways(document):
        given = _table(_table(document, "sms"), name)
        for key in NEEDS[name]:
            if given.get(key, "") == "" and f"{key}_file" not in given:
                yield ("sms", name, key), "is required"
    if declared := _table(_table(document, "sms"), "http"):
        yield from http_agreement.mistakes_of(declared, is_used="http" in used_gateways(document))


def _teams(document: Document) -> Iterator[Mistake]:
    mailbox = _text(_table(document, "mailbox"), "address").lower()
    teams = _entries(document, "teams")
    for number, team in enumerate(teams):
        if mailbox and _text(team, "address").lower() == mailbox:
            # Its notices would come back as complaints, for ever.
            yield ("teams", number, "address"), "must not be the mailbox itself"
    yield from _doubled("teams", "name", [_text(team, "name") for team in teams])
    named = _text(_table(document, "privacy"), "team")
    if named and named not in {_text(team, "name") for team in teams}:
        yield ("privacy", "team"), f"names no team of [[teams]]: {named!r}"


def _staff(document: Document) -> Iterator[Mistake]:
    names = {_text(team, "name") for team in _entries(document, "teams")}
    staff = _entries(document, "staff")
    addresses = []
    for number, person in enumerate(staff):
        for team in _texts(person, "teams"):
            if team not in names:
                yield ("staff", number, "teams"), f"there is no team {team!r}"
        addresses += [_text(person, "email").lower(), *(alias.lower() for alias in _texts(person, "aliases"))]
    yield from _doubled("staff", "email", addresses)


def _admins(document: Document) -> Iterator[Mistake]:
    admins = _entries(document, "admins")
    yield from _doubled("admins", "name", [folded(_text(one, "name")) for one in admins])
    addresses = [_text(one, "email").lower() for one in admins]
    yield from _doubled("admins", "email", addresses)
    subjects = [_text(one, "subject") for one in admins]
    yield from _doubled("admins", "subject", subjects)
    if "oidc" in document:
        yield from _oidc(document)


EVERYBODYS_TENANTS = ("common", "organizations", "consumers")
"""Of Microsoft Entra: anybody in the world signs in there, with whatever their own administrator wrote."""


def _oidc(document: Document) -> Iterator[Mistake]:
    oidc = _table(document, "oidc")
    if any(part in EVERYBODYS_TENANTS for part in urlsplit(_text(oidc, "issuer").lower()).path.split("/")):
        yield ("oidc", "issuer"), "lets in every tenant: name the ministry's own (…/TENANT-ID/v2.0)"


def _doubled(section: str, key: str, values: list[str]) -> Iterator[Mistake]:
    for value, times in sorted(Counter(values).items()):
        if value and times > 1:
            yield (section, key), f"{value!r} stands there more than once"


def _table(document: Document, name: str) -> Document:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _entries(document: Document, name: str) -> list[Document]:
    found = document.get(name)
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else []


def _text(table: Document, key: str) -> str:
    found = table.get(key)
    return found if isinstance(found, str) else ""


def _texts(table: Document, key: str) -> list[str]:
    found = table.get(key)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
