"""Guards of /admin/: who gets in, how long they stay, what other sites can do, what stands in the audit."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "web/admin/people.py",
        "casework/test_admin_sign_in.py",
        an_address_is_no_other_in_small_letters=("if email.isascii() else None", ""),
    ),
    *guards_of(
        "casework/file_counter.py",
        "casework/test_admin_desk.py",
        an_operator_gets_what_was_found_clean=(
            'if row.verdict != "clean" and self._passing_on.has_scanner:',
            "if False:",
        ),
        a_file_is_asked_for_with_its_complaint=("if row is None or row.number != number:", "if row is None:"),
        who_took_a_file_is_known=(
            "self._database.transact_now(audit.record, deed, self._clock.now())",
            "pass",
        ),
    ),
    *guards_of(
        "web/files.py",
        "casework/test_admin_desk.py",
        a_browser_saves_and_shows_nothing=("f'attachment; filename", "f'inline; filename"),
    ),
    *guards_of(
        "casework/staff_audit.py",
        "casework/test_staff_audit.py",
        what_staff_did_is_written_down=("if one.who and outcome.kind", "if False and outcome.kind"),
    ),
    *guards_of(
        "casework/counter.py",
        "casework/test_staff_audit.py",
        what_clients_did_is_written_down=("if caller is not PAGE and not caller.is_staff:", "if False:"),
    ),
    *guards_of(
        "web/admin/origins.py",
        "casework/test_admin_sign_in.py",
        other_sites_cannot_act=('return site in ("same-origin", "none")', "return True"),
        an_origin_is_ours_or_nothing=("return not origin or origin == own_origin", "return True"),
    ),
    *guards_of(
        "web/admin/signing.py",
        "casework/test_admin_sign_in.py",
        nobody_is_led_elsewhere=("is_safe = _NEXT.fullmatch(given) and not", "is_safe = not"),
        nobody_climbs_out_of_the_admins_pages=('{".", ".."} & set(', "set() & set("),
        a_name_is_tried_so_often_from_a_line=('or self.of_both.take(f"{line} {name}")', "or 0.0"),
        a_line_tries_so_many_names=("self.of_line.take(line) or", ""),
        a_name_is_tried_so_often_in_all=("by_line or self.of_name.take(name)", "by_line"),
        what_strangers_try_keeps_nobody_out=("        if device:", "        if not name:"),
        a_wrong_password_lets_nobody_in=("if admin is None or not is_right:", "if admin is None:"),
        what_a_stranger_typed_is_not_written=(
            'self.sessions.refuse(admin, "password", line, "password" if admin else "name")',
            'self.sessions.refuse(admin, "password", line, name)',
        ),
    ),
    *guards_of(
        "web/admin/passwords.py",
        "casework/test_admin_sign_in.py",
        a_flood_is_turned_away=("if self._begun >= AT_ONCE + MOST_WAITING:", "if False:"),
        an_unknown_name_costs_the_same=(
            "against = self._decoy(name) if password_hash is None else password_hash",
            "if password_hash is None:\n                return False\n            against = password_hash",
        ),
        a_password_has_one_spelling=('unicodedata.normalize("NFKC", password)', "password"),
    ),
    *guards_of(
        "web/admin/sessions.py",
        "casework/test_admin_sign_in.py",
        a_token_is_new_each_time=("token = secrets.token_urlsafe(32)", "token = replaced or 'x'"),
        the_session_before_it_ends=("if replaced:", "if False:"),
        an_unused_session_ends=("or now - session.seen_at >= IDLE", ""),
        a_session_has_a_longest_time=("or now - session.began_at >= LONGEST", ""),
        another_password_ends_it=("return is_changed or now", "return now"),
        a_removed_admin_is_out=("if admin is None or self._is_over", "if admin and self._is_over"),
        the_database_holds_no_token=(
            'return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()',
            "return token",
        ),
    ),
    *guards_of(
        "web/admin/cookies.py",
        "casework/test_admin_sign_in.py",
        no_other_host_sets_the_cookie=('f"__Host-{name}" if settings.is_https else name', "name"),
        no_script_reads_the_cookie=(
            "            httponly=True,\n            samesite",
            "            httponly=False,\n            samesite",
        ),
    ),
    *guards_of(
        "web/admin/routes.py",
        "casework/test_admin_sign_in.py",
        a_role_opens_its_sections_only=("if not admin.may(section.role):", "if False:"),
        every_request_goes_past_the_question_of_its_origin=(
            "await answer() if is_ours_ else notice",
            "await answer() if True else notice",
        ),
        what_was_written_is_kept=("if request.method not in SAFE_METHODS:", "if False:"),
        our_own_forms_say_where_they_come_from=('"Referrer-Policy": "same-origin"', '"X-Nothing": ""'),
    ),
    *guards_of(
        "web/admin/routes.py",
        "casework/test_admin_sections.py",
        an_id_is_no_number_of_thousands_of_digits=('regex = "[0-9]{1,9}"', 'regex = "[0-9]+"'),
        no_address_stands_beside_the_door=(
            "return Route(path, partial(door.inside, section, address), methods=list(address.methods))",
            "return Route(path, partial(door.public, address.handler), methods=list(address.methods))",
        ),
    ),
    *guards_of(
        "web/admin/texts/editor.py",
        "casework/test_admin_texts.py",
        previews_leave_places_to_others=("if self._previews >= MOST_PREVIEWS:", "if False:"),
        what_was_meant_for_later_is_not_published_at_once=("if ahead < timedelta(0):", "if False:"),
        whom_a_test_reaches_is_known_before_it_leaves=(
            "await asyncio.to_thread(self._desk.note_test, path, visit.admin.name, to)",
            "pass",
        ),
    ),
    *guards_of(
        "web/admin/texts/past.py",
        "casework/test_admin_texts.py",
        who_goes_back_saw_what_stands=('form.get("began_from", "")', '""'),
    ),
    *guards_of(
        "wording/revisions.py",
        "casework/test_admin_texts.py",
        a_second_space_makes_no_second_person=("return folded(one) == folded(other)", "return one == other"),
    ),
    *guards_of(
        "wording/differences.py",
        "unit/test_wording.py",
        a_comparison_is_bounded=("if _costs(before, after) <= MOST_PAIRS:", "if True:"),
    ),
    *guards_of(
        "wording/advice.py",
        "texts/test_wording_advice.py",
        sixteen_thousand_letters_are_no_word=("if len(word) <= LONGEST_WORD", "if True"),
    ),
    *guards_of(
        "web/admin/figures/choice.py",
        "casework/test_admin_figures.py",
        a_year_has_four_digits=('re.compile("[0-9]{1,4}", re.ASCII)', 're.compile("[0-9]+", re.ASCII)'),
    ),
    *guards_of(
        "web/admin/devices.py",
        "casework/test_admin_sign_in.py",
        a_known_browser_is_signed_for=("return name if is_own and", "return name if"),
        a_known_browser_ends=("self._clock.now().timestamp() <= int(until)", "True"),
        a_known_browser_is_one_admins=("{content}.{admin.fingerprint}", "{content}"),
    ),
    *guards_of(
        "config/agreement.py",
        "unit/test_config.py",
        no_issuer_is_of_every_tenant=("if any(part in EVERYBODYS_TENANTS", "if any(part == '' and False"),
    ),
    *guards_of(
        "web/admin/oidc.py",
        "integration/test_admin_oidc.py",
        an_address_is_verified=(
            'if claim == "email" and claims.get(verified_by) not in VERIFIED[verified_by]:',
            "if False:",
        ),
        an_id_is_one_text=(
            "if not isinstance(found, str) or not 0 < len(found)",
            "if not 0 <= len(str(found))",
        ),
        no_secret_that_two_share_signs=(
            "algorithms=ALGORITHMS)",
            "algorithms=[*ALGORITHMS, 'none', 'HS256'])",
        ),
        a_token_is_for_us=('aud={"essential": True, "value": ours},', ""),
        a_token_is_of_this_provider=('iss={"essential": True, "value": self.settings.issuer},', ""),
        a_token_is_of_this_attempt=('nonce={"essential": True, "value": attempt.nonce},', ""),
        a_token_ends=('exp={"essential": True},', ""),
        a_token_for_several_is_ours=('claims.get("azp") != ours:', 'claims.get("azp") == "":'),
        a_provider_is_itself=("if not is_itself or not all(", "if not all("),
        nothing_is_asked_by_plain_http=(
            "if not is_itself or not all(is_secure_transport(",
            "if not is_itself or not all((lambda _: True)(",
        ),
        keys_are_asked_for_now_and_then=(
            "KEYS_AT_MOST_EVERY_S if is_fresh else KEPT_S",
            "0 if is_fresh else 0",
        ),
    ),
    *guards_of(
        "web/admin/ministry.py",
        "integration/test_admin_oidc.py",
        an_answer_belongs_to_this_browser=("if not is_own or self._clock", "if self._clock"),
        an_attempt_ends=("or self._clock.now().timestamp() > int(until)", ""),
        the_cookie_is_ours=("if not content or not hmac.compare_digest(", "if not content or not any(("),
        another_providers_answer_counts_for_nothing=('if asked.get("iss", issuer) != issuer:', "if False:"),
        attempts_have_a_limit=("self.reception.limits.of_line.take(line_of(request))", "0"),
    ),
    *guards_of(
        "store/audit.py",
        "casework/test_audit.py",
        a_row_is_the_one_that_was_written=("if row.link != _link(before, row):", "if False:"),
        a_detail_is_the_one_that_was_written=("if not is_erased and row.digest", "if False and row.digest"),
        the_newest_rows_are_there=("if written is not None and written != entries:", "if False:"),
        a_head_that_left_is_still_there=("if not has_known:", "if False:"),
        equal_details_look_different=("salt = secrets.token_hex(16)", 'salt = ""'),
        where_a_part_ends_counts=("json.dumps(parts).encode()", '"".join(parts).encode()'),
    ),
    *guards_of(
        "config/people.py",
        "unit/test_config.py",
        a_hash_costs_only_so_much=("(memory and int(memory[1]) > MOST_KIB)", "(False)"),
    ),
]
