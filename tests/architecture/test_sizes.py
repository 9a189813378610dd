"""The tail is ruled, not the middle: no long files, no long functions, no piles."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.tree import TOP, files, modules, said

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
LINES_OF_A_DECISION = 60
PILES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    ours = [path for path in files(".py", ".js", ".html", ".sh") if "migrations" not in path.parts]
    long = [
        f"{said(path)}: {lines} lines"
        for path in ours
        if (lines := len(path.read_text("utf-8").splitlines())) > LINES_OF_A_FILE
    ]
    assert not long, "each perhaps two rooms in one:\n" + "\n".join(long)


def statements(of: ast.AST) -> Iterator[ast.AST]:
    """Every statement, however deep. Expressions are left out: most of a tree, and no function stands in one."""
    for child in ast.iter_child_nodes(of):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield child
            yield from statements(child)


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        f"{said(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path, tree in modules()
        for node in statements(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > LINES_OF_A_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_no_module_is_a_pile() -> None:
    piles = [said(path) for path in files() if PILES & {path.stem, *path.relative_to(TOP).parts[:-1]}]
    assert not piles, "name what it does:\n" + "\n".join(piles)


def test_a_decision_record_is_read_in_two_minutes() -> None:
    records = [path for path in files(".md") if said(path).startswith("docs/decisions/")]
    long = [
        f"{said(path)}: {lines} lines"
        for path in records
        if (lines := len(path.read_text("utf-8").splitlines())) > LINES_OF_A_DECISION
    ]
    assert not long, "\n".join(long)
