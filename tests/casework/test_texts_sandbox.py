"""What would leave the sandbox, never end or be huge is refused with a line at both doors, and what is being
sent meanwhile costs and says what it did before."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon import resources
from daemon.clock import ManualClock
from daemon.store.database import Database
from daemon.store.texts import Save
from daemon.templating import samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.content import revision_of
from daemon.templating.engine import TemplateSet
from daemon.templating.errors import Problem
from daemon.wording import checking, library
from daemon.wording.desk import Broken, TextsDesk
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library
from daemon.wording.revisions import Rules
from tests.integration.office import START

PATH, SMS = "ar/received.email.md", "ar/received.sms.txt"
HEAD = "---\nsubject: شكوى ((رقم الشكوى))\n---\n((رقم الشكوى))\n"

KNOWN = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ticket_number|attr('__class__') }}",
    "{{ '{0.__class__}'.format(ticket_number) }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ joiner.__init__ }}",
    "{{ namespace() }}",
    "{{ dict(a=1) }}",
    "{{ range(10**9) }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ attachments|map(attribute='__class__')|list }}",
    "{{ ().__class__.__base__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 99999 }}",
    "{% for i in range(99999999) %}x{% endfor %}",
    "{% for a in x recursive %}{{ loop(a) }}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include '/etc/passwd' %}",
    "{% extends 'layout' %}",
    "{% import 'os' as os %}",
    "{% set x = 1 %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call m() %}{% endcall %}",
    "{% with a = 1 %}{% endwith %}",
    "{% debug %}",
    "{# x #}{{ 1 }}",
]
NEW = [
    "((رقم الشكوى.__class__))",
    "((ticket_number))",
    "((ticket_number.__class__))",
    "((رقم الشكوى|attr))",
    "((رقم الشكوى[0]))",
    "((__import__('os')))",
    "((> ../../../etc/passwd))",
    "((> closing.none))",
    "((> pieces/closing.md))",
    "((> ))",
    "(( ))",
    "((loop))",
    "((item))",
    "((slots))",
    "((self))",
    '`" }} {{ 7 * 7 }} {{ "`',
    "`\\`x`",
    "`{{`",
    "`%}`",
    "{`{`7*7`}`}",
    "{((رقم الشكوى)){ 7 }}",
    "{[[((رقم الطلب))%]] x %}",
    "[[" * 2_000 + "]]" * 2_000,
    "[[((رقم الطلب))" * 40 + "]]" * 40,
    "((" * 8_000,
    "((> الخاتمة))\n" * 2_300,
    "س" * 40_000,
    "- ((رقم الشكوى))\n" * 1_500,
    "\x00closing\x01\x02",
    "<script>alert(1)</script>",
]


@pytest.fixture
def texts(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """In the process: the limits around it have tests of their own."""

    def problems(self: Library, path: str, content: str) -> list[Problem]:
        return checking.problems_of(path, content, self, apart=False)

    monkeypatch.setattr(library.Library, "problems", problems)
    (tmp_path / "ar").mkdir()
    found = Library(database, ManualClock(START), resources.templates(), tmp_path, Rules())
    found.open()
    return found


def test_there_are_thirty_known_ones_and_thirty_new() -> None:
    assert (len(set(KNOWN)), len(set(NEW))) == (30, 30)


def test_the_file_door_lets_none_of_it_in_and_goes_on_with_what_was_good(
    texts: Library, tmp_path: Path
) -> None:
    good, templates = texts.read(PATH), TemplateSet(texts, "ar")
    values = samples.usual(NOTIFICATIONS["received"])
    before = templates.render_email("received", values)
    door = FileDoor(texts)

    for body in (*KNOWN, *NEW):
        (tmp_path / PATH).write_text(HEAD + body, "utf-8")
        (change,) = door.look()
        assert change.problems, body[:60]
        assert "\n" not in str(change.problems[0])
        now = templates.render_email("received", values)
        assert (now.text, now.fallback) == (before.text, "")
    assert texts.read(PATH) == good


def test_the_save_door_lets_none_of_it_in_for_mail_or_sms(texts: Library) -> None:
    desk = TextsDesk(texts)
    good = {path: texts.read(path) for path in (PATH, SMS)}

    for body in (*KNOWN, *NEW):
        for path, content in ((PATH, HEAD + body), (SMS, f"((رقم الشكوى)) {body}")):
            with pytest.raises(Broken) as caught:
                desk.save(Save(path, revision_of(content), content, "x", "", "browser"), texts.revision(path))
            assert caught.value.problems, body[:60]
            assert all(len(str(one)) < 600 for one in caught.value.problems), body[:60]
    assert {path: texts.read(path) for path in good} == good
