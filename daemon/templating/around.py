"""What stands around the words of a mail, in force: the page with its footers, the cheat card, and the words
that codes are called by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daemon.templating import builtin
from daemon.templating.card import CardSource
from daemon.templating.check_around import check_card, check_layout
from daemon.templating.content import normalized, revision_of
from daemon.templating.errors import Problem
from daemon.templating.form import Shelf
from daemon.templating.kept import Kept
from daemon.templating.keys import CARD_FILE, FOOTER_FILES, HISTORY_FILE, LAYOUT_FILE, PIECES
from daemon.templating.layout import Layout, builtin_layout
from daemon.templating.sources import Sources, why_unreadable
from daemon.templating.variables import Audience
from daemon.templating.words import Words
from daemon.templating.words import read as read_words
from daemon.templating.words import shipped as shipped_words


def words_in_force(sources: Sources, language: str) -> Callable[[], Words]:
    """What codes are called, by the text that is in force whenever it is asked for."""
    kept = Kept[Words](sources, f"{language}/{HISTORY_FILE}", lambda source: read_words(source, language))

    def now() -> Words:
        kept.reload()
        return kept.needed() or shipped_words(language)

    return now


class Around:
    """Of one language. `shelf` holds the pieces that a card names."""

    def __init__(self, sources: Sources, language: str, shelf: Shelf) -> None:
        self.layout = builtin_layout(language)
        self._sources = sources
        self._language = language
        self._shelf = shelf
        self._page_revision = ""
        self._footers: Mapping[Audience, tuple[str, str]] = {}
        self._page_seen: tuple[object, ...] = ()
        self._page_problems: tuple[Problem, ...] = ()
        self._card = Kept[CardSource](sources, f"{language}/{CARD_FILE}", self._made_card)
        self._words = Kept[Words](
            sources, f"{language}/{HISTORY_FILE}", lambda source: read_words(source, language)
        )
        self._reload_page()

    def card(self) -> CardSource | None:
        """The cheat card; None where there is none."""
        return self._card.needed()

    def words(self) -> Words:
        """What codes are called."""
        return self._words.needed() or shipped_words(self._language)

    def problems(self) -> list[Problem]:
        """What is wrong with the files as they stand."""
        self.card()
        self.words()
        return [*self._page_problems, *self._card.problems, *self._words.problems]

    def made_of(self, audience: Audience | None, *, has_card: bool) -> dict[str, str]:
        """The revisions of what a message takes from here, by path; `audience` None: it has no page."""
        found: dict[str, str] = {}
        if audience is not None and self._page_revision:
            found = dict([(LAYOUT_FILE, self._page_revision), *filter(None, [self._footers.get(audience)])])
        named = [(self._words.path, self._words.revision)]
        named += [(self._card.path, self._card.revision)] if has_card else []
        return found | {path: revision for path, revision in named if revision}

    def reload(self) -> None:
        """Take in what changed."""
        self._reload_page()
        self._card.reload()
        self._words.reload()

    def take_pieces(self, shelf: Shelf) -> None:
        """The pieces changed: the card is made afresh of them."""
        self._shelf = shelf
        self._card.forget()

    def _made_card(self, source: str) -> tuple[CardSource | None, list[Problem]]:
        folder = f"{self._language}/"
        if self._sources.are_as_shipped(f"{folder}{CARD_FILE}", f"{folder}{PIECES}"):
            return CardSource(normalized(source), self._language, self._shelf), []
        return check_card(source, self._language, self._shelf)

    def _reload_page(self) -> None:
        paths = {audience: f"{self._language}/{file}" for audience, file in FOOTER_FILES.items()}
        footers = dict(builtin.FOOTERS[self._language])
        try:
            found = {to: path for to, path in paths.items() if to == "citizen" or self._is_there(path)}
            seen = tuple(self._sources.stamp(path) for path in (LAYOUT_FILE, *found.values()))
            if seen == self._page_seen:
                return
            page = self._sources.read(LAYOUT_FILE)
            read = {audience: self._sources.read(path) for audience, path in found.items()}
        except (OSError, ValueError) as error:
            self._page_seen = ()
            self._page_problems = (Problem(LAYOUT_FILE, 0, f"{why_unreadable(error)} (page or footer)"),)
            return
        self._page_seen = seen
        is_known = self._sources.are_as_shipped(LAYOUT_FILE, *paths.values())
        self._page_problems = () if is_known else tuple(check_layout(page, footers | read, self._language))
        if not self._page_problems:
            self.layout = Layout(page, footers | read, self._language)
            self._page_revision = revision_of(page)
            self._footers = {to: (found[to], revision_of(source)) for to, source in read.items()}

    def _is_there(self, path: str) -> bool:
        """Whether there is such a text: a folder may be older than the program, and lack what colleagues read
        below a mail."""
        try:
            self._sources.stamp(path)
        except OSError:
            return False
        return True
