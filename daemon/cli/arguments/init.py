"""The arguments of `init`: an answer to each of its questions beforehand."""

from __future__ import annotations

import argparse

ANSWERS = (
    # option, what it is called in the help, what it answers
    ("address", "ADDRESS", "the mailbox that citizens write to"),
    ("imap-host", "HOST", "its IMAP server"),
    ("auth", "password|xoauth2", "how the mail servers let us in"),
    ("login", "NAME", "of the IMAP login"),
    ("token-url", "URL", "with xoauth2: where tokens are fetched"),
    ("client-id", "ID", "with xoauth2: the application's id"),
    ("scope", "SCOPE", "with xoauth2: what the token is for"),
    ("smtp-host", "HOST", "the server by which mail leaves"),
    ("smtp-security", "tls|starttls|none", "of that server"),
    ("smtp-login", "NAME", "of the SMTP login, or none"),
    ("authserv-id", "ID", "whose Authentication-Results are trusted, or none"),
    ("public-url", "URL", "links in messages begin with it"),
    ("operator", "ADDRESS", "whom alerts reach"),
    ("mode", "live|shadow", "shadow: decide, and send nothing yet"),
    ("team", "NAME", "how the first team is called"),
    ("team-address", "ADDRESS", "where its notices go"),
    ("team-lead", "ADDRESS", "who hears of its breaches besides, or none"),
    ("team-escalations", "yes|no", "whether that team decides on escalations, too"),
    ("sms", "GATEWAY", "by which SMS leave, or none"),
    ("sms-url", "URL", "the gateway's full address for sending"),
    ("sms-username", "NAME", "the gateway's account, where it has one"),
    ("sms-sender", "NAME", "the registered sender name"),
    ("database", "URL", "where everything is kept"),
    ("data-dir", "FOLDER", "the database, locks and files"),
    ("web", "yes|no", "whether the pages and the intake API are served"),
    ("admin", "NAME", "with the pages: who signs in at /admin/, or none"),
)
SECRETS = (
    ("password-file", "the IMAP login's password"),
    ("smtp-password-file", "the SMTP login's password"),
    ("client-secret-file", "with xoauth2: the application's secret"),
    ("sms-secret-file", "the SMS gateway's key"),
    ("sms-second-secret-file", "the gateway's second key, where it has two"),
    ("admin-password-file", "the admin's password; only its hash is kept"),
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Asks a few questions and writes the configuration (--config, else /etc/shakwa/shakwa.toml for root "
        "and shakwa/shakwa.toml for others), each secret as a file that only its owner reads, and what "
        "systemd needs. It overwrites nothing, and writes all or nothing."
    )
    parser.add_argument(
        "--yes", action="store_true", help="ask nothing: take the default of what is not given"
    )
    for name, value, text in ANSWERS:
        parser.add_argument(f"--{name}", metavar=value, help=text)
    parser.add_argument(
        "--staff",
        metavar="'NAME <ADDRESS>'",
        action="append",
        default=[],
        help="a member of the first team; may be given more than once",
    )
    for name, text in SECRETS:
        parser.add_argument(f"--{name}", metavar="FILE", help=f"a file with {text}")
    parser.add_argument(
        "--units",
        metavar="FOLDER",
        help="where systemd reads units; root's default is /etc/systemd/system, where it exists",
    )
    parser.add_argument(
        "--no-units", action="store_true", help="no systemd: secrets are read from their files"
    )
    parser.set_defaults(run="init.run")
