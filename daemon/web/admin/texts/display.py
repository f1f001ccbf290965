"""Shows words as their readers get them: a mail or an SMS by the texts' desk, the words of pages on their
pages."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.store.texts import Revision
from daemon.templating.keys import PageKey, TextKey
from daemon.web.admin.texts.labels import label_of
from daemon.web.admin.texts.looks import LOOKS, PAGE_LOOKS, Look
from daemon.web.admin.texts.page_views import AUTO, PageViews
from daemon.web.admin.texts.panel import Seen, seen
from daemon.web.admin.visits import Visit
from daemon.wording.desk import TextsDesk
from daemon.wording.drafts import Draft


@dataclass(frozen=True, slots=True)
class Choices:
    """With what a text can be shown: samples, by name and label, `first` the usual one, and programs."""

    key: TextKey | PageKey
    first: str
    samples: list[tuple[str, str]]
    looks: list[str]

    def chosen(self, sample: str) -> str:
        """That sample, or the first where there is none of that name."""
        return sample if any(sample == name for name, _ in self.samples) else self.first


class Display:
    """Everything blocks."""

    def __init__(self, desk: TextsDesk, views: PageViews) -> None:
        self._desk = desk
        self._views = views

    def choices(self, visit: Visit, path: str, content: str, *, is_draft: bool) -> Choices:
        """`is_draft`: there is something beside it that it may differ from."""
        key, first, found = self._desk.samples(path)
        if isinstance(key, TextKey):
            samples = [(label, label_of(visit, label, key)) for label in found]
            looks: tuple[Look, ...] = LOOKS if key.channel == "email" else ()
        else:
            samples = list(self._views.labels(Draft(self._desk.texts, {path: content}), key).items())
            first, looks = samples[0][0] if samples else "", PAGE_LOOKS if samples else ()
            if samples and is_draft:
                samples.insert(0, (AUTO, visit.say("sample_auto").striptags()))
                first = AUTO
        return Choices(key, first, samples, [look.name for look in looks])

    def show(self, path: str, content: str, sample: str, look: str) -> Seen:
        """The words beside what is in force."""
        shown, price = self._desk.show(path, content, sample), self._desk.segment_price
        if not isinstance(shown.key, PageKey):
            return seen(shown, look, price)
        draft = Draft(self._desk.texts, {path: content})
        return seen(shown, look, price, self._views.show(draft, self._desk.texts, shown.key, sample))

    def past(self, revision: Revision, sample: str, look: str) -> Seen:
        """A revision as it was read."""
        shown, price = self._desk.seen(revision, sample), self._desk.segment_price
        if not isinstance(shown.key, PageKey):
            return seen(shown, look, price)
        draft = Draft(self._desk.texts, {revision.path: revision.content})
        return seen(shown, look, price, self._views.show(draft, draft, shown.key, sample))
