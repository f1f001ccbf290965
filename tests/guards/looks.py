"""Guards of what our mails carry unseen: it comes back as nobody's words and is no markup."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "mail/quoting/marker.py",
        "unit/test_mail_quoting_preview.py",
        our_preview_is_no_word_of_a_reply=('_PREVIEW.sub("", text)', "text"),
    ),
    *guards_of(
        "templating/layout.py",
        "texts/test_templating_values.py",
        "texts/test_templating_footer.py",
        "texts/test_templating_shapes.py",
        a_preview_is_no_markup=("{escape(preview_of(body, frame)", "{(preview_of(body, frame)"),
        only_a_web_address_is_the_privacy_notice=("privacy_url = safe_target(", "privacy_url = str("),
    ),
    *guards_of(
        "templating/values.py",
        "texts/test_templating_values.py",
        a_title_is_no_markup=(
            "    html = escape(line)\n    return _TICKET",
            "    html = line\n    return _TICKET",
        ),
    ),
]
