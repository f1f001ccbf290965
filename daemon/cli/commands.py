"""The table of commands: a name, a line of help, and what adds the arguments, loaded when it is asked for."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from typing import Any, NoReturn

from daemon.cli.context import Context
from daemon.plain import one_line

# name, function that adds its arguments (in daemon.cli.arguments) or a table of actions, line of `--help`
Entry = tuple[str, "str | Table", str]
Table = tuple[Entry, ...]
"""Each function adds its arguments to the parser that it is given, and sets `run` to the name of what does
the work (in `daemon.cli`): a function of (context, arguments) that returns the exit code."""

TICKETS = (
    ("list", "tickets.add_list", "every ticket, oldest first"),
    ("show", "tickets.add_show", "one ticket with its messages, deadlines, history and outbox"),
    ("open", "tickets.add_open", "open a complaint that came by phone or another channel"),
    ("add", "tickets.add_words", "what a customer says later"),
    ("escalate", "tickets.add_escalate", "the customer wishes to escalate"),
    ("note", "tickets.add_note", "an internal note, which the responsible read"),
    ("merge", "tickets.add_merge", "let a complaint go on as another one of the same customer"),
    ("close", "tickets.add_close", "close a complaint; the customer is told, except of spam"),
    ("attachment", "tickets.add_attachment", "write a file that came with a message"),
    ("export", "tickets.add_export", "the evidence of one complaint as one signed archive"),
    ("verify", "tickets.add_verify", "whether such an archive is what was signed; exit 1 if not"),
)

MAIL = (
    ("list", "mail.add_list", "every mail taken in, oldest first"),
    ("show", "mail.add_show", "one mail as it was understood"),
    ("explain", "mail.add_explain", "which rule decided on it, and why"),
    ("replay", "mail.add_replay", "decide on it afresh (one that opened or joined no ticket)"),
    (
        "release",
        "mail.add_release",
        "a person sent it: decide on a quarantined mail as theirs",
    ),
    ("block", "mail.add_block", "keep mail of that mail's sender quietly in quarantine"),
    ("unblock", "mail.add_unblock", "lift a block; what was kept meanwhile stays where it is"),
    ("blocked", "mail.add_blocked", "who is blocked, since when, by whom"),
    ("import", "mail.add_import", "take in every mail of an mbox file or a Maildir folder"),
    ("export", "mail.add_export", "everything, for other programs"),
)

OUTBOX = (
    ("list", "outbox.add_list", "every message, oldest first"),
    ("show", "outbox.add_show", "one message: its life and its words"),
    ("retry", "outbox.add_retry", "try waiting or failed messages now"),
    ("cancel", "outbox.add_cancel", "never send messages that are not sent yet"),
    ("hold", "outbox.add_hold", "stop messages from being sent, on every machine, until released"),
    ("release", "outbox.add_release", "end a hold: what it stopped is sent"),
)

TEMPLATES = (
    ("list", "templates.add_list", "every text: its revision in force, and who changed it"),
    ("check", "templates.add_check", "what is wrong with the texts and their files; exit 1 if anything is"),
    ("preview", "templates.add_preview", "one text as its reader gets it, with sample values"),
    ("test-send", "templates.add_test_send", "send a text with sample values to yourself"),
    ("history", "templates.add_history", "every revision of one text, and how often it was sent"),
    ("diff", "templates.add_diff", "what a revision changed, word by word"),
    ("rollback", "templates.add_rollback", "say again what was said before"),
    ("save", "templates.add_save", "make a revision of a text from a file"),
    ("off", "templates.add_off", "send a notification no more, where the guide does not demand it"),
    ("on", "templates.add_on", "send it again"),
    ("approve", "templates.add_approve", "agree with a revision that waits for a second person"),
)


AUDIT = (
    ("list", "audit.add_list", "every act of admins and operators, oldest first"),
    (
        "verify",
        "audit.add_verify",
        "whether the chain holds, or that of an exported file; exit 1 if not",
    ),
    ("export", "audit.add_export", "every entry, a line each, to be verified elsewhere"),
)

PRIVACY = (
    ("export", "privacy.add_export", "everything about one person, for that person to read"),
    ("erase", "privacy.add_erase", "one person's data gone; report figures and the audit's chain stay"),
    ("retention", "privacy.add_retention", "remove what was kept as long as [privacy] keep_years says"),
    ("hold", "privacy.add_hold", "keep a complaint or a person from being erased"),
    ("unhold", "privacy.add_unhold", "end such a hold"),
    ("holds", "privacy.add_holds", "what is on hold, since when, and why"),
)

TOP = (
    ("serve", "running.add_serve", "the daemon in the foreground until SIGTERM"),
    ("once", "running.add_once", "one pass: waiting mail, due deadlines, what may be sent now"),
    (
        "sandbox",
        "sandbox.add",
        "the whole system with nothing to install: plays real complaints while you watch",
    ),
    ("init", "init.add", "ask a few questions and write configuration, secrets and what systemd needs"),
    ("doctor", "doctor.add", "check every part, a line each; exit 1 if one fails"),
    ("tickets", TICKETS, "complaints: list, show, open, add, escalate, note, close"),
    ("outbox", OUTBOX, "messages: list, show, retry, cancel, hold, release"),
    (
        "mail",
        MAIL,
        "what came in: list, show, explain, replay, release, block, import, export",
    ),
    ("templates", TEMPLATES, "the words that people are sent: list, check, preview, go back"),
    (
        "simulate",
        "simulate.add",
        "what would be sent when: coming deadlines on a copy of the database, nothing is sent",
    ),
    ("report", "report.add", "figures of a period: volume, times, promises, escalations, satisfaction"),
    ("privacy", PRIVACY, "a person's data: export, erase, retention, hold, unhold, holds"),
    ("canary", "canary.add", "a complaint of the program's own through everything, timed; counted nowhere"),
    ("audit", AUDIT, "who did what, in a chain: list, verify"),
    ("secret", "secret.add", "make the hashes and keys that the configuration wants"),
    ("db", "database.add", "the database: upgrade, backup, restore, check, reconcile"),
)
"""Every command; one with a table has actions of its own."""

Work = Callable[[Context, argparse.Namespace], int]


def work(name: str) -> Work:
    """Load what `run` names. Raises ModuleNotFoundError where an extra is not installed."""
    module, _, function = name.partition(".")
    found: Work = getattr(importlib.import_module(f"daemon.cli.{module}"), function)
    return found


class CommandParser(argparse.ArgumentParser):
    """The arguments of one command, which its module adds when they are first needed."""

    adder: str | Table = ""

    def error(self, message: str) -> NoReturn:
        """One line, without the usage, which `--help` shows (DESIGN §4)."""
        self.exit(2, f"{one_line(message_of(self, message))}\n")

    def complete(self) -> None:
        """Add them, if that is not done yet."""
        adder, self.adder = self.adder, ""
        if isinstance(adder, tuple):
            add(self.add_subparsers(metavar="ACTION", required=True), adder)
        elif adder:
            module, _, function = adder.partition(".")
            getattr(importlib.import_module(f"daemon.cli.arguments.{module}"), function)(self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self.complete()
        return super().parse_known_args(args, namespace)


def message_of(parser: argparse.ArgumentParser, message: str) -> str:
    """The one line that a person reads of wrong use."""
    return f"{parser.prog}: {message} ({parser.prog} --help explains)"


def add(actions: Any, table: Table) -> None:
    """Add a table's commands; none of their modules is loaded by it."""
    for name, adder, text in table:
        actions.add_parser(name, help=text).adder = adder
