"""Backups: one archive of the database and the files beside it, and the way back (docs/BACKUP.md)."""
