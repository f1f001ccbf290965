"""What each text is called, and when it is sent: templates/ar/titles.toml."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

from daemon import resources
from daemon.templating import shipped
from daemon.templating.keys import PIECES, key_of
from daemon.templating.titles import TITLES_FILE, title_of
from daemon.wording.overview import Text, text_of
from tests.each import each

TEXTS = [text_of(path) for path in shipped.files(resources.templates())]
LABELS = sorted({text.name for text in TEXTS})


@each("label", LABELS)
def test_every_text_has_an_arabic_name(label: str) -> None:
    assert re.fullmatch("[\u0600-\u06ff ]{3,40}", title_of(label).name)


@each("label", [label for label in LABELS if not label.startswith(PIECES)])
def test_every_variant_and_every_page_says_when_it_is_sent(label: str) -> None:
    assert re.fullmatch("[\u0600-\u06ff #«»]{10,140}\\.", title_of(label).when)


def test_no_line_is_about_a_text_that_there_is_not() -> None:
    lines = tomllib.loads((resources.templates() / "ar" / TITLES_FILE).read_text("utf-8"))

    assert sorted(lines) == [label for label in LABELS if not label.startswith(PIECES)]


def test_no_two_texts_of_a_notification_are_called_the_same() -> None:
    seen = Counter(
        (text.path.partition("/")[0], text.channel, text.name.partition(".")[0], text.called)
        for text in TEXTS
        if (key := key_of(text.path)) is not None and not key.is_piece
    )

    assert [one for one, times in seen.items() if times > 1] == []


def test_what_nobody_knows_has_no_name() -> None:
    text = Text("ar/nothing.email.md", "nothing", "email", "ar", "citizen")

    assert (text.title, text.called, text.when) == ("", "", "")
