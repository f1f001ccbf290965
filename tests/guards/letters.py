"""Guards of reading: which addresses a letter names, what a hostile one may cost, where it belongs."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "mail/letter/addresses.py",
        "unit/test_mail_addresses.py",
        "unit/test_mail_parse.py",
        a_header_holds_so_many_addresses_at_most=("if len(found) >= _MAX_ADDRESSES:", "if False:"),
        a_header_holds_so_many_items_at_most=("if count > _MAX_ITEMS:", "if False:"),
        an_encoded_word_is_no_part_of_an_address=(
            "if not _ENCODED_ONLY.fullmatch(text.strip()):",
            "if False:",
        ),
        a_header_is_decoded_whole_only_where_no_address_stands_outside=(
            '"=?" in text and "@" not in _ENCODED_ONLY.sub("", text):',
            '"=?" in text:',
        ),
        an_address_in_a_comment_is_none=('bare = _COMMENT.sub(" ", item)', "bare = item"),
        two_angles_are_never_one_guess=("if len(angles) == len(found) == 1:", "if found:"),
        a_torn_domain_is_no_address=("if _TORN.search(bare):", "if False:"),
        a_name_with_an_address_is_no_address=("_SET_ASIDE if is_paired else _ENCODED_ONLY", "_ENCODED_ONLY"),
        an_address_has_a_local_part_and_a_domain_of_its_own=(
            "match is None or len(match[1]) > 128 or",
            "match is None or",
        ),
        a_domain_has_so_many_letters_at_most=("or len(match[2]) > 255:", "or False:"),
        a_domain_has_no_empty_label=('if ".." in match[2] or', "if"),
        a_quoted_mailbox_has_one_spelling=("return meant if _DOT_ATOM.fullmatch(meant) else", "return"),
        unseen_marks_are_no_part_of_an_address=('text = _UNSEEN.sub("", text)', "text = text"),
    ),
    *guards_of(
        "mail/letter/headers.py",
        "unit/test_mail_addresses.py",
        "unit/test_mail_parse.py",
        a_mail_has_so_many_headers_at_most=("if len(fields) > _MAX_HEADERS:", "if False:"),
        a_header_value_is_cut=(")[:_MAX_VALUE_BYTES])", "))"),
        headers_have_so_many_octets_at_most=("while at < min(end, start + limit):", "while at < end:"),
        a_result_of_the_border_is_never_decoded=("if name in _NEVER_ENCODED:", "if False:"),
    ),
    *guards_of(
        "mail/letter/parse.py",
        "unit/test_mail_addresses.py",
        "unit/test_mail_parse.py",
        all_fields_of_a_name_hold_so_many_addresses_at_most=("found[:_MAX_ADDRESSES]", "found"),
        a_thread_has_so_many_ids_at_most=("if len(ids) > _MAX_IDS:", "if False:"),
        two_from_addresses_are_no_sender=("if len(distinct) == 1 else None", "if distinct else None"),
        the_sender_field_is_no_identity=(
            "sender=_only(from_addresses),",
            'sender=_only(from_addresses or addresses.of("sender")),',
        ),
    ),
    *guards_of(
        "mail/letter/walk.py",
        "unit/test_mail_parse_limits.py",
        "unit/test_mail_parse.py",
        "unit/test_mail_parse_contents.py",
        parts_lie_so_deep_at_most=("if depth >= _MAX_DEPTH:", "if False:"),
        a_mail_has_so_many_parts_at_most=(
            "if self._parts_left <= 0 or self._header_bytes_left <= 0:",
            "if False:",
        ),
        the_headers_of_all_parts_have_so_many_octets_at_most=(
            "or self._header_bytes_left <= 0:",
            "or False:",
        ),
        mails_in_mails_are_opened_so_deep_at_most=(
            "if inner._enclosed_depth <= _MAX_ENCLOSED:",
            "if True:",
        ),
        signatures_around_signatures_are_opened_so_often_at_most=("if self._opaque_left <= 0 or", "if"),
    ),
    *guards_of(
        "mail/letter/parts.py",
        "unit/test_mail_parse_limits.py",
        "unit/test_mail_parse.py",
        delimiters_are_counted=("self.left -= 1", "pass"),
    ),
    *guards_of(
        "mail/meaning/routing.py",
        "unit/test_routing.py",
        so_many_traces_of_each_kind_at_most=("if len(seen) == _MAX_TRACES:", "if False:"),
        repeats_count_as_work=("islice(found, _MAX_TRACES * 20)", "found"),
        a_token_is_a_detail_of_our_own_address=("lowered.startswith(prefix) and", ""),
        a_token_stands_before_our_own_domain=(" and lowered.endswith(suffix))", ")"),
        a_token_is_no_longer_than_a_local_part=("0 < len(detail) <= _MAX_TOKEN_LENGTH and", "detail and"),
        a_long_text_is_not_searched_to_its_end=("new_text[:_MAX_SCANNED]", "new_text"),
        a_long_subject_is_not_searched_to_its_end=("mail.subject[:_MAX_SCANNED]", "mail.subject"),
    ),
    *guards_of(
        "attachments/archives.py",
        "unit/test_attachments.py",
        an_archive_unpacks_to_so_much_at_most=("if self.inflated_bytes < 0:", "if False:"),
        an_archive_holds_so_many_files_at_most=("if self.entries < 0:", "if False:"),
        an_archive_takes_so_much_work_at_most=("if self.monotonic() > self.ends_at:", "if False:"),
        an_archive_unpacks_to_so_many_times_itself_at_most=(
            "and self.unpacked > self.packed * self.budget.ratio:",
            "and False:",
        ),
        a_small_archive_may_compress_well=("self.unpacked > self.budget.ratio_from and", ""),
        archives_lie_so_deep_at_most=("if depth > meter.budget.depth:", "if False:"),
        a_directory_lists_so_many_files_at_most=("> budget.entries:", "> 10**9:"),
        a_long_nested_archive_is_not_held=("if len(kept) > meter.budget.nested_bytes:", "if False:"),
        empty_streams_are_counted=(
            "decompressor = make()\n            budget.spend(entries=1)",
            "decompressor = make()",
        ),
        xz_takes_so_much_memory_at_most=("memlimit=XZ_MEMORY", ""),
    ),
    *guards_of(
        "attachments/check.py",
        "unit/test_attachments.py",
        a_file_has_so_many_octets_at_most=("if len(content) > self._rules.file_bytes:", "if False:"),
        a_mails_files_have_so_many_octets_at_most=("if self._octets > self._rules.mail_bytes:", "if False:"),
        a_blocked_kind_is_blocked_by_its_name=(
            "yield from (ending(filename), declared_type",
            'yield from ("", declared_type',
        ),
        a_blocked_kind_is_blocked_by_its_content=("extension_of(look.media_type))\n", '"")\n'),
        macros_are_blocked=("if has_macros(content, look.media_type):", "if False:"),
        an_encrypted_file_is_known_as_one=("if is_encrypted(content, look.media_type):", "if False:"),
        an_encrypted_entry_is_known_as_one=("if member.is_encrypted:", "if False:"),
        a_macro_inside_is_blocked=('.lower() == "vbaproject.bin":', '.lower() == "":'),
        a_mail_in_a_mail_lies_so_deep_at_most=("if depth > self._budget.depth:", "if False:"),
        a_bomb_is_blocked=("detail = refused or look.bomb", "detail = refused"),
        an_enclosed_mail_is_looked_into=("if media_type != MAIL:", "if True:"),
    ),
]
