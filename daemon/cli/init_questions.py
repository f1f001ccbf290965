"""What `init` asks, in which order, and what each answer is by default. It knows no terminal and no file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from daemon.config.mistakes import table_in
from daemon.config.sms import NEEDS, Sms

Document = dict[str, Any]
Path = tuple[str | int, ...]
NONE = "none"
"""The answer that leaves a key out."""
OUTLOOK = "outlook.office365.com"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the keys that its answer goes to, its option, and its words.

    `default`: None where an answer is required.
    """

    path: Path
    option: str
    words: str
    default: str | None = None
    is_secret: bool = False
    is_yes_or_no: bool = False

    @property
    def may_be_none(self) -> bool:
        return self.path in OPTIONAL


OPTIONAL: frozenset[Path] = frozenset(
    {("smtp", "username"), ("mailbox", "authserv_id"), ("teams", 0, "lead"), ("web", "admin")}
)
"""Elsewhere `none` is a value of the file."""


def questions(document: Document, *, has_unit: bool) -> Iterator[Question]:
    """Each in turn; what is asked next follows from the answers that `document` holds by then.

    `has_unit`: systemd runs the program, which then has its own folder of data.
    """
    yield from _mailbox(document)
    yield from _smtp(document)
    yield Question(
        ("mailbox", "authserv_id"),
        "authserv_id",
        "Whose Authentication-Results are to be trusted (docs/BORDER.md)",
        NONE,
    )
    yield Question(
        ("service", "public_url"), "public_url", "The web address that links in messages begin with"
    )
    yield Question(("service", "operator"), "operator", "The operator's address, whom alerts reach")
    yield Question(
        ("service", "mode"), "mode", "live, or shadow: decide on everything and send nothing yet", "live"
    )
    yield from _team()
    yield from _sms(document)
    yield Question(("database", "url"), "database", "The database", "sqlite:///shakwa.db")
    if not has_unit:
        yield Question(("service", "data_dir"), "data_dir", "The folder of the data", "data")
    yield Question(
        ("web", "enabled"),
        "web",
        "Serve the citizens' pages, /admin/ and the intake API on 127.0.0.1:8080",
        "no",
        is_yes_or_no=True,
    )
    if document.get("web", {}).get("enabled"):
        yield from _admin(document)


def _mailbox(document: Document) -> Iterator[Question]:
    yield Question(("mailbox", "address"), "address", "The mailbox that citizens write to")
    box = document["mailbox"]
    domain = box["address"].rpartition("@")[2]
    yield Question(("mailbox", "host"), "imap_host", "Its IMAP server", f"imap.{domain}")
    way = "xoauth2" if box["host"] == OUTLOOK else "password"
    yield Question(
        ("mailbox", "auth"), "auth", "How it lets us in: password, or xoauth2 (Microsoft 365)", way
    )
    yield Question(("mailbox", "username"), "login", "Its login", box["address"])
    if box["auth"] == "password":
        yield Question(("mailbox", "password"), "password_file", "The login's password", is_secret=True)
        return
    yield Question(("oauth2", "token_url"), "token_url", "The address where tokens are fetched")
    yield Question(("oauth2", "client_id"), "client_id", "The application's id")
    yield Question(
        ("oauth2", "client_secret"), "client_secret_file", "The application's secret", is_secret=True
    )
    yield Question(
        ("oauth2", "scope"), "scope", "What the token is for", "https://outlook.office365.com/.default"
    )


def _smtp(document: Document) -> Iterator[Question]:
    box = document["mailbox"]
    is_outlook = box["host"] == OUTLOOK
    host = "smtp.office365.com" if is_outlook else box["host"].replace("imap.", "smtp.", 1)
    yield Question(("smtp", "host"), "smtp_host", "The server by which mail leaves", host)
    way = "starttls" if is_outlook else "tls"
    yield Question(
        ("smtp", "security"), "smtp_security", "Its encryption: tls, starttls, or none on this machine", way
    )
    yield Question(("smtp", "username"), "smtp_login", "Its login", box["username"])
    if document["smtp"].get("username") and box["auth"] == "password":
        words, same = "That login's password (Enter: the mailbox's)", box["password"]
        yield Question(("smtp", "password"), "smtp_password_file", words, same, is_secret=True)


def _team() -> Iterator[Question]:
    yield Question(("teams", 0, "name"), "team", "The name of the team that answers", "care")
    yield Question(("teams", 0, "address"), "team_address", "Where its notices go")
    yield Question(("teams", 0, "lead"), "team_lead", "Who hears of its breaches besides", NONE)
    yield Question(
        ("teams", 0, "escalation"),
        "team_escalations",
        "Does it decide on escalations, too",
        "yes",
        is_yes_or_no=True,
    )


def _sms(document: Document) -> Iterator[Question]:
    yield Question(("sms", "gateway"), "sms", f"How SMS leave: {', '.join((*_GATEWAYS, NONE))}", "none")
    name = document["sms"]["gateway"]
    secrets = iter(("sms_secret_file", "sms_second_secret_file"))
    for key in NEEDS.get(name, ()):
        path, words = ("sms", name, key), f"{name}: {key}"
        if key == "url":
            yield Question(path, "sms_url", words, _example(name, key))
        elif key == "username":
            yield Question(path, "sms_username", words)
        else:
            yield Question(path, next(secrets), words, is_secret=True)
    if name not in (NONE, "console"):
        yield Question(("sms", "sender"), "sms_sender", "The registered sender name")


_GATEWAYS = tuple(name for name in NEEDS if name != "http")
"""One that is declared in TOML has more keys than a few questions."""


def _example(gateway: str, key: str) -> str | None:
    table = table_in(Sms.model_fields[gateway].annotation)
    examples = table.model_fields[key].examples if table else None
    return str(examples[0]) if examples else None


def _admin(document: Document) -> Iterator[Question]:
    yield Question(("web", "admin"), "admin", "Who signs in at /admin/", NONE)
    if document["web"].get("admin"):
        words = "Their password, typed twice; only its hash is kept"
        yield Question(("admins", 0, "password_hash"), "admin_password_file", words, is_secret=True)


def staff_words(count: int) -> str:
    return f"{'Another' if count else 'A'} member of the team, as NAME <ADDRESS> (Enter: no more)"


def put(document: Document, path: Path, value: Any) -> None:
    """Sets what `path` leads to; None takes it out."""
    *way, last = path
    here: Any = document
    for step, following in zip(way, path[1:], strict=True):
        if isinstance(here, list):
            here.extend({} for _ in range(int(step) + 1 - len(here)))
            here = here[int(step)]
        else:
            here = here.setdefault(step, [] if isinstance(following, int) else {})
    if value is None:
        here.pop(last, None)
    else:
        here[last] = value
