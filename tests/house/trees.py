"""The syntax trees of the program's modules, each parsed and walked once however many tests look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of the module, in the order of `ast.walk`."""
    return tuple(ast.walk(tree_of(path)))
