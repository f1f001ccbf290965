"""Where backups go, to whom they are readable, and what the mailbox keeps for a restore: [backup]."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from daemon.config.values import GivenLine, Line, Table, key, places, text_of


class Backup(Table):
    """`db backup`, and the way back."""

    folder: Path = key(
        "backups", "Where `db backup` puts an archive; relative to `data_dir`. Better on another disk."
    )
    public_keys: Annotated[tuple[GivenLine, ...], Field(strict=False)] = key(
        (),
        "Each backup is encrypted to these public keys of age (age1…). The secret keys need not lie here; "
        "`secret backup-key` makes a pair.",
    )
    keep: int = key(14, "So many of our archives stay in the folder; 0: all.", ge=0, le=10_000)

    logbook: Line = key(
        "Shakwa-Logbook",
        "A folder of the mailbox in which the program notes numbers and messages, without any person's data, "
        'so that a restored database knows them; "": none.',
    )

    @field_validator("folder", mode="before")
    @classmethod
    def _folder(cls, value: object, info: ValidationInfo) -> Path:
        return places(info).data_dir / text_of(value)

    @field_validator("public_keys")
    @classmethod
    def _keys(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if any(not value.startswith("age1") for value in values):
            raise ValueError("must be public keys of age: they begin with age1")
        return values
