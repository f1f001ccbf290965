"""The guards of how much one sender, domain or program can cause: answers, SMS, work, notices."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

CASES = ("casework/test_budgets.py",)
GUARDS: list[Guard] = [
    *guards_of(
        "workflow/budgets.py",
        "unit/test_budgets.py",
        a_number_gets_so_many_sms_an_hour=("if to_number.in_hour >=", "if False and to_number.in_hour >="),
        a_number_gets_so_many_sms_a_day=("if to_number.in_day >=", "if False and to_number.in_day >="),
        a_sender_names_so_many_mobiles_a_day=("if number not in recent.mobiles and len", "if False and len"),
        a_domain_causes_so_many_sms=(
            "if not is_proved and recent.sms_of_domain >=",
            "if False and recent.sms_of_domain >=",
        ),
        a_proved_domain_causes_so_many_sms_too=(
            "if is_proved and recent.sms_of_domain >=",
            "if False and recent.sms_of_domain >=",
        ),
        the_proved_people_of_a_provider_have_nothing_in_common=(
            '"" if is_public(domain) else _PROVED + domain',
            "_PROVED + domain",
        ),
        a_proved_domain_is_charged_apart=(
            '"" if is_public(domain) else _PROVED + domain',
            '"" if is_public(domain) else domain',
        ),
        a_proved_sender_does_not_pay_for_the_domains_sms=(
            "if not is_proved and recent.sms_of_domain >=",
            "if recent.sms_of_domain >=",
        ),
        all_together_cause_so_many_sms=("if recent.sms_in_total >=", "if False and recent.sms_in_total >="),
        an_address_gets_so_many_mails=(
            "if recent.to_address >= policy.answers_per_address_per_hour:",
            "if False:",
        ),
        a_domain_gets_so_many_mails=(
            "if not is_proved and recent.to_domain >=",
            "if False and recent.to_domain >=",
        ),
        a_proved_sender_does_not_pay_for_the_domains_mails=(
            "if not is_proved and recent.to_domain >=",
            "if recent.to_domain >=",
        ),
        spellings_of_a_sender_are_one=("sender = same_mailbox(email)", "sender = email"),
        who_writes_in_her_name_does_not_use_up_her_mobiles=(
            "return Account(_unproved(sender), domain",
            "return Account(sender, domain",
        ),
        no_more_goes_to_one_number_because_some_is_proved=(
            "dict.fromkeys((reached, self.under(reached)))",
            "dict.fromkeys((self.under(reached),))",
        ),
        unproved_mail_uses_up_no_budget_of_who_is_reached=(
            "if self.is_unproved else reached",
            "if False else reached",
        ),
        no_client_is_charged_with_unproved_mail=('_CLIENT: Final = "client:"', '_CLIENT: Final = ""'),
    ),
    *guards_of(
        "workflow/policy.py",
        "unit/test_budgets.py",
        a_client_has_a_number_of_its_own=("self.sms_of_clients.get(client, ", "({}).get(client, "),
    ),
    *guards_of(
        "workflow/saying.py",
        "unit/test_budgets.py",
        what_a_program_brings_is_limited=("is_free = facts.is_brought_by_staff", "is_free = True"),
        what_an_agent_brings_is_not=("is_free = facts.is_brought_by_staff", "is_free = False"),
    ),
    *guards_of(
        "casework/saying.py",
        *CASES,
        an_sms_is_charged_to_its_sender=("(account.sender or None) if is_sms else None", "None"),
        an_sms_is_charged_to_its_sum=("(account.total or None) if is_sms else None", "None"),
    ),
    *guards_of(
        "casework/facts.py",
        *CASES,
        the_mobile_that_the_ticket_has_is_counted=(
            "for phone in (*phones, own) if phone",
            "for phone in phones if phone",
        ),
    ),
    *guards_of(
        "casework/case.py",
        *CASES,
        the_operator_hears_of_a_spent_budget=("if row.suppressed == budget:", "if False:"),
    ),
    *guards_of(
        "store/arrivals.py",
        *CASES,
        "integration/test_store_turns.py",
        a_sender_takes_their_turn=("max(self._now, last + 1)", "self._now"),
        the_mails_of_a_sender_stay_in_order=("max(self._now, last + 1)", "last"),
        whoever_comes_now_takes_the_turn_of_now=(
            "turn = self._now if last is None",
            "turn = 0 if last is None",
        ),
    ),
    *guards_of(
        "store/inbox.py",
        *CASES,
        "integration/test_store_turns.py",
        what_has_waited_longest_is_taken_too=(
            "zip_longest(in_turn, oldest)",
            "zip_longest(in_turn, in_turn)",
        ),
        a_large_mail_before_it_does_not_keep_it=(
            "> max_bytes and row not in heads",
            "> max_bytes and chosen",
        ),
    ),
    *guards_of(
        "casework/incoming.py",
        *CASES,
        spellings_of_a_sender_take_one_turn=(
            "same_mailbox(claimed_sender(raw, forms))",
            "claimed_sender(raw, forms)",
        ),
        who_fills_in_a_web_form_takes_a_turn_of_their_own=(
            "same_mailbox(claimed_sender(raw, forms))",
            "same_mailbox(claimed_sender(raw))",
        ),
    ),
    *guards_of(
        "mail/letter/claimed_sender.py",
        "unit/test_claimed_sender.py",
        no_control_in_a_senders_address=("[^\\x00-\\x20\\x7f<>", "[^\\s<>"),
    ),
    *guards_of(
        "casework/ceiling.py",
        *CASES,
        deadlines_send_so_many_sms_to_one_number=("now - DAY, most) >= most", "now, 1) >= 1"),
        a_deadline_speaks_where_sms_is_the_only_way=("and one.name in mailed and", "and"),
    ),
    *guards_of(
        "workflow/reach.py",
        *CASES,
        what_a_limit_held_back_does_not_go_later=(
            "one.recipient == ticket.requester.phone for one",
            "one.recipient == ticket.requester.phone and not one.suppressed for one",
        ),
    ),
    *guards_of(
        "casework/flood.py",
        *CASES,
        a_flood_comes_in_one_notice=("if not is_flood:", "if True:"),
        while_a_flood_lasts_it_stays_in_one=(
            '"limit_key", held, now - 2 * window, 1)',
            '"limit_key", held, now, 1)',
        ),
        what_is_not_sent_is_listed=("if row.suppressed == IN_ONE_NOTICE:", "if False:"),
    ),
    *guards_of(
        "casework/occasion.py",
        *CASES,
        what_the_house_brings_is_no_flood=(
            'if self.is_brought_by_staff:\n            return ""\n',
            'if False:\n            return ""\n',
        ),
        what_the_api_brings_anew_is_no_flood=(
            'if is_said and self.found else ""',
            "if is_said and self.found else self.source",
        ),
        words_on_one_page_are_a_flood=(
            'self.source in ("page", "intake") and self',
            'self.source in ("intake",) and self',
        ),
        words_through_the_api_are_a_flood=(
            'self.source in ("page", "intake") and self',
            'self.source in ("page",) and self',
        ),
    ),
    *guards_of(
        "reading/pool.py",
        "integration/test_workers.py",
        a_place_is_kept_for_small_mails=("threading.Semaphore(places + 1)", "threading.Semaphore(places)"),
        one_slow_mail_too_many_is_set_back=("raise SetBack\n", "return False\n"),
    ),
    *guards_of(
        "reading/worker.py",
        "integration/test_workers.py",
        memory_that_is_too_little_is_no_mails_fault=(
            "if _held_bytes() + ROOM_BYTES > setting.memory_bytes:",
            "if False:",
        ),
    ),
    *guards_of(
        "mail/quoting/footers.py",
        "properties/test_patterns.py",
        a_footer_is_matched_in_one_way=(
            r"[\w'+&-]++(?: [\w'+&-]++){{0,4}} ?",
            r"(?:[\w'+&-]+ ?){{1,5}}",
        ),
    ),
    *guards_of(
        "mail/trust/border.py",
        "properties/test_patterns.py",
        a_name_is_looked_at_from_its_beginning=("(?<![a-z0-9.-])([a-z0-9]", "([a-z0-9]"),
    ),
]
