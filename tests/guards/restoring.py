"""Guards of backups, restores and evidence: without them something is lost, said twice, or believed."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

GUARDS: list[Guard] = [
    *guards_of(
        "backup/archive.py",
        "integration/test_backup.py",
        an_archive_has_its_end=("if manifest is None:", "if False:"),
        members_are_those_of_the_manifest=('manifest.get("members") == listed', "True"),
        only_names_of_ours_are_written=("elif MEMBERS.fullmatch(name) and name not in found:", "elif True:"),
    ),
    *guards_of(
        "backup/workplace.py",
        "integration/test_backup_hostile.py",
        what_is_worked_in_stays=("fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass"),
        what_a_killed_one_left_goes=("count += _removed(path)", "pass"),
    ),
    *guards_of(
        "backup/restoring.py",
        "integration/test_backup.py",
        live_data_is_not_overwritten=("if not target.is_replacing and path.exists():", "if False:"),
        no_daemon_lives=("fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass"),
        the_other_database_is_refused=("if about.engine != wanted:", "if False:"),
    ),
    *guards_of(
        "casework/recovery.py",
        "casework/test_recovery.py",
        without_a_logbook_nothing_is_said_again=(
            "return until is None or life.noted_at is None",
            "return False",
        ),
        mail_in_the_inbox_that_nobody_knows_is_new=("if life is not None or not must_be_known:", "if True:"),
    ),
    *guards_of(
        "casework/outgoing.py",
        "casework/test_recovery.py",
        the_mailbox_is_read_before_the_release=("if is_of_restore and ", "if False and "),
    ),
    *guards_of(
        "loops/desk.py",
        "casework/test_recovery.py",
        nothing_is_decided_before_the_mailbox_was_read=("if stage is not Stage.DECIDING:", "if True:"),
        deadlines_of_before_the_loss_are_of_then=("due.due_at <= self._lived_until:", "False:"),
    ),
    *guards_of(
        "backup/evidence.py",
        "casework/test_evidence_archive.py",
        the_signature_counts=("except (InvalidSignature, ValueError):", "except ZeroDivisionError:"),
        nothing_hides_beside_the_members=("**members}) != octets:", "**members}) != octets and False:"),
    ),
]
