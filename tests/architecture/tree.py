"""The tree as the guards read it: which files are ours, and what stands in them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TOP = Path(__file__).parents[2]
SRC = TOP / "src" / "onthaal"


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Every file that is or will be tracked (not what .gitignore names), ending in one of `suffixes`, or all."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=TOP, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    standing = (TOP / name for name in listed if name)
    return tuple(path for path in standing if path.is_file() and (not suffixes or path.suffix in suffixes))


def modules(under: Path = TOP, *, naming: str = "") -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file under `under` in which `naming` stands, with its parsed text; generated migrations left out.

    To parse a file and to walk through it is dear: say what a guard looks for, written as the formatter writes it.
    """
    for path in files(".py"):
        if path.is_relative_to(under) and "migrations" not in path.parts:
            text = path.read_text("utf-8")
            if naming in text:
                yield path, ast.parse(text, filename=str(path))


def said(path: Path) -> str:
    """A path as people say it: from the top of the tree."""
    return str(path.relative_to(TOP))


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain or a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""
