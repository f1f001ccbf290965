"""Revisions of the texts on each database: what it has to keep apart, to put in order and to count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from daemon.wording.file_door import FileDoor
from daemon.wording.revisions import Overtaken
from tests.casework.test_texts import (
    FIRST,
    SECOND,
    SMS,
    Open,
    clock,
    open_library,
    own,
    quick_check,
    saved,
    states,
    test_a_broken_file_leaves_the_last_good_words_in_force_across_restarts,
    test_a_new_version_never_goes_over_an_admins_words_and_is_a_choice,
    test_a_save_can_wait_for_its_time_and_any_daemon_publishes_it,
    test_going_back_says_again_what_was_said_and_is_a_revision_of_its_own,
    test_the_history_counts_the_messages_of_each_revision,
    test_what_one_daemon_publishes_another_says_as_soon_as_it_looks,
    test_with_a_second_person_words_for_citizens_wait_for_another_admin,
    write,
)

__all__ = [
    "clock",
    "open_library",
    "own",
    "quick_check",
    "test_a_broken_file_leaves_the_last_good_words_in_force_across_restarts",
    "test_a_new_version_never_goes_over_an_admins_words_and_is_a_choice",
    "test_a_save_can_wait_for_its_time_and_any_daemon_publishes_it",
    "test_going_back_says_again_what_was_said_and_is_a_revision_of_its_own",
    "test_the_history_counts_the_messages_of_each_revision",
    "test_what_one_daemon_publishes_another_says_as_soon_as_it_looks",
    "test_with_a_second_person_words_for_citizens_wait_for_another_admin",
]


def test_of_saves_at_the_same_time_one_wins_and_the_others_are_told(open_library: Open) -> None:
    library = open_library()
    began = library.revision(SMS)
    others = [open_library() for _ in range(6)]

    def save(number: int) -> bool:
        try:
            others[number].save(saved(f"{SECOND}{number}"), began)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(save, range(6)))

    assert won.count(True) == 1
    assert [state for _, _, state in states(library)] == ["superseded", "in_force"]


def test_saves_of_different_texts_at_the_same_time_all_count(open_library: Open) -> None:
    libraries = [open_library() for _ in range(4)]
    given = [saved(f"{SECOND}{n}", path=f"ar/text{n}.sms.txt") for n in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one[0].save(one[1]), zip(libraries, given, strict=True)))

    libraries[0].follow()
    assert [libraries[0].read(one.path) for one in given] == [one.content for one in given]


def test_two_daemons_at_one_folder_make_one_revision(open_library: Open) -> None:
    libraries = [open_library() for _ in range(4)]
    write(libraries[0], SECOND)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda library: FileDoor(library).look(), libraries))

    assert [content for content, _, _ in states(libraries[0])] == [FIRST, SECOND]
