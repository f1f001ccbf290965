"""The guards of what the daemon reads of mail that was set aside, what a digest has told already, what a
member reads who is assigned a complaint, and whose name a proved complaint bears."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

GUARDS: list[Guard] = [
    *guards_of(
        "casework/quarantine.py",
        "unit/test_quarantine.py",
        no_more_than_the_head_is_read_here=("split(raw[: inbox.HEAD_BYTES])[0] +", "split(raw)[0] +"),
        a_field_far_down_is_cut=("found[0][:_FIELD_BYTES]", "found[0]"),
        so_many_fields_far_down_are_read=(
            "islice(_WRITER.finditer(split(raw)[0]), _MOST_WRITERS)",
            "_WRITER.finditer(raw)",
        ),
    ),
    *guards_of(
        "store/digests.py",
        "casework/test_quarantine.py",
        a_digest_is_found_however_its_team_is_spelt=(
            "recipient == address.lower())",
            "recipient == address)",
        ),
    ),
    *guards_of(
        "workflow/saying_to_staff.py",
        "casework/test_handed_over.py",
        an_assignee_reads_the_later_words=(
            "text = facts.first_text[:room] + later",
            "text = facts.first_text",
        ),
        that_there_are_more_is_said=("if facts.is_more_between else later", "if False else later"),
    ),
    *guards_of(
        "store/messages.py",
        "casework/test_handed_over.py",
        words_before_the_proof_are_not_shown_as_theirs=("    if of_proved:\n", "    if False:\n"),
        what_they_quote_is_no_word_of_theirs=(
            "func.coalesce(messages.c.new_text, messages.c.text), 1",
            "messages.c.text, 1",
        ),
    ),
    *guards_of(
        "casework/facts.py",
        "casework/test_handed_over.py",
        only_the_last_words_are_shown=("later_texts=tuple(later[-MOST_LATER:])", "later_texts=tuple(later)"),
    ),
    *guards_of(
        "workflow/proof.py",
        "casework/test_proved_since.py",
        a_callers_name_gives_way_to_the_proof=("    if not ticket.authenticated:\n", "    if False:\n"),
    ),
    *guards_of(
        "reading/process.py",
        "integration/test_workers.py",
        a_small_mail_has_no_long_value=("return min(VALUE_BYTES, MB + ", "return max(VALUE_BYTES, MB + "),
    ),
]
