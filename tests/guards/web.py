"""Guards of the web and of what is printed: who is kept out by a flood, which client sees which complaint,
what reaches a terminal."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "web/door.py",
        "unit/test_web_door.py",
        connections_have_a_limit=("or len(self._seats) >= self._most\n", "or False\n"),
        one_line_has_a_limit_of_its_own=("self._lines[line] >= self._most_per_peer", "False"),
        a_flooding_line_cuts_its_own_connections=("if line in (None, seat.line) and", "if"),
        who_waits_for_us_is_not_cut=("seat.stage is not Stage.ANSWER or visitor.unsent_bytes", "True"),
        who_does_not_read_makes_room=("or visitor.unsent_bytes)", "or False)"),
        the_longest_silent_goes_first=("longest = min(silent", "longest = max(silent"),
        octets_that_drip_in_are_no_progress=("and seat.stage is not stage:", "and True:"),
        a_stage_has_its_time=("if now - seat.since >= ALLOWED_S.get(", "if False and ALLOWED_S.get("),
        an_answer_that_nobody_takes_is_given_up=(
            "return unsent > 0 and now - seat.stuck_since >= SENDING_S",
            "return False",
        ),
        an_ipv6_line_is_its_network=("else address.exploded[:19]", "else address.exploded"),
        a_proxy_is_everybody=("if address.is_loopback or any(", "if any("),
    ),
    *guards_of(
        "web/turnstile.py",
        "unit/test_web_door.py",
        health_goes_past_the_turnstile=('or scope["path"] in UNHINDERED:', "or False:"),
        pages_are_made_so_many_at_a_time=("asyncio.Semaphore(places)", "asyncio.Semaphore(1000)"),
        the_queue_for_a_page_has_an_end=("if self._waiting >= MOST_WAITING:", "if False:"),
        nobody_waits_for_a_page_for_ever=(
            "async with _within(WAIT_S, 503):",
            "async with _within(60.0, 503):",
        ),
        programs_have_places_of_their_own=(
            "self._programs = _Places(places)",
            "self._programs = self._pages",
        ),
        a_body_comes_in_time=("async with _within(READ_S, 408):", "async with _within(60.0, 408):"),
        all_bodies_together_have_a_limit=("if self._gathered_bytes > MOST_GATHERED_BYTES:", "if False:"),
        what_was_gathered_is_let_go=("self._gathered_bytes -= len(body)", "pass"),
        a_body_is_gathered_to_its_limit=("while is_more and len(body) <= MOST_BYTES:", "while is_more:"),
    ),
    *guards_of(
        "casework/counter.py",
        "casework/test_api_clients.py",
        a_client_reads_what_it_opened=("and callers.opened_by(connection, stored.id, caller.name)", ""),
        a_client_reads_complaints_of_its_channels=("stored.ticket.channel in caller.channels and ", ""),
        a_client_joins_no_complaint_of_others=(
            "if stored and not _knows(connection, caller, stored):",
            "if False:",
        ),
        a_client_follows_no_merge_to_others=(
            "followed if followed and is_known else stored",
            "followed or stored",
        ),
        a_client_says_nothing_into_a_merged_one=(
            "if stored is None or not _knows(connection, caller, stored):\n            raise",
            "if stored is None:\n            raise",
        ),
    ),
    *guards_of(
        "web/intake.py",
        "unit/test_web_intake.py",
        "unit/test_web_openapi.py",
        a_client_reads_its_own_where_nothing_else_is_said=(
            "None if client.reads_all else client.channels",
            "None",
        ),
    ),
    *guards_of(
        "config/people.py",
        "unit/test_config.py",
        no_client_bears_a_name_of_ours=('if value.lower() in ("agent", "page"):', "if False:"),
    ),
    *guards_of(
        "plain.py",
        "unit/test_plain.py",
        what_steers_a_terminal_is_shown=("return _CONTROLS.sub(_escape, text)", "return text"),
        a_value_makes_no_line_of_its_own=("return _LINE_CONTROLS.sub(_escape, text)", "return visible(text)"),
    ),
    *guards_of(
        "cli/main.py",
        "casework/test_printed.py",
        everything_printed_goes_through_one_place=("    with covered():\n", "    if True:\n"),
    ),
    *guards_of(
        "cli/context.py",
        "unit/test_plain.py",
        a_cell_makes_no_line_of_its_own=("[one_line(str(cell)) if", "[str(cell) if"),
    ),
    *guards_of(
        "cli/journal.py",
        "unit/test_plain.py",
        a_value_makes_no_line_in_the_log=("{one_line(str(value))}", "{value}"),
    ),
    *guards_of(
        "cli/output.py",
        "unit/test_plain.py",
        raw_octets_steer_no_terminal=("if sys.stdout.isatty():", "if False:"),
    ),
    *guards_of(
        "sandbox/screen.py",
        "unit/test_plain.py",
        the_play_shows_what_would_steer=(
            "text = visible(text.translate(ISOLATES))\n        hanging",
            "hanging",
        ),
    ),
]
