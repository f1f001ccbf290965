"""Every text that the program comes with stands in the list of those that it ever came with."""

from __future__ import annotations

from pathlib import Path

from daemon import resources
from daemon.templating import shipped

REMEDY = "run `.venv/bin/python -m daemon.templating.shipped`"


def test_the_list_names_every_text_as_it_stands() -> None:
    folder = resources.templates()
    listed = shipped.listed(folder)

    missing = [
        path
        for path in shipped.files(folder)
        if shipped.sha256_of((folder / path).read_bytes()) not in listed.get(path, ())
    ]

    assert missing == [], REMEDY


def test_a_list_written_anew_keeps_what_earlier_versions_came_with(tmp_path: Path) -> None:
    (tmp_path / "ar").mkdir()
    (tmp_path / "ar" / "closed.email.md").write_text("new words")
    old, draft = "a" * 64, "b" * 64
    (tmp_path / shipped.LIST).write_text(
        f"# head\n0.0.1 {old} ar/closed.email.md\n{shipped.__version__} {draft} ar/closed.email.md\n"
    )

    (tmp_path / shipped.LIST).write_text(shipped.updated(tmp_path))

    assert shipped.listed(tmp_path) == {
        "ar/closed.email.md": frozenset({old, draft, shipped.sha256_of(b"new words")})
    }


def test_what_editors_leave_lying_about_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "ar").mkdir()
    for name in ("closed.email.md", ".closed.email.md.swp", "__pycache__"):
        (tmp_path / "ar" / name).write_text("x")

    assert list(shipped.files(tmp_path)) == ["ar/closed.email.md"]
