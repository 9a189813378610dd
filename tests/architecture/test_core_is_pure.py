"""`core` is the law of the house: the standard library and msgspec, and nothing that touches the world."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.architecture.tree import SRC, dotted, modules, said

TOUCHES_THE_WORLD = {
    "asyncio", "ctypes", "fcntl", "glob", "http", "importlib", "io", "logging", "mmap", "multiprocessing", "os",
    "pathlib", "pickle", "random", "secrets", "select", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl",
    "subprocess", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
ALLOWED = {"msgspec", "onthaal"} | (sys.stdlib_module_names - TOUCHES_THE_WORLD)
ACTS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def test_core_imports_the_standard_library_and_msgspec_only() -> None:
    wrong = [
        f"{said(path)} imports {name}"
        for path, tree in modules(SRC / "core")
        for name in imported(tree)
        if name.split(".")[0] not in ALLOWED or (name.startswith("onthaal") and not name.startswith("onthaal.core"))
    ]
    assert not wrong, "\n".join(wrong)


def test_core_reads_no_file_and_asks_no_clock() -> None:
    wrong = [
        f"{said(path)}:{node.lineno} calls {dotted(node.func)}"
        for path, tree in modules(SRC / "core")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (dotted(node.func) in ACTS or dotted(node.func).endswith((".now", ".today", ".utcnow")))
    ]
    assert not wrong, "\n".join(wrong)
