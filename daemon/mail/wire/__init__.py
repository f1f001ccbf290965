"""The protocols of mail: IMAP in, SMTP out, OAuth2 for both, and RFC 5322 octets written by hand.

Imports `courier` and `clock`, and no meaning of any mail. Begin with `imap/mailbox.py`,
`smtp/courier.py` and `compose.py`.
"""
