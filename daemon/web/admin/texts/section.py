"""Puts the section together: its addresses below /admin/texts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from daemon.dispatch.trial import Trials
from daemon.web.admin.routes import Address, Section
from daemon.web.admin.texts.display import Display
from daemon.web.admin.texts.editor import Editor
from daemon.web.admin.texts.listing import Listing
from daemon.web.admin.texts.page_views import PageViews
from daemon.web.admin.texts.past import History
from daemon.web.admin.texts.second import Review
from daemon.web.admin.texts.switching import Switching
from daemon.web.settings import WebSettings
from daemon.wording.desk import TextsDesk


def texts_section(desk: TextsDesk, trials: Trials, zone: ZoneInfo, settings: WebSettings) -> Section:
    """`zone`: the desk's, in which an admin writes a time. `settings`: what the citizens' pages are set up
    with, which the words of pages are shown on."""
    display = Display(desk, PageViews(settings))
    listing, editor = Listing(desk), Editor(desk, display, trials, zone)
    history, review, switching = History(desk, display), Review(desk, display), Switching(desk)
    return Section(
        "texts",
        "words",
        (
            Address("", listing.show),
            Address("/edit/{path:path}", editor.show),
            Address("/edit/{path:path}", editor.again, ("POST",)),
            Address("/preview/{path:path}", editor.preview, ("POST",)),
            Address("/save/{path:path}", editor.save, ("POST",)),
            Address("/test/{path:path}", editor.test, ("POST",)),
            Address("/history/{path:path}", history.show),
            Address("/seen/{id:row}", history.seen),
            Address("/restore/{path:path}", history.restore, ("POST",)),
            Address("/review/{path:path}", review.show),
            Address("/review/{path:path}", review.approve, ("POST",)),
            Address("/switch/{name}", switching.show),
            Address("/switch/{name}", switching.switch, ("POST",)),
        ),
        ("admin_texts",),
    )
