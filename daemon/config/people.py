"""Who works with the desk: [[teams]], [[staff]], [[admins]] and [[api_clients]]."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from daemon.config.values import (
    NO_LIMIT,
    REQUIRED,
    Email,
    Emails,
    GivenEmail,
    GivenLine,
    Table,
    Texts,
    key,
    secret,
)
from daemon.workflow.vocabulary import ADMIN_ROLES, CHANNELS, AdminRole, Channel

MOST_KIB = 1 << 18
"""Of the memory of one verification of a password: 256 MiB."""
MOST_ROUNDS = 20


class Team(Table):
    """A team that answers complaints."""

    name: GivenLine = key(REQUIRED, "How [[staff]] and commands name it.", example="care")
    address: GivenEmail = key(
        REQUIRED, "Where its notices go; never the mailbox itself.", example="furas-care@example.sa"
    )
    categories: Texts = key((), 'Of "sla_exceeded" and "technical".', says="it takes the rest")
    escalation: bool = key(False, "Whether its members accept or decline escalations.")
    lead: Email | None = key(
        None, "Who is told of a breach besides.", says="nobody", example="lead@example.sa", shown=False
    )


class Staff(Table):
    """A member of the staff."""

    name: GivenLine = key(REQUIRED, "As commands and notices name the person.", example="سارة القحطاني")
    email: GivenEmail = key(REQUIRED, "Where they write from.", example="sara@example.sa")
    aliases: Emails = key((), "Further addresses of the same person.")
    teams: Texts = key((), "The teams they belong to.", example=["care"])
    active: bool = key(True, "false: nothing they send has any effect.")


class Admin(Table):
    """Who may sign in at /admin/ (docs/ADMIN.md)."""

    is_optional_in_file = True

    name: GivenLine = key(REQUIRED, "Of the sign-in.", example="…")
    password_hash: GivenLine = secret(
        REQUIRED, "argon2, of the password; `run.py secret admin` makes it.", example="admin_hash"
    )
    email: Email | None = key(
        None,
        "As the provider of [oidc] proves it; also where test messages go.",
        says="none, and no sign-in that way",
        example="admin@example.sa",
    )
    subject: GivenLine | Literal[""] = key(
        "", 'As the provider of [oidc] names them, where its claim is not "email"; nobody else\'s, ever.'
    )
    roles: Annotated[tuple[AdminRole, ...], Field(strict=False)] = key(
        ADMIN_ROLES,
        'What they may do: "words" (the texts), "figures", "operator" (complaints, quarantine, messages).',
    )

    @field_validator("password_hash")
    @classmethod
    def _hash(cls, value: str) -> str:
        if not value.startswith("$argon2"):
            raise ValueError("is not an argon2 hash")
        # What m (KiB) and t say is spent by everybody who types this name at the sign-in.
        memory, rounds = (re.search(rf"[$,]{one}=([0-9]+)", value) for one in "mt")
        if (memory and int(memory[1]) > MOST_KIB) or (rounds and int(rounds[1]) > MOST_ROUNDS):
            raise ValueError(f"costs too much: at most m={MOST_KIB} and t={MOST_ROUNDS}")
        return value

    @field_validator("roles")
    @classmethod
    def _some_role(cls, values: tuple[AdminRole, ...]) -> tuple[AdminRole, ...]:
        if not values:
            raise ValueError(f"is required: some of {', '.join(ADMIN_ROLES)}")
        return values


class ApiClient(Table):
    """A system that brings complaints of other channels (docs/API.md)."""

    is_optional_in_file = True

    name: GivenLine = key(REQUIRED, "As the history names it.", example="call-centre")
    key_hash: GivenLine = secret(REQUIRED, "SHA-256 of its key, hexadecimal.", example="call_centre_hash")
    channels: Annotated[tuple[Channel, ...], Field(strict=False)] = key(
        REQUIRED, f"What it may bring: some of {', '.join(CHANNELS)}.", example=["phone"]
    )
    read: Literal["own", "all"] = key(
        "own",
        'What it may read and add to: "own", complaints of its channels that it opened itself, or "all".',
    )

    @field_validator("name")
    @classmethod
    def _is_no_name_of_ours(cls, value: str) -> str:
        if value.lower() in ("agent", "page"):
            raise ValueError("names the program's own callers: choose another")
        return value

    sms_per_hour: int | None = key(
        None,
        "SMS that its calls may cause in an hour; over it the operator is told.",
        says="limits.automatic_sms_in_all_per_hour",
        example=200,
        shown=False,
        ge=0,
        le=NO_LIMIT,
    )

    @field_validator("key_hash")
    @classmethod
    def _hash(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            raise ValueError("must be the SHA-256 of the key, 64 hexadecimal digits")
        return value

    @field_validator("channels")
    @classmethod
    def _some(cls, values: tuple[Channel, ...]) -> tuple[Channel, ...]:
        if not values:
            raise ValueError(f"is required: some of {', '.join(CHANNELS)}")
        return values
