"""What a backup or a restore raises on purpose: one line that says what is wrong and what to do."""

from __future__ import annotations

from daemon.store.database import StoreError


class BackupFailed(StoreError):
    """No backup was made, and nothing is left of the attempt."""


class RestoreRefused(StoreError):
    """Nothing was restored; the database and the files are as they were."""
