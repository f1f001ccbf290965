"""Which file goes to staff, and how; and how a mail takes files."""

from __future__ import annotations

import base64
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import get_args

import pytest

from daemon.mail.wire.compose import compose
from daemon.mail.wire.enclosures import File, with_files
from daemon.templating.names import names as names_in
from daemon.workflow.passing_on import Filed, PassingOn, Verdict, for_citizen, sort_out
from tests.unit.test_compose import MAIL


def filed(number: int, verdict: Verdict = "clean", size: int = 100, **more: object) -> Filed:
    return Filed(number, f"N-{number}.pdf", f"{number}.pdf", "application/pdf", size, "", verdict, **more)  # type: ignore[arg-type]


def names(files: tuple[Filed, ...]) -> list[int]:
    return [one.id for one in files]


def test_files_go_with_the_notice_as_long_as_they_fit_and_the_rest_by_link() -> None:
    files = [filed(1, size=600), filed(2, size=600), filed(3, size=400)]

    found = sort_out(files, PassingOn(most_bytes=1000, has_links=True))

    assert (names(found.carried), names(found.linked)) == ([1, 3], [2])
    assert found.values["attachments_kept"] == []


def test_without_the_web_what_does_not_fit_is_said_to_lie_with_us() -> None:
    found = sort_out([filed(1, size=600)], PassingOn(most_bytes=10))

    assert found.linked == ()
    assert found.values["attachments_kept"] == ["N-1.pdf (1.pdf)"]


def test_what_is_not_passed_on_is_named_with_its_reason_and_never_dropped() -> None:
    verdicts: list[Verdict] = ["clean", "unscanned", "infected", "blocked", "too_large", "too_many"]
    files = [filed(at, verdict, detail="Name") for at, verdict in enumerate(verdicts)]
    for how in (
        PassingOn(),
        PassingOn(most_bytes=0),
        PassingOn(has_scanner=True),
        PassingOn(has_scanner=True, fail_closed=True),
    ):
        found = sort_out(files, how)

        shown = " ".join(
            label for key, labels in found.values.items() if isinstance(labels, list) for label in labels
        )
        assert all(f"N-{at}.pdf" in shown for at in range(len(files)))
        assert {one.verdict for one in (*found.carried, *found.linked)} <= {"clean", "unscanned"}
        if how.fail_closed:
            assert [one.verdict for one in found.carried] == ["clean"]
    assert found.values["attachments_infected"] == ["N-2.pdf (2.pdf): Name"]


def test_that_it_was_not_scanned_is_said_only_where_there_is_a_scanner() -> None:
    files = [filed(1, "unscanned")]

    assert sort_out(files, PassingOn()).values["attachments_unscanned"] == []
    assert sort_out(files, PassingOn(has_scanner=True)).values["attachments_unscanned"] == ["N-1.pdf (1.pdf)"]


@pytest.mark.parametrize(
    ("media_type", "filename"),
    [
        ("message/rfc822", "a"),
        ("application/vnd.ms-outlook", "a"),
        ("text/plain", "A.VCF"),
        ("text/plain", "a.eml"),
    ],
)
def test_whole_mails_and_cards_go_to_no_citizen_and_are_named(media_type: str, filename: str) -> None:
    found = for_citizen([replace(filed(1), media_type=media_type, filename=filename)], PassingOn())

    assert found.carried == ()
    assert found.values["attachments_blocked"] == [f"N-1.pdf ({filename})"]


def test_a_citizen_gets_what_the_scanner_saw_and_without_a_scanner_what_there_is() -> None:
    files = [filed(1), filed(2, "unscanned")]

    assert names(for_citizen(files, PassingOn(has_scanner=True)).carried) == [1]
    assert names(for_citizen(files, PassingOn()).carried) == [1, 2]


def test_a_citizen_gets_no_link() -> None:
    found = for_citizen([filed(1, size=600)], PassingOn(most_bytes=10, has_links=True))

    assert (found.carried, found.linked) == ((), ())
    assert found.values["attachments_kept"] == ["N-1.pdf (1.pdf)"]


def test_a_composed_mail_takes_files_and_is_the_same_each_time() -> None:
    composed = compose(replace(MAIL, takes_files=True))
    files = [
        File("N-1.pdf", "application/pdf", bytes(range(256)) * 500),
        File("N-2.txt", "text/plain", "نص".encode()),
    ]

    made = with_files(composed, files)

    assert made == with_files(composed, files)
    assert max(len(line) for line in made.split(b"\r\n")) <= 998
    assert b"\n" not in made.replace(b"\r\n", b"")
    read = message_from_bytes(made, policy=policy.default)
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
        "application/octet-stream",
    ]
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == MAIL.text.splitlines()
    assert [(part.get_filename(), part.get_content()) for part in read.iter_attachments()] == [
        (file.name, file.content) for file in files
    ]
    assert read.defects == []


def test_a_mail_that_takes_files_is_whole_without_any() -> None:
    composed = compose(replace(MAIL, takes_files=True))

    assert with_files(composed, []) == composed
    assert message_from_bytes(composed, policy=policy.default).get_body(("html",)) is not None


@pytest.mark.parametrize(
    "media_type", ["message/rfc822", "text/html", "multipart/mixed", "x", "a/b\r\nX: y", ""]
)
def test_what_a_mail_program_would_open_by_itself_is_only_carried(media_type: str) -> None:
    made = with_files(compose(replace(MAIL, takes_files=True)), [File("N-1.eml", media_type, b"x")])

    (part,) = message_from_bytes(made, policy=policy.default).iter_attachments()
    assert part.get_content_type() == "application/octet-stream"
    assert base64.b64encode(b"x") in made
    assert b"\r\nX: y" not in made


@pytest.mark.parametrize("name", ["", "a b.pdf", 'a".pdf', "صورة.pdf", "../a", "a\r\nX: y"])
def test_a_name_that_is_not_ours_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        with_files(compose(replace(MAIL, takes_files=True)), [File(name, "application/pdf", b"")])


def test_a_mail_that_was_not_made_for_it_takes_no_files() -> None:
    with pytest.raises(ValueError):
        with_files(compose(replace(MAIL, html="")), [])


def test_the_page_for_operators_explains_every_verdict_and_every_list() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "ATTACHMENTS.md").read_text("utf-8")
    for verdict in get_args(Verdict):
        assert f"| `{verdict}` |" in page

    for language in ("ar", "en"):
        piece = (root / "templates" / language / "pieces" / "attachments.md").read_text("utf-8")
        called = names_in(language).values
        assert all(f"(({called[key][0]}))" in piece for key in sort_out([], PassingOn()).values)
