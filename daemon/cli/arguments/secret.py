"""The arguments of `secret`."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(metavar="KIND", required=True)
    admin = kinds.add_parser("admin", help="an admin's password_hash, from a password that you type")
    admin.add_argument("--json", action="store_true", help="one JSON document")
    admin.set_defaults(run="secret.make_admin")
    key = kinds.add_parser("key", help="a secret_key")
    key.add_argument("--json", action="store_true", help="one JSON document")
    key.set_defaults(run="secret.make_key")
    client = kinds.add_parser("api-key", help="a key of the intake API, and its key_hash")
    client.add_argument("name", metavar="NAME", help="of the client in [[api_clients]]")
    client.add_argument("--json", action="store_true", help="one JSON document")
    client.set_defaults(run="secret.make_api_key")
    pair = kinds.add_parser("backup-key", help="a pair of keys for encrypted backups")
    pair.add_argument("--json", action="store_true", help="one JSON document")
    pair.set_defaults(run="secret.make_backup_key")
