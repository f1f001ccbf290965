"""Shows a mail as some program would: on a phone or a desktop, in Outlook or Gmail, light or dark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.templating.clients import BY_NAME, as_shown

_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")


@dataclass(frozen=True, slots=True)
class Look:
    """`client` is a profile of `templating.clients`, "" for one that honours everything."""

    name: str
    width: str
    client: str = ""
    is_dark: bool = False


LOOKS: Final = (
    Look("phone", "phone"),
    Look("desktop", "desktop"),
    Look("outlook", "desktop", "outlook"),
    Look("gmail", "phone", "gmail"),
    Look("dark", "phone", is_dark=True),
)
PAGE_LOOKS: Final = tuple(look for look in LOOKS if not look.client)
"""A page is shown by a browser, which honours everything."""
BY_LOOK: Final = {look.name: look for look in LOOKS}


def seen_as(html: str, look: Look) -> str:
    """The page of a mail as that program shows it, whatever the admin's own screen prefers."""
    if look.client:
        html = as_shown(html, BY_NAME[look.client])
    scheme = "dark" if look.is_dark else "light"
    return _DARK.sub("@media all" if look.is_dark else "@media not all", html).replace("light dark", scheme)
