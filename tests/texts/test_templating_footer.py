"""The foot of a mail: the ministry, how to reach it, and its privacy notice where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import check
from daemon.settings import policy_of
from daemon.templating import builtin
from daemon.templating.catalogue import LANGUAGES
from daemon.templating.check_around import check_layout
from daemon.templating.engine import RenderedEmail
from daemon.workflow.naming import house
from tests.texts.test_templating_golden import contexts, shipped
from tests.unit.test_config import minimal

NOTICE = "https://momah.example.sa/privacy"
WORDS = {"ar": "إشعار الخصوصية", "en": "Privacy notice"}


def mail(language: str, name: str = "received", **values: str) -> RenderedEmail:
    return shipped()[language].render_email(name, {**contexts(name)["usual"], **values})


@pytest.mark.parametrize("language", ["ar", "en"])
def test_it_leads_to_the_privacy_notice_in_both_parts(language: str) -> None:
    email = mail(language, privacy_url=NOTICE)

    assert email.text.rstrip().endswith(f"{WORDS[language]}\n{NOTICE}")
    assert f'<a href="{NOTICE}"' in email.html


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "/privacy"])
def test_without_an_address_nothing_is_said_of_it(url: str) -> None:
    email = mail("ar", privacy_url=url)

    assert email.fallback == ""
    assert WORDS["ar"] not in email.text + email.html


def test_staff_are_not_told_of_it() -> None:
    assert WORDS["ar"] not in mail("ar", "staff_new", privacy_url=NOTICE).html


def test_the_address_is_the_configured_one(tmp_path: Path) -> None:
    without = check(minimal(), tmp_path)
    configured = check({**minimal(), "privacy": {"notice_url": NOTICE}}, tmp_path)

    assert "privacy_url" not in house(policy_of(without))
    assert house(policy_of(configured))["privacy_url"] == NOTICE


def test_a_footer_may_ask_for_nothing_but_what_every_mail_knows() -> None:
    refused = check_layout(builtin.LAYOUT, {"citizen": "((رقم الشكوى))"}, "ar")
    bare = check_layout(builtin.LAYOUT, {"citizen": "((رابط إشعار الخصوصية))"}, "ar")

    assert [problem.path for problem in refused + bare] == ["ar/footer.md", "ar/footer.md"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_citizen_is_told_that_nobody_asks_for_a_password(language: str) -> None:
    words = {"ar": "كلمة مرور أو رمز تحقق", "en": "a password or a verification code"}[language]

    assert words in mail(language).text
    assert words not in mail(language, "staff_new").text
