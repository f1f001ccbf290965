"""A text's file says which text it is, and a text says which file it is in."""

from __future__ import annotations

import pytest

from daemon.templating.keys import TextKey, key_of
from tests.each import each


@pytest.mark.parametrize(
    ("path", "key", "label"),
    [
        ("ar/closed.email.md", TextKey("closed", "", "email", "ar"), "closed"),
        ("en/closed.sms.txt", TextKey("closed", "", "sms", "en"), "closed"),
        ("ar/closed.duplicate.email.md", TextKey("closed", "duplicate", "email", "ar"), "closed.duplicate"),
        (
            "ar/staff_new.by_phone.email.md",
            TextKey("staff_new", "by_phone", "email", "ar"),
            "staff_new.by_phone",
        ),
        (
            "ar/pieces/greeting.named.md",
            TextKey("pieces/greeting.named", "", "email", "ar"),
            "pieces/greeting.named",
        ),
        ("en/pieces/missing.sms.txt", TextKey("pieces/missing", "", "sms", "en"), "pieces/missing"),
    ],
)
def test_a_path_and_its_text_name_each_other(path: str, key: TextKey, label: str) -> None:
    assert key_of(path) == key
    assert key.path == path
    assert key.label == label


@each(
    "path",
    [
        "layout.email.html",
        "ar/history.toml",
        "ar/footer.md",
        "ar/footer.staff.md",
        "ar/closed.email.md~",
        "ar/.closed.email.md.swp",
        "fr/closed.email.md",
        "closed.email.md",
        "ar/../ar/closed.email.md",
        "ar/pieces/../closed.md",
        "ar/pieces/.hidden.md",
        "ar/pieces/البيانات الناقصة.md",
        "ar/pieces/greeting.named (copy).md",
        "ar/pieces/\udcca\udccd.md",
    ],
)
def test_any_other_file_is_no_text(path: str) -> None:
    assert key_of(path) is None
