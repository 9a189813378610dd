"""Markup from plain functions. Every text is escaped; only `Html` is taken as it is."""

from __future__ import annotations

from html import escape


class Html(str):
    """Markup that was made here and is already escaped."""

    __slots__ = ()


_VOID = frozenset({"path", "rect", "circle", "line", "meta", "link"})


def el(tag: str, *children: Html | str | None, **attributes: str | bool | float | None) -> Html:
    """One element. `class_` is `class`, `data_act` is `data-act`; None and False leave an attribute out."""
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID and not children:
        return Html(f"<{tag}{written}/>")
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")


def join(*children: Html | str | None) -> Html:
    """Several pieces behind one another."""
    return Html("".join(one if isinstance(one, Html) else escape(one) for one in children if one is not None))


def _attribute(name: str, value: str | bool | float | None) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
