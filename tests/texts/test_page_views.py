"""The words of our pages on the pages that say them: each sentence somewhere, nothing that acts."""

from __future__ import annotations

import re

import pytest

from daemon import resources
from daemon.templating.keys import CITIZENS_PAGES, PageKey
from daemon.templating.page_file import filled
from daemon.templating.page_words import LANGUAGES, shipped
from daemon.templating.sources import Folder
from daemon.web.admin.texts.page_views import AUTO, PageViews, Press, views_of
from daemon.web.settings import WebSettings
from daemon.wording.drafts import Draft

URL = "https://shakwa.example.gov.sa"
TEXTS = Folder(resources.templates())
SETTINGS = WebSettings(URL)
SHOWN = sorted({*CITIZENS_PAGES, "admin", "admin_audit", "admin_figures"})
"""What is shown on its pages; of the others the sentences are."""


def marked(key: PageKey) -> Draft:
    """The words with the name of each in the place of what it says."""
    own = shipped(key.language)[key.name]
    said = {
        name: " ".join([f"§{name}§", *sorted(f"(({v}))" for v in one.values)]) for name, one in own.items()
    }
    return Draft(TEXTS, {key.path: filled("", said)})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_every_sentence_stands_on_a_page_that_can_be_shown(name: str, language: str) -> None:
    key = PageKey(name, language)
    press, said = Press(SETTINGS, marked(key), language), set[str]()

    for view in views_of(key):
        found = set(re.findall("§([a-z0-9_]+)§", view.page(press)))
        assert view.says in found, "a view is known by what stands on it"
        said |= found

    assert said == shipped(language)[name].keys()


@pytest.mark.parametrize("name", SHOWN)
def test_no_two_views_have_one_name(name: str) -> None:
    names = [view.says for view in views_of(PageKey(name, "ar"))]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_nothing_on_a_shown_page_leads_anywhere(name: str, language: str) -> None:
    key = PageKey(name, language)
    views = PageViews(SETTINGS)

    for view in views_of(key):
        shown = views.show(TEXTS, TEXTS, key, view.says)
        assert shown is not None
        assert shown.view == view.says
        assert set(re.findall(r'<a\b[^>]*? href="([^"]*)"', shown.html)) <= {"#nowhere"} | set(
            re.findall(r'href="(#[^"]*)"', shown.html)
        )
        assert not re.search(r"<script(?! src=)", shown.html)


def test_the_first_page_with_a_changed_sentence_is_shown() -> None:
    key = PageKey("rating", "ar")
    own = {name: one.text for name, one in shipped("ar")["rating"].items()}
    draft = Draft(TEXTS, {key.path: filled("", {**own, "thanks_page": "كلمة جديدة"})})

    shown = PageViews(SETTINGS).show(draft, TEXTS, key, AUTO)

    assert shown is not None
    assert shown.view == "thanks_low"
    assert "كلمة جديدة" in shown.html


def test_where_nothing_changed_the_usual_page_is_shown() -> None:
    shown = PageViews(SETTINGS).show(TEXTS, TEXTS, PageKey("complaint", "ar"), AUTO)

    assert shown is not None
    assert shown.view == "next_open_by"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_stands_on_its_page_with_figures(language: str) -> None:
    shown = PageViews(SETTINGS).show(TEXTS, TEXTS, PageKey("report", language), AUTO)

    assert shown is not None
    assert shown.html.count("<svg") >= 2
    assert "<table" in shown.html


def test_a_hostile_sentence_stays_words() -> None:
    key = PageKey("rating", "ar")
    own = {name: one.text for name, one in shipped("ar")["rating"].items()}
    draft = Draft(TEXTS, {key.path: filled("", {**own, "survey_title": "<script>x</script><a href='//e'>"})})

    shown = PageViews(SETTINGS).show(draft, TEXTS, key, "survey_title")

    assert shown is not None
    assert "<script" not in shown.html
    assert "&lt;script&gt;" in shown.html


def test_a_view_is_called_by_its_sentence_as_it_is_written() -> None:
    key = PageKey("complaint", "ar")
    own = {name: one.text for name, one in shipped("ar")["complaint"].items()}
    draft = Draft(TEXTS, {key.path: filled("", {**own, "next_closed": "أُغلقت."})})

    labels = PageViews(SETTINGS).labels(draft, key)

    assert labels["next_closed"] == "أُغلقت."
    assert "((" not in "".join(labels.values())


def test_what_has_no_page_is_shown_on_none() -> None:
    assert PageViews(SETTINGS).show(TEXTS, TEXTS, PageKey("digest", "ar"), AUTO) is None
