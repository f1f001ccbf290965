"""The Arabic guides are true: their pictures exist and can be drawn again, links lead somewhere, and the
commands that they teach are those that the program explains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pictures import PICTURES

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "ar").glob("*.md"))
COMMAND = re.compile(r"#[\u0621-\u064a]+")

every_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)


@every_guide
def test_every_picture_and_page_that_a_guide_shows_is_there(guide: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", guide.read_text("utf-8"))

    assert [link for link in links if not (guide.parent / link).exists()] == []


@every_guide
def test_a_guide_is_written_from_right_to_left_and_in_western_digits(guide: Path) -> None:
    text = guide.read_text("utf-8")

    assert text.startswith('<div dir="rtl">\n\n')
    assert text.endswith("\n\n</div>\n")
    # The one place where others are meant says which may be typed.
    assert set(re.findall("[\u0660-\u0669]+", text)) <= {"٠١٢٣"}


def test_what_is_drawn_is_what_the_guides_show() -> None:
    shown = {
        Path(link).stem
        for guide in GUIDES
        for link in re.findall(r"\((pictures/[^)]+)\)", guide.read_text("utf-8"))
    }

    assert shown == set(PICTURES)


def test_the_guide_of_staff_teaches_every_command_and_no_other() -> None:
    explained = set(COMMAND.findall((ROOT / "templates/ar/pieces/commands.md").read_text("utf-8")))
    taught = set(COMMAND.findall((ROOT / "docs/ar/staff.md").read_text("utf-8")))

    assert explained
    assert taught == explained
