"""Octets to one `IncomingMail`: headers, parts, charsets, HTML, TNEF. Never raises, whatever the octets.

Imports nothing of ours but `mail.languages`, and could leave as a library of its own. Begin with `parse`;
`walk` chooses which parts make the letter, `message` is the shape that comes out.
"""
