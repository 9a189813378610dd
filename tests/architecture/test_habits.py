"""Habits that nobody notices until they hurt."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from tests.architecture.tree import SRC, TOP, dotted, files, modules, said

NOT_OURS = re.compile(
    r"""
    (?<![\w.-])/(?:home|root|work|builds)/[\w.-]+   # a path of one machine
    | file://(?!\{)                                 # a local package index
    | --(?:extra-)?index-url | --find-links
    | https?://[\w.-]+/(?:[\w-]+/)*simple\b         # a package registry
    | \bTODO\b | \bFIXME\b | \bXXX\b                # an intention: do it, or write it where people look
    """,
    re.VERBOSE,
)
TIME_IS_THE_SUBJECT = "time itself is the subject"  # said beside the rare sleep that is what a test is about
SAY_IT_THEMSELVES = {"E402", "E501", "N802"}  # Django set up first; a long sentence; a name a library asks for
SAYS_WHAT_TO_FIND = {"tests/architecture/test_habits.py"}
READABLE = (".py", ".md", ".toml", ".lock", ".html", ".css", ".js", ".yml", ".txt", ".svg", "")


def sleeps(tree: ast.Module) -> Iterator[ast.Call]:
    """Every wait for mere time. Giving way (`asyncio.sleep(0)`) and looking again in a loop are not."""
    in_loops = {call for loop in ast.walk(tree) if isinstance(loop, ast.While) for call in ast.walk(loop)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if name in {"time.sleep", "sleep"} or (name in {"asyncio.sleep", "anyio.sleep"} and node not in in_loops):
            waits = node.args[0] if node.args else None
            if not (isinstance(waits, ast.Constant) and waits.value == 0):
                yield node


def test_no_test_sleeps() -> None:
    found = [
        f"{said(path)}:{node.lineno}"
        for path, tree in modules(TOP / "tests", naming="sleep")
        for node in sleeps(tree)
        if TIME_IS_THE_SUBJECT not in path.read_text("utf-8").splitlines()[node.lineno - 1]
    ]
    assert not found, "wait for the event, or `tests.waiting.until`:\n" + "\n".join(found)


def test_no_error_is_swallowed_whole() -> None:
    found = [
        f"{said(path)}:{node.lineno}"
        for path, tree in modules(SRC, naming="except:")
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert not found, "name the error that is expected:\n" + "\n".join(found)


def test_every_silenced_rule_says_why() -> None:
    silent = re.compile(r"#\s*noqa(?::\s*([A-Z]+\d+(?:,\s*[A-Z]+\d+)*))?\s*$")
    found = [
        f"{said(path)}:{number}"
        for path in files(".py")
        for number, (above, line) in enumerate(itertools.pairwise(["", *path.read_text("utf-8").splitlines()]), start=1)
        if (match := silent.search(line)) and not above.strip().startswith("#")
        if match.group(1) not in SAY_IT_THEMSELVES
    ]
    assert not found, "give the reason beside it or above it:\n" + "\n".join(found)


def test_the_tree_speaks_of_the_project_only() -> None:
    found = [
        f"{said(path)}:{number} {match.group(0)!r}"
        for path in files()
        if path.suffix in READABLE and said(path) not in SAYS_WHAT_TO_FIND
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (match := NOT_OURS.search(line))
    ]
    assert not found, "\n".join(found)
