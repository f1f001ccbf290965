"""One mailbox over IMAP (RFC 9051, 3501).

    mailbox    the mailbox as the loops know it: move, find, keep, remove, wait
    contents   what is in the selected folder: list, fetch
    folders    the folders of the account over one session: made, selected, searched
    session    one connection: greeting, login, commands under deadlines, IDLE
    protocol   aioimaplib with another reader; the only module that touches the library
    reader     octets -> whole responses (pure)
    syntax     responses -> values, values -> parts of commands (pure)
    batches    UIDs -> portions that fit into memory and on a line (pure)

Imports `clock` and `wire.oauth2`. Begin with `mailbox`.
"""
