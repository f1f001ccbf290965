"""The table of commands: a name, a line of help, and a module that is loaded when it is asked for."""

from __future__ import annotations

import argparse
import importlib
from typing import Any

TOP = (
    # name, function of the argument parser (in daemon.cli), line of `--help`
    ("serve", "running.add_serve", "the daemon in the foreground until SIGTERM"),
    ("once", "running.add_once", "one pass: waiting mail, due deadlines, what may be sent now"),
    (
        "sandbox",
        "sandbox.add",
        "the whole system with nothing to install: plays real complaints while you watch",
    ),
    ("doctor", "doctor.add", "check every part, a line each; exit 1 if one fails"),
    ("tickets", "commands.add_tickets", "complaints: list, show, open, add, escalate, note, close"),
    ("outbox", "outbox.add", "messages: list, show, retry"),
    (
        "mail",
        "commands.add_mail",
        "what came in: list, show, explain, replay, release, block, import, export",
    ),
    ("templates", "commands.add_templates", "the words that people are sent: list, check, preview, go back"),
    (
        "simulate",
        "simulate.add",
        "what would be sent when: coming deadlines on a copy of the database, nothing is sent",
    ),
    ("report", "report.add", "figures of a period: volume, times, promises, escalations, satisfaction"),
    ("db", "database_commands.add", "the database: upgrade, check"),
)
"""Each function adds its arguments to the parser that it is given, and sets `run` to a function of
(context, arguments) that returns the exit code."""

TICKETS = (
    ("list", "tickets.add_list", "every ticket, oldest first"),
    ("show", "tickets.add_show", "one ticket with its messages, deadlines, history and outbox"),
    ("open", "agents.add_open", "open a complaint that came by phone or another channel"),
    ("add", "agents.add_words", "what a customer says later"),
    ("escalate", "agents.add_escalate", "the customer wishes to escalate"),
    ("note", "agents.add_note", "an internal note, which the responsible read"),
    ("merge", "agents.add_merge", "let a complaint go on as another one of the same customer"),
    ("close", "agents.add_close", "close a complaint; the customer is told, except of spam"),
    ("attachment", "files.add", "write a file that came with a message"),
)

MAIL = (
    ("list", "mail.add_list", "every mail taken in, oldest first"),
    ("show", "mail.add_show", "one mail as it was understood"),
    ("explain", "mail.add_explain", "which rule decided on it, and why"),
    ("replay", "mail.add_replay", "decide on it afresh (one that opened or joined no ticket)"),
    (
        "release",
        "quarantine.add_release",
        "a person sent it: decide on a quarantined mail as theirs",
    ),
    ("block", "quarantine.add_block", "keep mail of that mail's sender quietly in quarantine"),
    ("unblock", "quarantine.add_unblock", "lift a block; what was kept meanwhile stays where it is"),
    ("blocked", "quarantine.add_blocked", "who is blocked, since when, by whom"),
    ("import", "importing.add", "take in every mail of an mbox file or a Maildir folder"),
    ("export", "mail.add_export", "everything, for other programs"),
)

TEMPLATES = (
    ("list", "templates.add_list", "every text: its revision in force, and who changed it"),
    ("check", "templates.add_check", "what is wrong with the texts and their files; exit 1 if anything is"),
    ("preview", "templates_shown.add_preview", "one text as its reader gets it, with sample values"),
    ("test-send", "templates_shown.add_test_send", "send a text with sample values to yourself"),
    ("history", "templates.add_history", "every revision of one text, and how often it was sent"),
    ("diff", "templates.add_diff", "what a revision changed, word by word"),
    ("rollback", "templates_acts.add_rollback", "say again what was said before"),
    ("save", "templates_acts.add_save", "make a revision of a text from a file"),
    ("approve", "templates_acts.add_approve", "agree with a revision that waits for a second person"),
)


class CommandParser(argparse.ArgumentParser):
    """The arguments of one command, which its module adds when they are first needed."""

    adder = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.adder:
            module, _, function = self.adder.partition(".")
            self.adder = ""
            getattr(importlib.import_module(f"daemon.cli.{module}"), function)(self)
        return super().parse_known_args(args, namespace)


def add(actions: Any, table: tuple[tuple[str, str, str], ...]) -> None:
    """Add a table's commands; none of their modules is loaded by it."""
    for name, adder, text in table:
        actions.add_parser(name, help=text).adder = adder


def add_tickets(parser: argparse.ArgumentParser) -> None:
    add(parser.add_subparsers(metavar="ACTION", required=True), TICKETS)


def add_mail(parser: argparse.ArgumentParser) -> None:
    add(parser.add_subparsers(metavar="ACTION", required=True), MAIL)


def add_templates(parser: argparse.ArgumentParser) -> None:
    add(parser.add_subparsers(metavar="ACTION", required=True), TEMPLATES)
