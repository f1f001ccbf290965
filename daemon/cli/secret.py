"""The commands `secret admin`, `key`, `api-key` and `backup-key`: hashes and keys for the configuration.

They need no configuration. What is to be copied stands alone on the standard output, what it is for on the
standard error.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import secrets
import sys

from daemon.cli.context import CommandFailed, Context


def make_admin(_: Context, arguments: argparse.Namespace) -> int:
    found = admin_hash(_typed())
    if not arguments.json:
        _aside("password_hash of [[admins]]:")
    _out({"password_hash": found}, found, as_json=arguments.json)
    return 0


def _typed() -> str:
    """Typed twice without being shown, or the first line of the standard input. Raises CommandFailed."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != given:
        raise CommandFailed("these are two different passwords")
    return given


def admin_hash(given: str) -> str:
    """An admin's password_hash. Raises CommandFailed for a password that would not do."""
    from daemon.templating.values import clean
    from daemon.web.admin.passwords import LEAST_CHARACTERS, MOST_CHARACTERS, hash_of

    if clean(given) != given:
        raise CommandFailed("the password holds a character that no form carries")
    if not LEAST_CHARACTERS <= len(given) <= MOST_CHARACTERS:
        raise CommandFailed(f"a password has from {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters")
    return hash_of(given)


def secret_key() -> str:
    """A new secret_key of [service]: 256 random bits."""
    return secrets.token_hex(32)


def make_key(_: Context, arguments: argparse.Namespace) -> int:
    found = secret_key()
    if not arguments.json:
        _aside("secret_key of [service]:")
    _out({"secret_key": found}, found, as_json=arguments.json)
    return 0


def make_api_key(_: Context, arguments: argparse.Namespace) -> int:
    key = secrets.token_urlsafe(32)
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    name = arguments.name.strip()
    if not name:
        raise CommandFailed("the client's name is empty")
    if not arguments.json:
        _aside(f"The first line is the key: give it to {name}, it is shown only now. The rest is ours:")
    lines = (
        key,
        "[[api_clients]]",
        f"name = {json.dumps(name, ensure_ascii=False)}",
        f'key_hash = "{key_hash}"',
    )
    _out({"name": name, "key": key, "key_hash": key_hash}, "\n".join(lines), as_json=arguments.json)
    return 0


def make_backup_key(_: Context, arguments: argparse.Namespace) -> int:
    from pyrage import x25519

    secret = x25519.Identity.generate()
    public = str(secret.to_public())
    if not arguments.json:
        _aside(
            f'public_keys of [backup]: ["{public}"]. Below is the secret key: keep it away from this machine,'
        )
        _aside("in a file that `db restore --identity FILE` reads.")
    document = {"public_key": public, "secret_key": str(secret)}
    _out(document, f"# public key: {public}\n{secret}", as_json=arguments.json)
    return 0


def _aside(text: str) -> None:
    print(text, file=sys.stderr)


def _out(document: dict[str, str], text: str, *, as_json: bool) -> None:
    from daemon.cli.context import print_json

    if as_json:
        print_json(document)
    else:
        print(text)
