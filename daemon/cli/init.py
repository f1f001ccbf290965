"""The command `init`: asks a few questions and writes the configuration, the secrets and what systemd needs.

Each answer is judged by the models that judge the file, as soon as it is given. Nothing is written before the
last answer, and then all of it or nothing (`cli.init_files`).
"""

from __future__ import annotations

import argparse
import copy
import getpass
import os
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from daemon import invocation
from daemon.cli.context import CommandFailed, Context, WrongUse, print_line
from daemon.cli.init_files import NewFile, refuse_existing, write_all
from daemon.cli.init_questions import NONE, Document, Question, put, questions, staff_words
from daemon.cli.init_unit import CREDENTIALS, SERVICE, Units
from daemon.cli.secret import admin_hash, secret_key
from daemon.config.loading import check
from daemon.config.mistakes import ConfigError, place
from daemon.config.writing import text_of, without_defaults

SYSTEM = Path("/etc/shakwa/shakwa.toml")
NAMES = {
    ("mailbox", "password"): "imap",
    ("smtp", "password"): "smtp",
    ("admins", 0, "password_hash"): "admin_hash",
}
"""The file of a secret, where it is not called as the key is."""


def run(context: Context, arguments: argparse.Namespace) -> int:
    path = (context.path or (SYSTEM if os.geteuid() == 0 else Path("shakwa/shakwa.toml"))).resolve()
    refuse_existing([path])
    units = Units.of(path, _unit_folder(arguments))
    answers = Answers(path.parent, arguments)
    document = answers.asked(has_unit=units is not None)
    files = _files(document, path, units)
    write_all(files)
    for file in files:
        print_line(f"written: {file.path}")
    _tell_what_is_next(path, units)
    return 0


def _unit_folder(arguments: argparse.Namespace) -> Path | None:
    if arguments.no_units:
        return None
    if arguments.units:
        return Path(arguments.units).resolve()
    usual = Path("/etc/systemd/system")
    return usual if os.geteuid() == 0 and usual.is_dir() else None


class Answers:
    """The answers, from the options, from the standard input, or the defaults (`--yes`)."""

    def __init__(self, base: Path, arguments: argparse.Namespace) -> None:
        self._base = base
        self._given = vars(arguments)
        self._asks = not arguments.yes
        self._has_unit = False
        self._missing: list[str] = []
        self._document: Document = {"service": {"secret_key": secret_key()}}

    def asked(self, *, has_unit: bool) -> Document:
        """Raises CommandFailed, ConfigError."""
        self._has_unit = has_unit
        if has_unit:
            put(self._document, ("service", "data_dir"), "/var/lib/shakwa")
        for question in questions(self._document, has_unit=has_unit):
            self._answer(question)
        self._staff()
        if self._missing:
            raise WrongUse(f"--yes asks nothing, so give also {', '.join(self._missing)}")
        admin = self._document.get("web", {}).pop("admin", None)
        if admin:
            put(self._document, ("admins", 0, "name"), admin)
        return without_defaults(self._document, self._base)

    def _answer(self, question: Question) -> None:
        given = self._given[question.option]
        if given is not None:
            text = _content(given) if question.is_secret else given
            if (why := self._take(question, text)) is None:
                return
            if not self._asks:
                raise CommandFailed(why)
            print(why, file=sys.stderr)
        if self._asks:
            while (why := self._take(question, self._typed(question))) is not None:
                print(why, file=sys.stderr)
        elif question.default is not None:
            self._take(question, question.default)
        else:
            self._missing.append(f"--{question.option.replace('_', '-')}")
            self._take(question, _STOPGAP.get(str(question.path[-1]), "x"))

    def _take(self, question: Question, text: str) -> str | None:
        """Keep the answer, or say why it will not do; None where it is kept."""
        label = f"--{question.option.replace('_', '-')}"
        if not text.isprintable() or not _is_unicode(text):
            return f"{label}: holds a character that cannot stand there"
        if not text and question.default is None:
            return f"{label}: needs an answer"
        try:
            value = _value(question, text)
            if question.path == ("database", "url") and self._has_unit and _has_password(text):
                raise CommandFailed(
                    "a password would lie open in the configuration: let PostgreSQL know `shakwa` (peer)"
                )
        except CommandFailed as failure:
            return f"{label}: {failure}"
        trial = copy.deepcopy(self._document)
        _keep(trial, question, value)
        where = place(question.path)
        if line := next((one for one in self._mistakes(trial) if one.startswith(f"{where}: ")), None):
            return line
        _keep(self._document, question, value)
        return None

    def _mistakes(self, document: Document) -> list[str]:
        document = copy.deepcopy(document)
        document.get("web", {}).pop("admin", None)
        try:
            check(document, self._base)
        except ConfigError as error:
            return error.mistakes
        return []

    def _typed(self, question: Question) -> str:
        """What was typed; the default for an empty line. Raises CommandFailed at the end of the input."""
        shown = f" [{question.default}]" if question.default and not question.is_secret else ""
        if not question.is_secret or not sys.stdin.isatty():
            return _line(f"{question.words}{shown}: ") or question.default or ""
        typed = getpass.getpass(f"{question.words}: ")
        if question.path[-1] == "password_hash" and getpass.getpass("Once more: ") != typed:
            print("these are two different passwords", file=sys.stderr)
            return self._typed(question)
        return typed or question.default or ""

    def _staff(self) -> None:
        for text in self._given["staff"]:
            if why := self._member(text):
                raise CommandFailed(why)
        count = len(self._given["staff"])
        while self._asks and (text := _line(f"{staff_words(count)}: ")):
            if why := self._member(text):
                print(why, file=sys.stderr)
            else:
                count += 1

    def _member(self, text: str) -> str | None:
        """Take a member of the team in, or say why not."""
        name, address = parseaddr(text)
        if not name.strip() or not text.isprintable() or not _is_unicode(text):
            return "--staff: must be NAME <ADDRESS>"
        staff = self._document.setdefault("staff", [])
        team = self._document["teams"][0]["name"]
        staff.append({"name": name.strip(), "email": address, "teams": [team]})
        where = place(("staff", len(staff) - 1))
        for line in self._mistakes(self._document):
            if line.startswith((f"{where}.", "staff.")):
                staff.pop()
                return line
        return None


_STOPGAP = {
    # Stands in for an answer that `--yes` misses, until all that is missing is known.
    "address": "a@stopgap.example",
    "operator": "b@stopgap.example",
    "public_url": "https://stopgap.example",
    "token_url": "https://stopgap.example",
    "url": "https://stopgap.example",
    "password_hash": "a stopgap of some length",
}


def _keep(document: Document, question: Question, value: Any) -> None:
    put(document, question.path, value)
    if question.path == ("mailbox", "auth"):
        put(document, ("smtp", "auth"), value)
    if question.path == ("smtp", "username") and value is None:
        put(document, ("smtp", "auth"), None)


def _value(question: Question, text: str) -> Any:
    """What stands in the file; None where the key is left out. Raises CommandFailed."""
    if question.is_yes_or_no:
        if text.lower() not in ("yes", "y", "no", "n"):
            raise CommandFailed(f"must be yes or no, not {text!r}")
        return text.lower().startswith("y")
    if question.path[-1] == "password_hash":
        return admin_hash(text)
    if question.may_be_none and text.lower() == NONE:
        return None
    if question.path == ("sms", "gateway") and text == "http":
        raise CommandFailed("one that is declared in TOML is written by hand (docs/SMS.md): say none for now")
    # Microsoft 365 names no authserv-id: the empty one is meant.
    return "" if text == '""' else text


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:  # the loader says what is wrong with it
        return False


def _content(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CommandFailed(f"{path}: cannot be read: {why}") from None


def _line(prompt: str) -> str:
    print(prompt, end="", flush=True)
    typed = sys.stdin.readline()
    if not typed:
        print()
        raise CommandFailed("the answers ended before the questions did: nothing was written")
    return typed.strip()


def _is_unicode(text: str) -> bool:
    return not any(0xD800 <= ord(character) < 0xE000 for character in text)


def _files(document: Document, path: Path, units: Units | None) -> list[NewFile]:
    """What is written, the configuration last. Raises ConfigError where it could not be read again."""
    secrets: dict[str, str] = {}
    named: dict[tuple[str | int, ...], str] = {}
    for keys, value in _secrets(document):
        name = next((one for one, known in secrets.items() if known == value), None)
        name = name or NAMES.get(keys, str(keys[-1]))
        secrets[name] = value
        named[keys] = f"{CREDENTIALS}/{name}" if units else str(path.parent / name)
    found = [NewFile(path.parent / name, f"{value}\n") for name, value in secrets.items()]
    if units:
        found += units.files(path.parent, list(secrets))
    config = NewFile(path, text_of(document, _head(path, units), named), 0o644 if units else 0o600)
    refuse_existing([file.path for file in found])
    _read_again(config.text, document, named, path.parent)
    return [*found, config]


def _head(path: Path, units: Units | None) -> str:
    where = "systemd hands over the secrets" if units else "each secret lies in a file of its own"
    unit = f" --unit {SERVICE}" if units else ""
    return (
        f"Shakwa's configuration, written by `{invocation.name()} init`; {where}.\n"
        "What differs from the defaults. config/shakwa.toml of the program explains every key.\n"
        f"After a change here: {invocation.name()} --config {path} doctor{unit}"
    )


def _secrets(document: Document) -> list[tuple[tuple[str | int, ...], str]]:
    keys: list[tuple[str | int, ...]] = [
        ("service", "secret_key"),
        ("mailbox", "password"),
        ("oauth2", "client_secret"),
        ("smtp", "password"),
        ("admins", 0, "password_hash"),
    ]
    gateway = document.get("sms", {}).get("gateway", NONE)
    known = ("app_sid", "token", "api_key", "app_key", "app_secret")
    keys += [("sms", gateway, key) for key in document.get("sms", {}).get(gateway, {}) if key in known]
    return [(path, value) for path in keys if isinstance(value := _at(document, path), str)]


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        is_there = len(document) > step if isinstance(step, int) else step in document
        if not is_there:
            return None
        document = document[step]
    return document


def _read_again(text: str, document: Document, named: Any, base: Path) -> None:
    """What was written means what was answered. Raises ConfigError."""
    import tomllib

    read = tomllib.loads(text)
    for path in named:
        put(read, (*path[:-1], f"{path[-1]}_file"), None)
        put(read, path, _at(document, path))
    if check(read, base) != check(document, base):
        raise CommandFailed("the answers cannot be written down faithfully; nothing was written")


def _tell_what_is_next(path: Path, units: Units | None) -> None:
    typed = f"{invocation.command_line()} --config {path}"
    if units is None:
        steps = (f"{typed} doctor", f"{typed} serve", f"{typed} canary")
    else:
        steps = (
            f"{typed} doctor --unit {SERVICE}",
            "systemctl daemon-reload && systemctl enable --now shakwa",
            "journalctl --unit shakwa --follow",
        )
        if not path.parent.stat().st_mode & 0o001:
            print_line(f"the service cannot look into {path.parent}: chmod 755 {path.parent}")
    print("\nNext:")
    for step in steps:
        print_line(f"  {step}")
