"""What can be understood of a mail and its files before any look-up: plain values come out.

Imports `mail`, `attachments` and, for keeping files, `store`. Begin with `mail`.
"""
