"""The web page of the mail catcher: a list, a mail, its parts; and the same as JSON for whoever scripts the demo."""

from __future__ import annotations

import html
import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from onthaal.demo.mailbox import telephone
from onthaal.demo.mailbox.letters import Letter, Letters
from onthaal.words import LANGS, Lang, language, words

_CSP = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
)
_LETTER_CSP = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox allow-popups"
_LINK = re.compile(r"https?://[^\s<>\"]+")
_REFRESH_SECONDS = 3


def app(letters: Letters, screen: str) -> Starlette:
    """The web application over a folder of letters. `screen`: where the kiosk's screen is, for the telephone."""
    static = StaticFiles(directory=Path(__file__).parent / "static")
    application = Starlette(
        routes=[
            Route("/", _list),
            Route("/letters.json", _json),
            Route("/letters/{number:int}", _letter),
            Route("/letters/{number:int}/html", _html),
            Route("/letters/{number:int}/parts/{part:int}", _part),
            Route("/empty", _empty, methods=["POST"]),
            Route("/telephone", _telephone),
            Mount("/static", static),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )
    application.state.letters, application.state.screen = letters, screen
    return application


def _language(request: Request) -> Lang:
    return language(request.query_params.get("lang") or request.headers.get("accept-language"))


def _page(request: Request, title: str, body: str, *, refresh: bool = False) -> HTMLResponse:
    lang = _language(request)
    again = f'<meta http-equiv="refresh" content="{_REFRESH_SECONDS}">' if refresh else ""
    others = " ".join(
        f'<a href="?lang={other}" lang="{other}"{" aria-current=true" if other == lang else ""}>{other}</a>'
        for other in LANGS
    )
    document = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">{again}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{html.escape(title)}</title><link rel="stylesheet" href="/static/mailbox.css"></head><body>'
        f'<header><a class="home" href="/?lang={lang}">{_w("title", lang)}</a><nav>{others}</nav></header>'
        f"<main>{body}</main></body></html>"
    )
    return HTMLResponse(document, headers={"Content-Security-Policy": _CSP, "Cache-Control": "no-store"})


def _w(key: str, lang: Lang) -> str:
    return html.escape(words(f"demo.mailbox.{key}", lang))


async def _list(request: Request) -> Response:
    lang, letters = _language(request), request.app.state.letters
    found = [letter for number in letters.numbers()[:200] if (letter := letters.read(number))]
    rows = "".join(
        f'<li><a href="/letters/{letter.number}?lang={lang}"><strong>{html.escape(letter.subject)}</strong>'
        f"<span>{html.escape(letter.sent_to)}</span><time>{html.escape(letter.date)}</time></a></li>"
        for letter in found
    )
    emptying = f'<form method="post" action="/empty?lang={lang}"><button>{_w("empty", lang)}</button></form>'
    inside = f"<ol>{rows}</ol>{emptying}" if rows else f"<p>{_w('none', lang)}</p>"
    about = f'<p class="about">{_w("about", lang)}</p>'
    return _page(
        request, words("demo.mailbox.title", lang), f"<h1>{_w('title', lang)}</h1>{about}{inside}", refresh=True
    )


def _found(request: Request) -> Letter | None:
    letter: Letter | None = request.app.state.letters.read(request.path_params["number"])
    return letter


async def _letter(request: Request) -> Response:
    letter, lang = _found(request), _language(request)
    if letter is None:
        return _page(request, words("demo.mailbox.gone", lang), f"<h1>{_w('gone', lang)}</h1>")
    parts = "".join(
        f'<li><a href="/letters/{letter.number}/parts/{part.number}">{html.escape(part.name)}</a></li>'
        for part in letter.parts
    )
    shown = (
        f'<iframe title="{html.escape(letter.subject)}" src="/letters/{letter.number}/html"></iframe>'
        if letter.html
        else ""
    )
    opened = "" if shown else " open"
    body = (
        f"<h1>{html.escape(letter.subject)}</h1><dl><dt>{_w('to', lang)}</dt><dd>{html.escape(letter.sent_to)}</dd>"
        f"<dt>{_w('bounces', lang)}</dt><dd>{html.escape(letter.return_path)}</dd></dl>{shown}"
        f"<details{opened}><summary>{_w('text', lang)}</summary><pre>{_linked(letter.text)}</pre></details>"
        + (f"<h2>{_w('parts', lang)}</h2><ul class=parts>{parts}</ul>" if parts else "")
    )
    return _page(request, letter.subject, body)


def _linked(text: str) -> str:
    return _LINK.sub(lambda found: f'<a href="{found[0]}" target="_blank">{found[0]}</a>', html.escape(text))


async def _html(request: Request) -> Response:
    """The HTML body alone, its inline pictures from our own address, without scripts."""
    letter = _found(request)
    if letter is None:
        return Response(status_code=404)
    content = letter.html
    for part in letter.parts:
        if part.cid:
            content = content.replace(f"cid:{part.cid}", f"/letters/{letter.number}/parts/{part.number}")
    content = content.replace("<head>", '<head><base target="_blank">', 1)
    return HTMLResponse(content, headers={"Content-Security-Policy": _LETTER_CSP})


async def _part(request: Request) -> Response:
    letter = _found(request)
    parts = [part for part in letter.parts if part.number == request.path_params["part"]] if letter else []
    if not parts:
        return Response(status_code=404)
    headers = {"Content-Security-Policy": _LETTER_CSP, "X-Content-Type-Options": "nosniff"}
    return Response(parts[0].content, media_type=parts[0].kind, headers=headers)


async def _json(request: Request) -> Response:
    """All mails, newest first; `?to=ADDRESS` those to one address only."""
    letters, to = request.app.state.letters, request.query_params.get("to")
    read = [letter for number in letters.numbers() if (letter := letters.read(number))]
    found = [letter for letter in read if to in (None, letter.sent_to)]
    return JSONResponse([{**vars(letter), "parts": [part.name for part in letter.parts]} for letter in found])


async def _telephone(request: Request) -> Response:
    """A telephone held before the kiosk's screen: it opens what the code there says."""
    text = await telephone.read(request.app.state.screen)
    if text is not None:
        return RedirectResponse(text, status_code=303, headers={"Cache-Control": "no-store"})
    lang = _language(request)
    body = f"<h1>{_w('telephone', lang)}</h1><p>{_w('no-code', lang)}</p>"
    return _page(request, words("demo.mailbox.telephone", lang), body, refresh=True)


async def _empty(request: Request) -> Response:
    request.app.state.letters.empty()
    return RedirectResponse(f"/?lang={_language(request)}", status_code=303)
