"""Finds the files that the program comes with: its texts, its pages, the revisions of its tables.

A source tree and an installed wheel give the same answer. In the tree `templates/` stands beside `daemon/`,
where whoever edits it finds it; the wheel carries it as `daemon/templates/` (pyproject.toml, force-include).
The words in `mail/languages` lie beside their loader, since reading a letter needs nothing else of ours.
"""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def import_root() -> Path:
    """The folder from which a process of our own imports this very program."""
    return _PACKAGE.parent


def templates() -> Path:
    """The folder with the texts of every message: `ar/`, `en/` and the layout."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def pristine() -> Path:
    """The same texts as they came, where nobody edits them. A source tree has one folder only."""
    inside = _PACKAGE / "pristine"
    return inside if inside.is_dir() else templates()


def pages() -> Path:
    """The folder with the web's pages and their style."""
    return _PACKAGE / "web" / "pages"


def static() -> Path:
    """The folder with what our pages load: fonts and their licence."""
    return _PACKAGE / "web" / "static"


def report_page() -> Path:
    """The page that a report is printed on."""
    return _PACKAGE / "templating" / "report_page.html"


def migrations() -> Path:
    """The folder that Alembic takes its environment and the revisions from."""
    return _PACKAGE / "store" / "migrations"


def unit(name: str) -> Path | None:
    """One of our units for systemd: in the source tree, or beside the program in its environment."""
    places = (_PACKAGE.parent / "systemd", Path(sys.prefix) / "share" / "shakwa")
    return next((place / name for place in places if (place / name).is_file()), None)
