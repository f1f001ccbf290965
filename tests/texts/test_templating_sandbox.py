"""A template cannot leave its sandbox: known escapes, resource bombs, and what is merely not allowed."""

from __future__ import annotations

import pytest

from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.check import check
from daemon.templating.content import MAX_SOURCE_BYTES
from daemon.templating.environment import Allowed, Compiled
from daemon.templating.errors import SourceError
from daemon.templating.keys import TextKey
from daemon.templating.pieces import NO_PIECES, MappingShelf
from daemon.templating.source import EmailSource, SmsSource
from tests.each import each

NEW = NOTIFICATIONS["staff_new"]

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ticket_number.__class__ }}",
    "{{ ticket_number['__class__'] }}",
    "{{ ticket_number|attr('__class__') }}",
    "{{ ticket_number|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ '{0.__class__}'.format(ticket_number) }}",
    "{{ '%s'|format(ticket_number) }}",
    "{{ '%c' % 65 }}",
    "{{ ''.format_map(attachments) }}",
    "{{ (ticket_number ~ '').format() }}",
    "{{ ticket_number|map(attribute='__class__')|list }}",
    "{{ attachments|map('attr', '__class__')|join }}",
    "{{ attachments|selectattr('__class__')|list }}",
    "{{ attachments|groupby('__class__') }}",
    "{{ attachments|sort(attribute='__class__') }}",
    "{{ attachments|sum(attribute='__class__') }}",
    "{{ attachments.append('x') }}",
    "{{ attachments[0] }}",
    "{{ attachments[::1] }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ loop.__class__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ joiner.__init__ }}",
    "{{ namespace() }}",
    "{{ dict(a=1) }}",
    "{{ range(10) }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ environment }}",
    "{{ context }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ ticket_number.upper() }}",
    "{{ ticket_number.join(attachments) }}",
    "{{ (1).bit_length() }}",
    "{{ [].__class__ }}",
    "{{ {}.__class__ }}",
    "{{ {'a': 1} }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 99999 }}",
    "{{ 10 // 3 }}",
    "{{ 1 + 1 }}",
    "{{ -1 }}",
    "{{ 'a' ~ 'b' }}",
    "{% for i in range(99999) %}x{% endfor %}",
    "{% for i in ticket_number %}x{% endfor %}",
    "{% for i in [1, 2] %}x{% endfor %}",
    "{% for a, b in attachments %}x{% endfor %}",
    "{% for a in attachments recursive %}{{ loop(a) }}{% endfor %}",
    "{% for a in attachments %}{% for b in attachments %}x{% endfor %}{% endfor %}",
    "{% for a in attachments if a %}x{% endfor %}",
    "{% for ticket_number in attachments %}x{% endfor %}",
    "{% for a in attachments %}{{ loop.__init__ }}{% endfor %}",
    "{% for a in attachments %}{{ loop.cycle('a') }}{% endfor %}",
    "{% for a in attachments %}{{ loop.changed(a) }}{% endfor %}",
    "{% for a in attachments %}{{ loop.nextitem }}{% endfor %}",
    "{% set x = 1 %}",
    "{% set x %}y{% endset %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call m() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% filter join %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% block x %}{% endblock %}",
    "{% extends 'x' %}",
    "{% include '/etc/passwd' %}",
    "{% include ticket_number %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% autoescape true %}{% endautoescape %}",
    "{% do attachments.append('x') %}",
    "{% debug %}",
    "{{ ticket_number is defined }}",
    "{{ ticket_number is callable }}",
    "{{ ticket_number|safe }}",
    "{{ ticket_number|default('x') }}",
    "{{ ticket_number|tojson }}",
    "{{ ticket_number|pprint }}",
    "{{ ticket_number|xmlattr }}",
    "{{ ticket_number|string }}",
    "{{ ticket_number|join(*attachments) }}",
    "{{ attachments|join(ticket_number) }}",
    "{{ attachments|join(attribute='__class__') }}",
    "{{ ticket_number if state }}",
    "{{ state and __class__ }}",
    "{{ __import__ }}",
    "{{ unknown }}",
    "{% if unknown %}x{% endif %}",
    "{% if not unknown %}x{% endif %}",
    "{% if state == 'open' or unknown %}x{% endif %}",
    "{{ tikcet_number }}",
    "{{ ticket_number",
    "{% if state %}",
    "{% endif %}",
    "{{ " + "(" * 3000 + "state" + ")" * 3000 + " }}",
    "{% if " + "not " * 3000 + "state %}x{% endif %}",
    "{% if state %}" * 300 + "{% endif %}" * 300,
    "{{ " + "9" * 6000 + " }}",
    "x" * (MAX_SOURCE_BYTES + 1),
]


ALLOWED = Allowed(NEW.variables, NEW.lists)


def compiled(body: str, purpose: str = "body") -> Compiled:
    return Compiled(body, "ar/staff_new.email.md", "ar", purpose, ALLOWED)


@each("body", ESCAPES, ids=range(len(ESCAPES)))
def test_a_body_that_asks_for_more_is_refused_before_it_runs(body: str) -> None:
    """The wall behind the form: whatever our own writer made of a text."""
    if body == "x" * (MAX_SOURCE_BYTES + 1):
        return  # a long text is no escape; the form bounds it
    with pytest.raises(SourceError) as caught:
        compiled(body)

    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("ar/staff_new.email.md")


@each("body", ESCAPES, ids=range(len(ESCAPES)))
def test_no_text_holds_any_of_it(body: str) -> None:
    for source in (f"---\nsubject: x\n---\n{body}\n", f"---\nsubject: {body}\n---\nx\n"):
        with pytest.raises(SourceError):
            EmailSource(NEW, source, "ar", NO_PIECES)
    with pytest.raises(SourceError):
        SmsSource(NEW, body, "ar", NO_PIECES)


def test_a_piece_holds_none_of_it_either() -> None:
    for body in ESCAPES[:-1]:  # the last is only long
        shelf = MappingShelf({"ar/pieces/closing.md": body})
        with pytest.raises(SourceError):
            EmailSource(NEW, "---\nsubject: x\n---\n((> الخاتمة))\n", "ar", shelf)


def test_a_text_that_grows_by_its_pieces_is_refused() -> None:
    shelf = MappingShelf({"ar/pieces/closing.md": "x" * 30_000})

    with pytest.raises(SourceError, match="أطول من"):
        EmailSource(NEW, "---\nsubject: x\n---\n((> الخاتمة))\n((> الخاتمة))\n((> الخاتمة))\n", "ar", shelf)


def test_programming_is_refused_with_its_line_and_a_remedy() -> None:
    source = "---\nsubject: x\n---\nfirst\n\n{{ ticket_number }}\n"

    (problem,) = check(TextKey("staff_new", "", "email", "ar"), source, NO_PIECES)

    assert str(problem).startswith("ar/staff_new.email.md:6: الرمز «{{» من لغة برمجة")


def test_what_our_writer_writes_is_allowed() -> None:
    compiled(
        "{% if state == 'open' and not missing or 'ground' in missing %}a{% elif authenticated %}b"
        "{% else %}c{% endif %}{% for item in attachments %}{{ loop.index }}. {{ item }}"
        "{% if not loop.last %}, {% endif %}{% else %}-{% endfor %}"
        "{{ opened_at | moment }} {{ opened_at | day }} {{ attachments | join('; ') }}"
        "{{ attachments | length }} {{ 'x' if state in ('open', 'closed') else 'y' }} {# note #}"
    )
