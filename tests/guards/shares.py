"""The guards of two SMS gateways: how their shares move, and that no SMS goes to both."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

RULE = ("properties/test_shares.py",)
CASES = ("casework/test_shares.py",)

GUARDS: list[Guard] = [
    *guards_of(
        "workflow/shares.py",
        *RULE,
        never_quicker_than_ten_minutes=("since is None or since >= PAUSE", "True"),
        back_only_in_peace=("and now - share.calm_since >= PEACE", ""),
        back_once_an_hour=("if is_peace and (since is None or since >= PEACE):", "if is_peace:"),
        a_clock_that_was_set_back_stops_nothing=("    share = _without_future(share, now)\n", ""),
        few_reports_say_nothing=("whole >= LEAST and", "whole and"),
        nothing_is_gained_where_both_are_slow=("if wrong and not other:", "if wrong:"),
        the_shares_are_all_of_it=("min(max(share.percent + step, 0), 100)", "share.percent + step"),
    ),
    *guards_of(
        "store/gateway_shares.py",
        *CASES,
        one_of_several_daemons_decides=(
            '        gateway_shares.c.version == bindparam("old_version"),\n',
            '        gateway_shares.c.version >= bindparam("old_version"),\n',
        ),
        what_we_asked_for_is_not_slow=(
            'quick a gateway is.\n        receipts.c.source == "webhook",\n',
            "quick a gateway is.\n",
        ),
        what_we_took_in_late_is_not_slow=(
            "(said if said >= self.sent_at else self.received_at)",
            "self.received_at",
        ),
        a_wrong_clock_is_not_believed=("(said if said >= self.sent_at else self.received_at)", "said"),
    ),
    *guards_of(
        "sms/failover.py",
        *CASES,
        a_change_of_gateway_is_written_down_first=(
            "            await self.on_move(message.reference, name)\n",
            "            pass\n",
        ),
        what_one_may_have_goes_to_no_other=("        return [one]\n", "        return names\n"),
    ),
    *guards_of(
        "loops/delivery.py",
        *CASES,
        the_gateway_is_kept_with_the_words=(
            "item.revision, item.made_of, row.gateway)",
            "item.revision, item.made_of, None)",
        ),
    ),
    *guards_of(
        "casework/receipt_counter.py",
        "unit/test_receipt_counter.py",
        one_report_that_cannot_be_kept_keeps_out_no_other=("            self._waiting[:0] = others\n", ""),
        nobody_hears_of_it_before_it_is_kept=(
            "            if not mine.is_kept:\n                await self._keep_with_others(mine)\n",
            "            if not mine.is_kept:\n"
            "                asyncio.get_running_loop().create_task(self._keep_with_others(mine))\n",
        ),
    ),
]
