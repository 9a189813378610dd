"""Write the pages that are made from the code: `python docs/generate.py`; with `--check`, say which are behind."""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import msgspec

from onthaal.core import facts, protocol
from onthaal.core.lifecycles import CLOSED, LOST_FROM, MOVES, RESOLUTIONS, Direction, Stage, lost, resolutions

HERE = Path(__file__).parent
_FEW = 3
MADE = "<!-- Made by docs/generate.py; do not edit by hand. -->"


def _docs(module: ModuleType) -> dict[str, tuple[str, dict[str, str]]]:
    """Per class: its docstring, and the docstring under each of its fields."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields: dict[str, str] = {}
        for statement, after in zip(node.body, node.body[1:], strict=False):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                text = _string(after)
                if text:
                    fields[statement.target.id] = text
        found[node.name] = (ast.get_docstring(node) or "", fields)
    return found


def _string(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split())
    return ""


_PLAIN = {"str": "text", "int": "whole number", "bool": "true or false", "datetime": "time (UTC)", "NoneType": "null"}


def _type(kind: Any) -> str:
    """A field's type as a reader of JSON wants it."""
    origin, arguments = typing.get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Stage | Direction):
        arguments, origin = tuple(kind), typing.Literal
    if origin is typing.Literal:
        return " · ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"map from {_type(arguments[0])} to {_type(arguments[1])}"
    if arguments:
        return _union([part for part in arguments if part is not type(None)], optional=type(None) in arguments)
    name = getattr(kind, "__name__", str(kind))
    return _PLAIN.get(name, name)


def _union(parts: list[Any], *, optional: bool) -> str:
    shown = "one of the bodies below" if len(parts) > _FEW else " or ".join(_type(part) for part in parts)
    return shown + (" or null" if optional else "")


def _struct(kind: Any, docs: dict[str, tuple[str, dict[str, str]]]) -> Iterator[str]:
    about, fields = docs[kind.__name__]
    tag = kind.__struct_config__.tag
    yield f"### {kind.__name__}" + (f" (`type`: `{tag}`)" if tag else "")
    yield ""
    yield " ".join(about.split())
    hints = typing.get_type_hints(kind)
    if kind.__struct_fields__:
        yield ""
        yield "| field | type | meaning |"
        yield "|---|---|---|"
        required = {field.name for field in msgspec.structs.fields(kind) if field.required}
        for name in kind.__struct_fields__:
            shown = name if name in required else f"{name}?"
            yield f"| `{shown}` | {_type(hints[name])} | {fields.get(name, '')} |"
    yield ""


_DOWN = [
    protocol.Wishes, protocol.WishedHandover, protocol.WishedGrant, protocol.Spent, protocol.WishedBlock,
    protocol.Loan, protocol.ProductRule, protocol.StaffBadge, protocol.Identifying, protocol.Wall, protocol.Words3,
]  # fmt: skip
_ROUND = [protocol.Told, protocol.Pruned, facts.Fact, protocol.Heard]
_WHO = [
    protocol.StartIdentification, protocol.IdentificationStarted, protocol.Confirmation, protocol.TypedDigits,
    protocol.DigitsChecked, protocol.OfSession, protocol.Approved, protocol.NotApproved,
]  # fmt: skip
_OTHER = [protocol.State, protocol.OpenNow, protocol.Enrol, protocol.Enrolled, protocol.Refused]

_PREFACE = """# The protocol between kiosk and centre

Everything is JSON over HTTPS; the kiosk calls, the centre answers. A `?` marks a field that may be left out.
Every request but the enrolment is signed by the kiosk: `Authorization: Onthaal <device>.<unix seconds>.<signature>`,
an Ed25519 signature (base64url) over device, seconds, method, path and the body's SHA-256 in hex, one a line. It is
good for 60 s around the centre's clock; a refusal tells the centre's time. A replay within that minute changes
nothing: facts told twice are heard once, a state is replaced by itself, and reading is reading.

| call | body | answer |
|---|---|---|
| `POST /device/v1/enrol` | Enrol | Enrolled |
| `GET /device/v1/wishes` | – (`If-None-Match`) | Wishes with `ETag`, or 304 |
| `POST /device/v1/facts` | Told | Heard |
| `PUT /device/v1/state` | State | 204 |
| `POST /device/v1/identifications` | StartIdentification | IdentificationStarted |
| `POST /device/v1/identifications/<id>/digits` | TypedDigits | DigitsChecked |
| `POST /device/v1/identifications/<id>/over` | OfSession | 204 |
| `GET /device/v1/stream` | – | server-sent events: `wishes` (its id: the version), `command` (no id; a command) |

A command is OpenNow, Approved or NotApproved.

Every refusal has the body Refused."""


def protocol_page() -> str:
    """The page on the messages."""
    docs = _docs(protocol) | _docs(facts)
    lines = [MADE, _PREFACE, ""]
    bodies = list(get_args(facts.Body))
    chapters = (
        ("The wishes: down, whole", _DOWN),
        ("The facts: up, numbered", [*_ROUND, facts.Fitted]),
        ("What a fact can say", bodies),
        ("Who somebody is: at the wall", _WHO),
        ("State, commands, enrolment", _OTHER),
    )
    for title, kinds in chapters:
        lines += [f"## {title}", ""]
        for kind in kinds:
            lines += _struct(kind, docs)
    return "\n".join(lines).rstrip() + "\n"


def lifecycles_page() -> str:
    """The diagrams of the lifecycles, from their table."""
    lines = [
        MADE,
        "# Lifecycles",
        "",
        "Made from the table in `src/onthaal/core/lifecycles.py`. Nothing else is allowed.",
    ]
    for direction in Direction:
        lines += ["", f"## Handover {direction}", "", "```mermaid", "stateDiagram-v2", "    [*] --> planned"]
        for stage, moves in MOVES[direction].items():
            lines += [f"    {stage} --> {to}: {move}" for move, to in moves.items()]
            if stage in CLOSED:
                lines.append(f"    {stage} --> [*]")
        lines += [f"    disputed --> {to}: staff decides" for to in sorted(RESOLUTIONS[direction])]
        lines += [f"    {stage} --> {lost(stage)}: lost" for stage in sorted(LOST_FROM)]
        lines.append("```")
        never = RESOLUTIONS[direction] - resolutions(direction, ended=True)
        if never:
            lines += ["", f"Never *{'* nor *'.join(sorted(never))}* by staff once its request is over."]
    return "\n".join(lines) + "\n"


PAGES = {"protocol.md": protocol_page, "lifecycles.md": lifecycles_page}


def main() -> int:
    """Write every page, or with `--check` name those that are behind. Exit code 1 when one is."""
    behind = [name for name, page in PAGES.items() if not (HERE / name).exists() or (HERE / name).read_text() != page()]
    if "--check" in sys.argv:
        for name in behind:
            sys.stderr.write(f"docs/{name} is behind the code: run python docs/generate.py\n")
        return 1 if behind else 0
    for name in behind:
        (HERE / name).write_text(PAGES[name]())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
