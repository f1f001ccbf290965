"""One mailbox over IMAP (RFC 9051, 3501).

    mailbox    the mailbox as the loops know it: list, fetch, move, wait
    session    one connection: greeting, login, commands under deadlines, IDLE
    protocol   aioimaplib with another reader; the only module that touches the library
    reader     octets -> whole responses (pure)
    syntax     responses -> values, values -> parts of commands (pure)
    batches    UIDs -> portions that fit into memory and on a line (pure)

Imports `clock` and `wire.oauth2`. Begin with `mailbox`.
"""
