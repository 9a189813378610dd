"""The source, read once a run: of a fresh clone each worker would compile all of it, at the same time.

pytest keeps what it makes of a test file beside it, as Python does with other files; hypothesis keeps the constants of
a source file, to draw them oftener. Workers find them there.
"""

from __future__ import annotations

import compileall
import multiprocessing
import os
import sys
import warnings
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _read_pyc,
    _rewrite_test,
    _write_pyc,
    assertstate_key,
    get_cache_dir,
    try_makedirs,
)
from hypothesis.errors import HypothesisSideeffectWarning
from hypothesis.internal.constants_ast import constants_from_module

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src"
REWRITTEN = ("test_*.py", "conftest.py")


def once(config: pytest.Config) -> None:
    """Compile what is not compiled yet, on every core. From a process without threads: it forks."""
    if sys.dont_write_bytecode:
        return
    files = sorted((*SOURCE.rglob("*.py"), *HERE.rglob("*.py")))
    shares = os.cpu_count() or 1
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=_compile, args=(config, files[first::shares])) for first in range(shares)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise RuntimeError("the source could not be compiled; what is wrong stands above")


def _compile(config: pytest.Config, files: Sequence[Path]) -> None:
    warnings.simplefilter("ignore", HypothesisSideeffectWarning)  # that it takes long this early is why it is done here
    for file in files:
        if any(fnmatch(file.name, pattern) for pattern in REWRITTEN):
            _rewrite(config, file)
        else:
            compileall.compile_file(file, quiet=2)
        if file.is_relative_to(SOURCE):
            module = ModuleType(file.stem)
            module.__file__ = str(file)
            constants_from_module(module)


def _rewrite(config: pytest.Config, file: Path) -> None:
    """As pytest does when it imports a test file (`AssertionRewritingHook.exec_module`), without running it."""
    folder = get_cache_dir(file)
    pyc = folder / f"{file.stem}{PYC_TAIL}"
    if _read_pyc(file, pyc) is not None or not try_makedirs(folder):
        return
    try:
        digest, code = _rewrite_test(file, config)
    except SyntaxError:  # the worker that imports it says where
        return
    _write_pyc(config.stash[assertstate_key], code, digest, pyc)
