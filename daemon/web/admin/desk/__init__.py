"""The operators' pages: complaints, quarantine, what was not answered, outgoing messages (docs/DESK.md)."""
