"""What a text's Markdown means in a mail beyond Markdown: a title, a line on top, facts, a button.

A first `# heading` is the mail's title. A first paragraph that is bold as a whole is the line on top (to
staff: whom a reply reaches). A list of which each item begins `**name:**` is a table of facts. A paragraph
that is one link is a button. The text part knows none of it (docs/MAILS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from markdown_it.token import Token

Shape = Literal["", "title", "lead", "facts", "button"]

_COLONS = (":", "：")


def shape_of(token: Token) -> Shape:
    """The shape that a block begins or ends, or ""."""
    found: Shape = token.meta.get("shape", "")
    return found


def find_shapes(tokens: Sequence[Token]) -> None:
    """Note the shape of each block of a text in the `meta` of the tokens that open and close it."""
    on_top: set[Shape] = {"title", "lead"}  # what may still come, as long as nothing else did
    at = 0
    while at < len(tokens):
        end = _end_of(tokens, at)
        shape = _shape(tokens[at : end + 1], on_top)
        tokens[at].meta["shape"] = tokens[end].meta["shape"] = shape
        on_top = on_top - {shape} if shape in on_top else set()
        at = end + 1


def _end_of(tokens: Sequence[Token], begin: int) -> int:
    depth = 0
    for at in range(begin, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _shape(block: Sequence[Token], on_top: set[Shape]) -> Shape:
    match block[0].type:
        case "heading_open" if "title" in on_top and block[0].tag == "h1":
            return "title"
        case "paragraph_open" if "lead" in on_top and _is_bold(_words(block[1])):
            return "lead"
        case "paragraph_open" if _is_one_link(_words(block[1])):
            return "button"
        case "bullet_list_open" if _is_facts(block):
            return "facts"
        case _:
            return ""


def _words(inline: Token) -> list[Token]:
    """The inline tokens without the empty ones that the parser leaves around emphasis."""
    return [child for child in inline.children or [] if child.type != "text" or child.content]


def _is_bold(children: Sequence[Token]) -> bool:
    return _spans(children, "strong_open", "strong_close")


def _is_one_link(children: Sequence[Token]) -> bool:
    return _spans(children, "link_open", "link_close")


def _spans(children: Sequence[Token], opening: str, closing: str) -> bool:
    """Whether one element holds them all."""
    if len(children) < 3 or children[0].type != opening or children[-1].type != closing:
        return False
    return not any(child.type in (opening, closing, "softbreak", "hardbreak") for child in children[1:-1])


def _is_facts(block: Sequence[Token]) -> bool:
    """Whether each item is one paragraph that begins with a bold name and a colon, and has a value."""
    inner = block[1:-1]
    items = [at for at, token in enumerate(inner) if token.type == "list_item_open"]
    if len(inner) != 5 * len(items) or any(inner[at + 2].type != "inline" for at in items):
        return False
    return all(_is_fact(_words(inner[at + 2])) for at in items)


def _is_fact(children: Sequence[Token]) -> bool:
    ends = [at for at, child in enumerate(children) if child.type == "strong_close"]
    if not ends or children[0].type != "strong_open" or ends[0] + 1 >= len(children):
        return False
    name = children[ends[0] - 1]
    return name.type == "text" and name.content.rstrip().endswith(_COLONS)
