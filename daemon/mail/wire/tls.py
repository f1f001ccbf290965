"""Says which authorities we trust in TLS with the mail servers: the system's, or those of one file."""

from __future__ import annotations

import ssl


class CaFileUnreadable(Exception):
    """The PEM file of authorities cannot be used; the text names it and says why, fit for an operator."""


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Certificates and names are verified always. Raises CaFileUnreadable."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError, for a file without a certificate, is one too
        reason = error.strerror or type(error).__name__
        raise CaFileUnreadable(f"cannot read the CA file {ca_file}: {reason}") from error
