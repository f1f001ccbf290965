"""The guards of the texts: whose words are said, and that nobody's are lost."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

CASES = ("casework/test_texts.py",)
GUARDS: list[Guard] = [
    *guards_of(
        "wording/revisions.py",
        *CASES,
        a_newer_save_stops_an_older_one=(
            "if began_from and head is not None and head.revision != began_from:",
            "if False:",
        ),
        a_second_person_is_waited_for=("if wants_second:", "if False:"),
        nobody_approves_their_own_words=("if is_same_person(head.by, by):", "if False:"),
        what_is_approved_is_what_was_seen=("if head.revision != revision:", "if False:"),
        a_time_is_waited_for=(
            'return "waiting_for_time" if given.publish_at is not None and given.publish_at > now else',
            'return "in_force" if given.publish_at is not None and given.publish_at > now else',
        ),
        nobody_goes_back_to_words_that_were_not_agreed_on=(
            'if not any(one.in_force_at or one.state == "offered" for one in found):',
            "if False:",
        ),
        a_new_version_goes_over_nobodys_words=(
            'if standing is None or standing.door == "shipped":',
            "if True:",
        ),
    ),
    *guards_of(
        "wording/file_door.py",
        *CASES,
        a_file_that_stayed_as_it_is_is_no_save=(
            "if last is not None and last.sha256 == file.sha256 and not self._is_judged_again(last):",
            "if False:",
        ),
        a_shipped_version_is_no_save=(
            "if file.sha256 in self._library.listed.get(file.path, ()):\n            return True",
            "if False:\n            return True",
        ),
        a_folder_that_moved_is_no_save=(
            "return bool(had) and (last is None or",
            "return bool(had) and (False or",
        ),
        a_broken_file_changes_nothing=(
            "        if problems:\n            self._refused",
            "        if False:\n            self._refused",
        ),
        a_refused_file_undoes_no_later_save=(
            "return not any(one.at > last.seen_at",
            "return not any(False and one.at > last.seen_at",
        ),
        two_daemons_at_one_folder_make_one_revision=("!= last_sha256:", "!= last_sha256 and False:"),
    ),
    *guards_of(
        "wording/library.py",
        *CASES,
        what_waited_is_checked_again_when_its_time_comes=(
            "if problems := self.problems(one.path, one.content):",
            "if problems := []:",
        ),
        what_another_daemon_publishes_is_loaded=(
            "if self.database.read_now(texts.changes) == self._loaded.changes:",
            "if True:",
        ),
        only_listed_files_of_our_own_folder_are_shipped=(
            "_contents(own, None if own != folder else self.listed)",
            "_contents(own, None)",
        ),
    ),
]
