"""Mail out over SMTP (RFC 5321), by frozen octets.

    courier      the Courier for e-mail: an envelope checked, sent, once more on a new connection
    turns        how many at once, fewer where the relay says so
    pool         the few kept connections
    opening      one connection begun: TLS, greeting, login
    connection   one transaction after another
    dialogue     commands and answers, several in one write (RFC 2920)
    replies      which answer means what (pure)
    content      content as it stands on the wire (pure)

Imports the courier's words, `wire.header_lines` and `wire.oauth2`. Begin with `courier`.
"""
