"""The HTML of each kind of block in a mail: its tags with direction, alignment, space and colour.

Mail programs take most of a style sheet away, so each block says all of it itself (docs/MAILS.md): `dir` and
a physical side, since alignment that stands on the page alone is lost; space as margins of text blocks and
padding of table cells only, since Outlook for Windows knows no other. The classes are for dark screens.
"""

from __future__ import annotations

from functools import cache

DIRECTIONS = {"ar": "rtl", "en": "ltr"}
SIDES = {"ar": "right", "en": "left"}
"""The side at which a line begins."""

GREEN = "#1b8354"
"""The government's platform code (كود المنصات): 4.7 to 1 against white, so good for white words on it."""
LINK = "#166a45"
"""A darker step of it, for words on grey: 5.9 to 1."""

_FONT = "font-family:'IBM Plex Sans Arabic','Noto Sans Arabic','Segoe UI',Tahoma,'Geeza Pro',Arial,sans-serif"
_SPACES = {
    "p": "margin:0 0 16px",
    "inner p": "margin:0 0 4px",
    "h1": "margin:0 0 16px;font-size:22px;line-height:1.5;font-weight:bold",
    "h2": "margin:24px 0 8px;font-size:18px;line-height:1.5;font-weight:bold",
    "h3": "margin:20px 0 8px;font-size:16px;line-height:1.6;font-weight:bold",
}
_INDENTED = ("ul", "ol")
_HR = "margin:24px 0;border:0;border-top:1px solid #c9d2cd"


def aligned(language: str) -> str:
    """The attributes that hold the direction of a block whatever becomes of those around it."""
    return f'dir="{DIRECTIONS[language]}" align="{SIDES[language]}"'


def _styled(language: str, style: str) -> str:
    return f"direction:{DIRECTIONS[language]};text-align:{SIDES[language]};{style}"


@cache
def opened(kind: str, language: str) -> str:
    """The opening tag of a paragraph ("inner p": within a list or a quotation), heading, list ("inner ul"),
    or item."""
    direction, side = f'dir="{DIRECTIONS[language]}"', SIDES[language]
    tag = kind.rpartition(" ")[2]
    if tag in _INDENTED:  # Word takes a list's indent from its margin
        below = 0 if kind != tag else 16
        margin = f"0 24px {below}px 0" if side == "right" else f"0 0 {below}px 24px"
        return f'<{tag} {direction} style="{_styled(language, f"margin:{margin};padding:0")}">'
    if kind == "li":
        return f'<li {direction} style="{_styled(language, "margin:0 0 6px")}">'
    space = _SPACES.get(kind, _SPACES["h3"])
    return f'<{tag} {aligned(language)} style="{_styled(language, space)}">'


def closed(kind: str) -> str:
    return f"</{kind}>\n"


RULE = f'<hr style="{_HR}">\n'


@cache
def _table(language: str, kind: str = "", role: str = ' role="presentation"') -> str:
    name = f' class="{kind}"' if kind else ""
    return (
        f'<table{role}{name} dir="{DIRECTIONS[language]}" width="100%" cellpadding="0" cellspacing="0"'
        f' border="0" style="direction:{DIRECTIONS[language]};width:100%;border-collapse:separate">'
    )


@cache
def cell(language: str, style: str, *, tag: str = "td", kind: str = "", more: str = "") -> str:
    """The opening tag of a table's cell, in which alone padding is safe."""
    name = f' class="{kind}"' if kind else ""
    return f'<{tag}{name} {aligned(language)}{more} style="{_styled(language, style)}">'


_SPACE_BELOW = '<div style="font-size:16px;line-height:16px;height:16px" aria-hidden="true">&nbsp;</div>\n'
"""Below a table, since Word and some webmail know no margin of one."""


@cache
def quotation(language: str) -> tuple[str, str]:
    """Around what somebody else wrote. No <blockquote>: webmail draws a bar of its own beside that."""
    style = (
        f"padding:12px 16px 8px;border-{SIDES[language]}:4px solid #8a9a92;background:#f2f5f3;"
        "overflow-wrap:anywhere;word-break:break-word"
    )
    opening = cell(language, style, kind="quote", more=' role="blockquote" bgcolor="#f2f5f3"')
    return f"{_table(language)}<tr>{opening}\n", f"</td></tr></table>\n{_SPACE_BELOW}"


@cache
def facts(language: str) -> tuple[str, str]:
    """Around the rows of facts, a table of data: each row says its name and its value."""
    box = cell(
        language,
        "padding:4px 12px;border:1px solid #d5dcd8;border-radius:8px;background:#f7faf8",
        kind="facts",
        more=' bgcolor="#f7faf8"',
    )
    return (
        f"{_table(language)}<tr>{box}{_table(language, role='')}\n",
        f"</table></td></tr></table>\n{_SPACE_BELOW}",
    )


@cache
def fact(language: str) -> tuple[str, str, str]:
    """Before a fact's name, between it and the value, and behind that."""
    gap = "padding:6px 0 6px 12px" if SIDES[language] == "right" else "padding:6px 12px 6px 0"
    name = cell(
        language,
        f"{gap};width:36%;vertical-align:top;font-weight:bold",
        tag="th",
        more=' scope="row" width="36%" valign="top"',
    )
    value = cell(
        language,
        "padding:6px 0;vertical-align:top;overflow-wrap:anywhere;word-break:break-word",
        more=' valign="top"',
    )
    return f"<tr>{name}", f"</th>{value}", "</td></tr>\n"


@cache
def button(language: str) -> tuple[str, str, str]:
    """Before a button's address, between that and its words, and behind these."""
    outer = cell(language, "padding:0 0 16px")
    inner = (
        f'<td class="button" dir="{DIRECTIONS[language]}" align="center" bgcolor="{GREEN}" '
        f'style="direction:{DIRECTIONS[language]};text-align:center;background:{GREEN};border-radius:6px;'
        'mso-padding-alt:12px 24px">'
    )
    link = (
        f'" class="button" style="display:inline-block;padding:12px 24px;color:#ffffff;background:{GREEN};'
        'border-radius:6px;font-weight:bold;text-decoration:none">'
    )
    table = '<table role="presentation" dir="{}" cellpadding="0" cellspacing="0" border="0">'
    return (
        f'{_table(language)}<tr>{outer}{table.format(DIRECTIONS[language])}<tr>{inner}<a href="',
        link,
        "</a></td></tr></table></td></tr></table>\n",
    )


LINK_LOOK = f'style="color:{LINK};text-decoration:underline"'
COMMAND_LOOK = (
    f'class="button" style="display:inline-block;margin:4px 0;padding:6px 10px;border:1px solid {GREEN};'
    f"border-radius:6px;background:{GREEN};color:#ffffff;font-weight:bold;text-decoration:none;"
    'white-space:nowrap"'
)
"""Of a command that is one tap away. Several stand in one line and wrap, which cells of a table do not."""
COMMAND_EDGE = "&nbsp;"
"""Within it at both ends: Word gives it no padding."""


@cache
def card(language: str) -> tuple[str, str]:
    """Around the commands at the foot of a notice."""
    style = "padding:12px 0 0;border-top:1px solid #8a9a92;font-size:14px;line-height:2;color:#4c5852"
    opening = cell(language, style, kind="small")
    return f"{_table(language)}<tr>{opening}\n", f"</td></tr></table>\n{_SPACE_BELOW}"


_BANDS = {
    True: ("reaches", GREEN, "#ffffff"),
    False: ("internal", "#fdf0d5", "#6b3a00"),
}


@cache
def band(language: str, *, reaches_citizen: bool) -> tuple[str, str]:
    """Around the line that says whom a reply reaches: green where it is the citizen, amber where it stays
    internal. The words say it, too."""
    kind, ground, ink = _BANDS[reaches_citizen]
    style = (
        f"padding:12px 20px;background:{ground};color:{ink};font-size:16px;line-height:1.6;font-weight:bold;"
        + _FONT
    )
    opening = cell(language, style, kind=kind, more=f' bgcolor="{ground}"')
    return f"{_table(language)}<tr>{opening}", "</td></tr></table>\n"
