"""Names the optional part of an installation that a missing library belongs to, and how to install it.

Who installs the bare package has what `serve` needs on SQLite; each extra of pyproject.toml adds one thing.
"""

from __future__ import annotations

from collections.abc import Mapping

LIBRARIES: Mapping[str, str] = {
    "starlette": "web",
    "uvicorn": "web",
    "argon2": "web",
    "authlib": "web",
    "python_multipart": "web",
    "prometheus_client": "web",
    "psycopg": "postgresql",
    "pymap": "sandbox",
    "aiosmtpd": "sandbox",
}
"""The name that is imported, and its extra. The extra `sandbox` contains `web`."""


def remedy(missing: ModuleNotFoundError) -> str | None:
    """One line that says what to install; None where the missing module belongs to no extra."""
    library = (missing.name or "").partition(".")[0]
    extra = LIBRARIES.get(library)
    if extra is None:
        return None
    return f"{library} is not installed, which this needs: pip install 'shakwa[{extra}]'"
