"""Durations that stand in texts as words, since no value of theirs is filled in: each is what is kept.

An admin may word them otherwise; what ships must not promise another time than is kept.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon.dispatch.links import FILE_LIFE
from daemon.dispatch.marks import JUDGING_LIFE
from daemon.loops.delivery import TOLD_AFTER

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
THIRTY_DAYS_BY_LAW = timedelta(days=30)
"""Within which a person's request about their data is answered (PDPL, implementing regulation, article 3)."""


@pytest.mark.parametrize(
    ("duration", "path", "words"),
    [
        (FILE_LIFE, "ar/pieces/attachments.md", "خلال {} يومًا"),
        (FILE_LIFE, "en/pieces/attachments.md", "within {} days"),
        (JUDGING_LIFE, "ar/pieces/refusal.no_digest.md", "{} يومًا"),
        (JUDGING_LIFE, "en/pieces/refusal.no_digest.md", "the last {} days"),
        (TOLD_AFTER, "ar/staff_delivery_failed.late.email.md", "أكثر من {} أيام"),
        (TOLD_AFTER, "en/staff_delivery_failed.late.email.md", "more than {} days"),
        (THIRTY_DAYS_BY_LAW, "ar/staff_new.privacy.email.md", "{} يومًا"),
        (THIRTY_DAYS_BY_LAW, "en/staff_new.privacy.email.md", "within {} days"),
    ],
)
def test_a_duration_that_is_typed_is_the_one_that_is_kept(duration: timedelta, path: str, words: str) -> None:
    text = (TEMPLATES / path).read_text("utf-8")
    spelled = {3: ("ثلاثة", "three"), 14: (), 30: ("ثلاثون", "thirty")}[duration.days]

    assert duration == timedelta(days=duration.days)
    assert any(words.format(said) in text for said in (str(duration.days), *spelled))
