"""Guards of the citizen's pages: a link alone proves nobody, and opens nothing more than it was sent for."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "casework/counter.py",
        "casework/test_other_channels.py",
        a_survey_opens_the_page_of_nobody_unknown=(
            'if may_open_page(ticket, case.policy, "survey") and not',
            "if not",
        ),
    ),
    *guards_of(
        "web/status.py",
        "unit/test_web_status.py",
        what_is_no_saudi_mobile_is_not_taken_for_one=(
            'if typed["phone"] and said.phone is None:',
            "if False:",
        ),
    ),
    *guards_of(
        "templating/markup.py",
        "texts/test_templating_shapes.py",
        nothing_but_a_choice_stands_behind_a_links_value=(
            "bool(_CHOICE.fullmatch(literal))",
            "True",
        ),
    ),
    *guards_of(
        "casework/uploads.py",
        "casework/test_uploads.py",
        the_page_takes_no_file_that_staff_never_get=("if one.verdict not in KEPT)", "if False)"),
        one_upload_is_one_file_of_the_mail=(
            "not declared.startswith(_WRAPPERS)",
            "True",
        ),
        a_lost_file_of_the_page_lies_in_its_mail=(
            "return Enclosure(parts, judged, raw)",
            "return Enclosure(parts, judged)",
        ),
    ),
    *guards_of(
        "config/agreement.py",
        "unit/test_web_static.py",
        the_official_strip_is_no_lie=(
            'is_so = url.scheme == "https" and (url.hostname or "").endswith(".gov.sa")',
            "is_so = True",
        ),
    ),
    *guards_of(
        "templating/page_words.py",
        "texts/test_page_words.py",
        a_sentence_of_a_page_keeps_its_values=(
            "if (found := sentence(text)).values == wanted[key].values",
            "if (found := sentence(text))",
        ),
        a_stray_sign_of_a_page_is_left_out=("and not is_stray(text)\n", "\n"),
        a_sentence_of_a_page_is_no_markup=("tuple(map(escape, pieces))", "tuple(map(Markup, pieces))"),
    ),
    *guards_of(
        "templating/page_check.py",
        "texts/test_page_words.py",
        a_page_has_every_sentence=("for key in sorted(wanted.keys() - document.keys()):", "for key in ():"),
        a_page_has_no_other_sentence=(
            "        if key not in wanted:\n            yield",
            "        if False:\n            yield",
        ),
        a_mark_on_a_page_is_refused=("elif mark := _mark(", "elif mark := ''.join("),
    ),
    *guards_of(
        "web/uploads.py",
        "unit/test_web_uploads.py",
        an_upload_that_says_it_is_too_long_is_not_read=(
            "if declared_bytes(request.scope) > self._most_bytes:",
            "if False:",
        ),
        an_upload_ends_at_its_limit=("if so_far > self._most_bytes:", "if False:"),
        an_upload_that_stops_is_given_up=("asyncio.timeout(GRACE_S)", "asyncio.timeout(60.0)"),
        an_upload_takes_no_long_time_of_the_processor=(
            "if time.thread_time() - began > MOST_CPU_S:",
            "if False:",
        ),
        uploads_in_memory_are_few=("asyncio.Semaphore(AT_ONCE)", "asyncio.Semaphore(1000)"),
        one_route_takes_files=('_ROUTE.fullmatch(scope["path"]) is not None', "True"),
    ),
    *guards_of(
        "web/turnstile.py",
        "unit/test_web_uploads.py",
        uploads_take_no_place_of_a_page=("async with self._uploads:", "async with self._pages:"),
        uploads_are_so_many_at_a_time=("_Places(UPLOADS)", "_Places(1000)"),
    ),
    *guards_of(
        "web/status.py",
        "unit/test_web_uploads.py",
        an_upload_needs_a_good_link_before_it_is_read=(
            "                await self._desk.page(token)\n            wait =",
            "                pass\n            wait =",
        ),
        one_link_holds_no_more_than_two_uploads=(
            "if self._sending[token] >= MOST_SENT_AT_ONCE:",
            "if False:",
        ),
        what_is_over_a_limit_is_refused_by_the_page=(
            "if wrong := _wrong_files(pages, files, limits):",
            "if wrong := None:",
        ),
    ),
]
