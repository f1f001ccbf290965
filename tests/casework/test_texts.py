"""Revisions of the texts: every door, two admins, two machines, restarts, new versions of the program.

tests/integration has those on PostgreSQL, too, that the database decides.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from daemon.clock import ManualClock
from daemon.store import compositions, outbox, texts
from daemon.store.database import Database
from daemon.store.frozen import Frozen, freeze
from daemon.store.outbox import ToSay
from daemon.store.texts import Save
from daemon.templating import shipped
from daemon.templating.content import revision_of
from daemon.templating.engine import TemplateSet
from daemon.wording import file_door, overview
from daemon.wording.file_door import Change, FileDoor
from daemon.wording.library import Library, catalogue_paths
from daemon.wording.revisions import NothingToDo, Overtaken, Refusal, Rules
from tests.integration.office import START

SMS, STAFF = "ar/closed.sms.txt", "ar/staff_new.email.md"
FIRST, SECOND, THIRD, FOURTH = (f"منصة فرص: أُغلقت الشكوى ({word})" for word in ("أ", "ب", "ج", "د"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """What this version of the program comes with."""
    folder = tmp_path / "own"
    (folder / "ar").mkdir(parents=True)
    ship(folder, {SMS: FIRST, STAFF: "staff"})
    return folder


def ship(folder: Path, changed: dict[str, str]) -> None:
    """A version of the program with these texts."""
    for path, content in changed.items():
        (folder / path).write_text(content)
    lines = (folder / shipped.LIST).read_text() if (folder / shipped.LIST).exists() else ""
    lines += "".join(
        f"0.0.1 {shipped.sha256_of(content.encode())} {path}\n" for path, content in changed.items()
    )
    (folder / shipped.LIST).write_text(lines)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


Open = Callable[..., Library]


@pytest.fixture
def open_library(database: Database, own: Path, clock: ManualClock, tmp_path: Path) -> Open:
    """One daemon's. Opened again it is the same one after a restart, or another machine's."""

    def opened(*, folder: Path | None = None, second_person: bool = False) -> Library:
        library = Library(database, clock, own, folder or tmp_path / "folder", Rules(second_person))
        library.open()
        return library

    (tmp_path / "folder" / "ar").mkdir(parents=True)
    return opened


@pytest.fixture(autouse=True)
def quick_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is good is the check's own matter; here a text that says so is broken."""

    def problems(path: str, content: str) -> list[file_door.Problem]:
        return [file_door.Problem(path, 1, "broken")] if "broken" in content else []

    monkeypatch.setattr(Library, "problems", lambda self, path, content: problems(path, content))


def saved(content: str, by: str = "نورة", **given: object) -> Save:
    values: dict[str, object] = {
        "path": SMS,
        "revision": revision_of(content),
        "content": content,
        "by": by,
        "why": "",
        "door": "browser",
    }
    return Save(**(values | given))  # type: ignore[arg-type]


def states(library: Library, path: str = SMS) -> list[tuple[str, str, str]]:
    rows = library.database.read_now(texts.history, path)
    return [(row.content, row.door, row.state) for row in rows]


def row(library: Library, path: str = SMS) -> overview.Row:
    rows = library.database.read_now(overview.overview, library.paths())
    return next(one for one in rows if one.text.path == path)


# --- what is in force -------------------------------------------------------------------------------------


def test_a_new_database_holds_what_the_program_comes_with(open_library: Open) -> None:
    library = open_library()

    assert library.read(SMS) == FIRST
    assert states(library) == [(FIRST, "shipped", "in_force")]
    assert library.paths() == [SMS, STAFF]
    assert row(library).state == "in_force"
    open_library()
    assert states(library) == [(FIRST, "shipped", "in_force")]


def test_a_save_is_in_force_at_once_and_after_a_restart(open_library: Open) -> None:
    library = open_library()

    made = library.save(saved(SECOND, why="أوضح"), library.revision(SMS))

    assert (made.state, made.by, made.why, made.door) == ("in_force", "نورة", "أوضح", "browser")
    assert library.read(SMS) == SECOND
    assert list(library.earlier(SMS)) == [FIRST, FIRST]
    assert open_library().read(SMS) == SECOND
    assert row(library).changed_by == "نورة"


def test_what_one_daemon_publishes_another_says_as_soon_as_it_looks(open_library: Open) -> None:
    one, other = open_library(), open_library()
    templates = TemplateSet(other, "ar")
    before = other.stamp(SMS)

    one.save(saved(SECOND))

    assert other.follow()
    assert not other.follow()
    assert other.read(SMS) == SECOND
    assert other.stamp(SMS) != before
    assert templates.sources.read(SMS) == SECOND


def test_a_text_nobody_has_is_missing(open_library: Open) -> None:
    with pytest.raises(FileNotFoundError):
        open_library().read("ar/nothing.email.md")


# --- two admins -------------------------------------------------------------------------------------------


def test_the_later_save_of_two_is_shown_the_earlier_one(open_library: Open) -> None:
    library = open_library()
    began = library.revision(SMS)
    library.save(saved(SECOND, "نورة"), began)

    with pytest.raises(Overtaken) as stopped:
        library.save(saved(THIRD, "سالم"), began)

    assert (stopped.value.other.by, stopped.value.other.content) == ("نورة", SECOND)
    assert library.read(SMS) == SECOND
    library.save(saved(THIRD, "سالم"), stopped.value.other.revision)
    assert library.read(SMS) == THIRD


def test_a_save_that_changes_nothing_is_none(open_library: Open) -> None:
    with pytest.raises(NothingToDo):
        open_library().save(saved(FIRST))


# --- a second person, and a time --------------------------------------------------------------------------


def test_with_a_second_person_words_for_citizens_wait_for_another_admin(open_library: Open) -> None:
    library = open_library(second_person=True)

    made = library.save(saved(SECOND, "نورة"))

    assert made.state == "waiting_for_second"
    assert library.read(SMS) == FIRST
    assert (row(library).state, row(library).other) == ("waiting_for_second", made.revision)
    with pytest.raises(Refusal, match="somebody else"):
        library.approve(SMS, made.revision, "نورة")
    approved = library.approve(SMS, made.revision, "سالم")
    assert (approved.state, approved.approved_by) == ("in_force", "سالم")
    assert library.read(SMS) == SECOND
    with pytest.raises(NothingToDo):
        library.approve(SMS, made.revision, "سالم")


def test_with_a_second_person_a_notice_to_staff_waits_for_nobody(open_library: Open) -> None:
    made = open_library(second_person=True).save(saved("other words", path=STAFF))

    assert made.state == "in_force"


def test_what_is_approved_is_what_was_seen(open_library: Open) -> None:
    library = open_library(second_person=True)
    first = library.save(saved(SECOND, "نورة"))
    library.save(saved(THIRD, "نورة"), first.revision)

    with pytest.raises(Overtaken):
        library.approve(SMS, first.revision, "سالم")

    assert [state for _, _, state in states(library)] == ["in_force", "superseded", "waiting_for_second"]


def test_a_save_can_wait_for_its_time_and_any_daemon_publishes_it(
    open_library: Open, clock: ManualClock
) -> None:
    library, other = open_library(), open_library()
    made = library.save(saved(SECOND, publish_at=clock.now() + timedelta(days=2)))
    assert made.state == "waiting_for_time"
    other.follow()
    clock.advance(days=1)
    assert not other.follow()

    clock.advance(days=1)

    assert other.follow()
    assert other.read(SMS) == SECOND
    library.follow()
    assert library.read(SMS) == SECOND
    assert [state for _, _, state in states(library)] == ["superseded", "in_force"]


def test_a_save_with_a_time_needs_the_second_person_all_the_same(
    open_library: Open, clock: ManualClock
) -> None:
    library = open_library(second_person=True)
    made = library.save(saved(SECOND, publish_at=clock.now() + timedelta(days=2)))

    clock.advance(days=3)
    library.follow()
    assert library.read(SMS) == FIRST

    library.approve(SMS, made.revision, "سالم")
    assert library.read(SMS) == SECOND


def now_refused(monkeypatch: pytest.MonkeyPatch, *contents: str) -> None:
    """From now on the check refuses these words: a piece, or what they are measured with, is another."""

    def problems(self: Library, path: str, content: str) -> list[file_door.Problem]:
        return [file_door.Problem(path, 1, "refused")] if content in contents else []

    monkeypatch.setattr(Library, "problems", problems)


def test_what_fails_its_check_when_its_time_comes_goes_on_waiting_and_is_told_once(
    open_library: Open, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_library()
    library.save(saved(SECOND, publish_at=clock.now() + timedelta(days=2)))
    door = FileDoor(library)
    now_refused(monkeypatch, SECOND)
    clock.advance(days=2)

    library.follow()

    assert library.read(SMS) == FIRST
    assert [(one.path, len(one.problems)) for one in door.look()] == [(SMS, 1)]
    library.follow()
    assert door.look() == []
    assert row(library).state == "waiting_for_time"
    now_refused(monkeypatch)
    library.save(saved("other words", path=STAFF))
    library.follow()
    assert library.read(SMS) == SECOND


def test_what_fails_its_check_by_now_is_not_approved(
    open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_library(second_person=True)
    made = library.save(saved(SECOND, "نورة"))
    now_refused(monkeypatch, SECOND)

    with pytest.raises(Refusal, match=":1: refused"):
        library.approve(SMS, made.revision, "سالم")

    assert (library.read(SMS), row(library).state) == (FIRST, "waiting_for_second")


def test_a_newer_save_takes_the_place_of_what_waits(open_library: Open, clock: ManualClock) -> None:
    library = open_library()
    waiting = library.save(saved(SECOND, publish_at=clock.now() + timedelta(days=2)))
    with pytest.raises(Overtaken):
        library.save(saved(THIRD), revision_of(FIRST))

    library.save(saved(THIRD), waiting.revision)
    clock.advance(days=3)
    library.follow()

    assert library.read(SMS) == THIRD


# --- the way back -----------------------------------------------------------------------------------------


def test_going_back_says_again_what_was_said_and_is_a_revision_of_its_own(open_library: Open) -> None:
    library = open_library(second_person=True)
    made = library.save(saved(SECOND, "نورة"))
    library.approve(SMS, made.revision, "سالم")

    back = library.roll_back(SMS, revision_of(FIRST), "سالم", "خطأ في الصياغة")

    assert library.read(SMS) == FIRST
    assert (back.door, back.by, back.why, back.revision) == (
        "rollback",
        "سالم",
        "خطأ في الصياغة",
        revision_of(FIRST),
    )
    with pytest.raises(NothingToDo):
        library.roll_back(SMS, revision_of(FIRST), "سالم")


def test_nobody_goes_back_to_what_never_was_in_force(open_library: Open) -> None:
    library = open_library(second_person=True)
    made = library.save(saved(SECOND))

    with pytest.raises(Refusal, match="never was in force"):
        library.roll_back(SMS, made.revision, "سالم")
    with pytest.raises(Refusal, match="no revision"):
        library.roll_back(SMS, "0" * 12, "سالم")


# --- the door for files -----------------------------------------------------------------------------------


def write(library: Library, content: str, path: str = SMS) -> None:
    (library.folder / path).write_text(content)


def test_a_changed_file_is_a_save_by_its_owner(open_library: Open) -> None:
    library = open_library()
    door = FileDoor(library)
    write(library, SECOND)

    assert door.look() == [Change(SMS)]

    assert library.read(SMS) == SECOND
    assert states(library)[-1] == (SECOND, "file", "in_force")
    assert row(library).changed_by == file_door._name_of(os.getuid())
    assert door.look() == []


def test_a_broken_file_leaves_the_last_good_words_in_force_across_restarts(open_library: Open) -> None:
    library = open_library()
    door = FileDoor(library)
    write(library, SECOND)
    door.look()
    write(library, "broken")

    (change,) = door.look()

    assert [str(problem) for problem in change.problems] == [f"{SMS}:1: broken"]
    assert library.read(SMS) == SECOND
    assert (row(library).state, row(library).problems) == ("refused", (f"{SMS}:1: broken",))
    restarted = open_library()
    assert FileDoor(restarted).look() == [], "told once"
    assert restarted.read(SMS) == SECOND
    write(restarted, THIRD)
    FileDoor(restarted).look()
    assert (restarted.read(SMS), row(restarted).state) == (THIRD, "in_force")


def test_a_file_that_changed_while_nothing_ran_is_taken_in_at_the_start(open_library: Open) -> None:
    FileDoor(open_library()).look()
    library = open_library()
    write(library, SECOND)

    FileDoor(library).look()

    assert library.read(SMS) == SECOND


def test_a_file_that_stayed_as_it_is_does_not_undo_a_later_save(open_library: Open) -> None:
    library = open_library()
    write(library, SECOND)
    FileDoor(library).look()
    library.save(saved(THIRD))

    restarted = open_library()
    assert FileDoor(restarted).look() == []
    os.utime(library.folder / SMS)
    assert FileDoor(restarted).look() == []

    assert restarted.read(SMS) == THIRD


def test_a_file_that_goes_back_to_older_words_is_a_save(open_library: Open) -> None:
    library = open_library()
    door = FileDoor(library)
    for content in (SECOND, THIRD, SECOND):
        write(library, content)
        door.look()

    assert library.read(SMS) == SECOND
    assert [content for content, _, _ in states(library)] == [FIRST, SECOND, THIRD, SECOND]


def test_a_file_that_equals_any_shipped_version_is_no_save(open_library: Open, own: Path) -> None:
    library = open_library()
    library.save(saved(SECOND))
    write(library, FIRST)

    assert FileDoor(library).look() == []

    assert library.read(SMS) == SECOND


def test_a_file_of_an_older_version_than_this_database_knows_is_no_save(
    open_library: Open, own: Path
) -> None:
    ship(own, {SMS: FOURTH})
    ship(own, {SMS: FIRST})
    library = open_library()
    write(library, FOURTH)

    assert FileDoor(library).look() == []

    assert states(library) == [(FIRST, "shipped", "in_force")]


def test_a_folder_that_moves_to_another_machine_undoes_nothing(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    write(library, SECOND)
    FileDoor(library).look()
    library.save(saved(THIRD))
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "ar").mkdir(parents=True)
    (elsewhere / SMS).write_text(SECOND)

    moved = open_library(folder=elsewhere)
    assert FileDoor(moved).look() == []
    assert moved.read(SMS) == THIRD

    (elsewhere / SMS).write_text(FOURTH)
    FileDoor(moved).look()
    assert moved.read(SMS) == FOURTH


def test_a_daemon_that_was_slower_at_the_same_folder_makes_no_second_revision(open_library: Open) -> None:
    one, other = FileDoor(open_library()), FileDoor(open_library())
    library = open_library()
    write(library, SECOND)
    one.look()
    library.save(saved(THIRD))

    made = library.database.transact_now(other._save, other.read(SMS), "")

    assert made is None
    assert [content for content, _, _ in states(library)] == [FIRST, SECOND, THIRD]


def test_many_changed_files_are_taken_in_one_after_another(open_library: Open) -> None:
    library = open_library()
    door = FileDoor(library)
    write(library, SECOND)
    write(library, "other words", STAFF)

    taken = [door.look(within_s=-1), door.look(), door.look()]

    assert [len(changes) for changes in taken] == [0, 2, 0]


def test_files_of_no_text_are_not_looked_at(open_library: Open) -> None:
    library = open_library()
    for name in ("ar/closed.sms.txt~", "ar/.closed.sms.txt.swp", "notes.txt", "ar/4913"):
        write(library, "broken", name)

    assert FileDoor(library).look() == []


def test_a_file_of_other_octets_or_too_long_is_refused(open_library: Open) -> None:
    library = open_library()
    door = FileDoor(library)
    (library.folder / SMS).write_bytes("منصة".encode("windows-1256"))
    assert [str(one) for change in door.look() for one in change.problems] == [
        f"{SMS}: the file is not UTF-8"
    ]

    (library.folder / SMS).write_bytes(b"x" * 40_000)

    (change,) = door.look()
    assert "longer than" in str(change.problems[0])
    assert library.read(SMS) == FIRST


def test_what_was_refused_is_judged_again_at_the_next_start(
    open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_refused(monkeypatch, SECOND)
    library = open_library()
    write(library, SECOND)
    assert len(FileDoor(library).look()) == 1
    now_refused(monkeypatch)

    restarted = open_library()

    assert FileDoor(restarted).look() == [Change(SMS)]
    assert (restarted.read(SMS), row(restarted).state) == (SECOND, "in_force")


def test_what_was_refused_is_judged_again_after_any_change_and_told_once(
    open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_refused(monkeypatch, SECOND)
    library = open_library()
    door = FileDoor(library)
    write(library, SECOND)
    assert len(door.look()) == 1
    library.save(saved("other words", path=STAFF))
    assert door.look() == []
    assert row(library).state == "refused"

    now_refused(monkeypatch)
    assert door.look() == []
    library.save(saved("still other words", path=STAFF))

    assert door.look() == [Change(SMS)]


def test_a_text_and_the_piece_it_needs_may_be_dropped_together(
    open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_library()

    def problems(self: Library, path: str, content: str) -> list[file_door.Problem]:
        has_piece = library.read(STAFF) == "piece"
        return [] if path == STAFF or has_piece else [file_door.Problem(path, 1, "needs the piece")]

    monkeypatch.setattr(Library, "problems", problems)
    monkeypatch.setattr(FileDoor, "_listing", lambda self: [(SMS, 1), (STAFF, 1)])
    write(library, SECOND)
    write(library, "piece", STAFF)

    assert {change.path: change.problems for change in FileDoor(library).look()} == {SMS: (), STAFF: ()}
    assert library.read(SMS) == SECOND


def test_a_refused_file_never_undoes_what_was_saved_since(
    open_library: Open, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_refused(monkeypatch, SECOND)
    library = open_library()
    write(library, SECOND)
    FileDoor(library).look()
    clock.advance(minutes=1)
    library.save(saved(THIRD))
    now_refused(monkeypatch)

    assert FileDoor(open_library()).look() == []
    assert library.read(SMS) == THIRD


def test_a_text_is_refused_no_more_once_it_was_saved_anew_on_another_machine(
    open_library: Open, clock: ManualClock, tmp_path: Path
) -> None:
    library = open_library()
    write(library, "broken")
    FileDoor(library).look()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "ar").mkdir(parents=True)
    (elsewhere / SMS).write_text(SECOND)
    clock.advance(minutes=1)

    moved = open_library(folder=elsewhere)
    FileDoor(moved).look()

    assert (moved.read(SMS), row(moved).state, row(moved).problems) == (SECOND, "in_force", ())


def test_a_file_whose_name_is_no_text_stops_nothing(open_library: Open) -> None:
    library = open_library()
    door = FileDoor(library)
    (library.folder / "ar/pieces").mkdir()
    windows = os.fsencode(library.folder) + b"/ar/pieces/\xca\xcd.md"
    with open(windows, "wb") as file:
        file.write(b"x")
    write(library, SECOND)

    assert door.look() == [Change(SMS)]
    assert library.read(SMS) == SECOND


def test_a_file_that_cannot_be_taken_in_holds_up_no_other(
    open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_library()
    door = FileDoor(library)
    real = FileDoor._save

    def save(self: FileDoor, connection: Connection, file: file_door.File, *last: Any) -> bool:
        if "odd" in file.content:
            raise ValueError("A string literal cannot contain NUL characters")
        return real(self, connection, file, *last)

    monkeypatch.setattr(FileDoor, "_save", save)
    write(library, "odd", STAFF)
    write(library, SECOND)

    found = {change.path: [str(one) for one in change.problems] for change in door.look()}

    assert found == {SMS: [], STAFF: [f"{STAFF}: cannot be taken in (ValueError)"]}
    assert library.read(SMS) == SECOND
    assert row(library, STAFF).state == "refused"
    assert door.look() == []


def test_a_file_waits_for_a_second_person_too(open_library: Open) -> None:
    library = open_library(second_person=True)
    write(library, SECOND)

    FileDoor(library).look()

    assert library.read(SMS) == FIRST
    assert row(library).state == "waiting_for_second"


# --- a new version of the program -------------------------------------------------------------------------


def test_a_new_version_changes_what_nobody_touched(open_library: Open, own: Path) -> None:
    open_library()
    ship(own, {SMS: SECOND})

    library = open_library()

    assert library.read(SMS) == SECOND
    assert states(library) == [(FIRST, "shipped", "superseded"), (SECOND, "shipped", "in_force")]


def test_a_new_version_never_goes_over_an_admins_words_and_is_a_choice(open_library: Open, own: Path) -> None:
    open_library().save(saved(THIRD))
    ship(own, {SMS: SECOND})

    library = open_library()
    assert library.read(SMS) == THIRD
    assert (row(library).state, row(library).other) == ("new_shipped_version", revision_of(SECOND))

    library.roll_back(SMS, revision_of(SECOND), "نورة")
    assert library.read(SMS) == SECOND
    assert row(library).state == "in_force"


def test_what_a_new_version_offers_can_be_declined(open_library: Open, own: Path) -> None:
    open_library().save(saved(THIRD))
    ship(own, {SMS: SECOND})
    library = open_library()

    library.roll_back(SMS, revision_of(THIRD), "نورة")

    assert (library.read(SMS), row(library).state) == (THIRD, "in_force")
    assert open_library().read(SMS) == THIRD
    assert row(library).state == "in_force", "not offered again"


def test_a_new_version_leaves_what_waits_waiting(open_library: Open, own: Path, clock: ManualClock) -> None:
    open_library().save(saved(THIRD, publish_at=clock.now() + timedelta(days=1)))
    ship(own, {SMS: SECOND})
    library = open_library()
    assert library.read(SMS) == SECOND

    clock.advance(days=2)
    library.follow()

    assert library.read(SMS) == THIRD


def test_the_old_file_in_an_admins_folder_does_not_undo_a_new_version(open_library: Open, own: Path) -> None:
    library = open_library()
    write(library, FIRST)
    FileDoor(library).look()
    ship(own, {SMS: SECOND})

    library = open_library()
    FileDoor(library).look()

    assert library.read(SMS) == SECOND


def test_where_an_admin_edits_the_programs_own_files_a_broken_one_is_never_in_force(
    open_library: Open, own: Path
) -> None:
    library = open_library(folder=own)
    FileDoor(library).look()
    (own / SMS).write_text("broken")

    restarted = open_library(folder=own)
    FileDoor(restarted).look()

    assert restarted.read(SMS) == FIRST
    (own / SMS).write_text(THIRD)
    FileDoor(restarted).look()
    assert open_library(folder=own).read(SMS) == THIRD


def test_a_text_whose_kept_edit_fails_is_listed_as_refused_and_its_earlier_words_stay(
    open_library: Open, own: Path
) -> None:
    (own / SMS).write_text("broken")
    fresh = open_library(folder=own)
    FileDoor(fresh).look()

    rows = fresh.database.read_now(overview.overview, fresh.every_path())
    (kept,) = [one for one in rows if one.text.path == SMS]

    assert (fresh.has(SMS), kept.state, kept.revision) == (False, "refused", "")
    assert kept.problems == (f"{SMS}:1: broken",)


def test_where_a_pristine_copy_is_kept_the_shipped_words_serve_for_an_edit_that_fails(
    open_library: Open, own: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(own, edited)
    (edited / SMS).write_text("broken")
    library = open_library(folder=edited)

    FileDoor(library).look()

    assert library.read(SMS) == FIRST
    assert row(library).state == "refused"


def test_every_text_of_the_catalogue_is_listed(open_library: Open) -> None:
    library = open_library()

    assert {*catalogue_paths()} <= {*library.every_path()}
    assert {"ar/closed.duplicate.email.md", "en/footer.staff.md", "layout.email.html"} <= {*catalogue_paths()}


# --- what was sent ----------------------------------------------------------------------------------------


def test_the_history_counts_the_messages_of_each_revision(
    open_library: Open, database: Database, clock: ManualClock
) -> None:
    library = open_library()

    def send(number: int) -> None:
        said = ToSay(f"c{number}", "closed", "sms", "requester", "+9665", f"r{number}", {}, {})
        now = clock.now()
        database.transact_now(outbox.add, [said], now)
        (claimed,) = database.transact_now(outbox.claim, "me", "sms", now, 10)
        database.transact_now(freeze, "me", [Frozen(claimed.id, "x", b"x", library.revision(SMS))])
        database.transact_now(outbox.mark_sent, [(claimed.id, "p")], now)
        clock.advance(minutes=1)

    send(1)
    library.save(saved(SECOND))
    send(2)
    send(3)
    library.roll_back(SMS, revision_of(FIRST), "نورة")
    send(4)

    past = database.read_now(overview.history, SMS)

    assert [(one.revision.content, one.sent) for one in past] == [(FIRST, 1), (SECOND, 2), (FIRST, 1)]


def test_the_history_of_a_shared_piece_counts_the_messages_that_it_stood_in(
    open_library: Open, database: Database, clock: ManualClock
) -> None:
    """Two texts with the same words are two texts, and a piece is counted with whatever says it."""
    open_library()
    made_of = {SMS: revision_of(FIRST), STAFF: revision_of("staff")}
    said = ToSay("c", "closed", "sms", "requester", "+9665", "r", {}, {})
    database.transact_now(outbox.add, [said], clock.now())
    (claimed,) = database.transact_now(outbox.claim, "me", "sms", clock.now(), 10)
    frozen = Frozen(claimed.id, "x", b"x", made_of[SMS], made_of)

    database.transact_now(freeze, "me", [frozen])
    database.transact_now(outbox.mark_sent, [(claimed.id, "p")], clock.now())

    counts = {path: database.read_now(overview.history, path)[0].sent for path in (SMS, STAFF)}
    kept = database.read_now(outbox.by_id, claimed.id)
    assert counts == {SMS: 1, STAFF: 1}
    assert kept is not None
    assert database.read_now(compositions.parts_of, kept.composition or "") == made_of
    assert database.read_now(texts.sent, "en/closed.sms.txt", made_of[SMS]) == []


def test_a_version_that_takes_earlier_words_back_brings_them(
    open_library: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, words in (("1", FIRST), ("2", SECOND), ("3", FIRST)):
        monkeypatch.setattr("daemon.wording.library.SHIPPED_BY", f"shakwa {version}")
        ship(own, {SMS: words})
        assert open_library().read(SMS) == words

    monkeypatch.setattr("daemon.wording.library.SHIPPED_BY", "shakwa 2")
    ship(own, {SMS: SECOND})
    assert open_library().read(SMS) == FIRST, "an earlier version that starts again brings nothing new"


def test_a_version_that_takes_earlier_words_back_offers_them_where_an_admin_chose_others(
    open_library: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_library().save(saved(THIRD))
    for version, words in (("2", SECOND), ("3", FIRST)):
        monkeypatch.setattr("daemon.wording.library.SHIPPED_BY", f"shakwa {version}")
        ship(own, {SMS: words})
        library = open_library()

        assert (library.read(SMS), row(library).other) == (THIRD, revision_of(words))


def test_a_file_that_takes_the_place_of_what_waits_is_told(open_library: Open) -> None:
    library = open_library(second_person=True)
    waiting = library.save(saved(SECOND))
    write(library, THIRD)

    (change,) = FileDoor(library).look()

    assert waiting.revision in change.over
    assert "نورة" in change.over
