"""Mail out over SMTP (RFC 5321), by frozen octets.

    courier      the Courier for e-mail: an envelope checked, sent, once more on a new connection
    pool         the few kept connections
    connection   one connection: login, commands, one transaction
    replies      which answer means what (pure)
    content      content as it stands on the wire (pure)

Imports the courier's words, `wire.header_lines` and `wire.oauth2`. Begin with `courier`.
"""
