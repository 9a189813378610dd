"""Who may talk to the provider: this machine. The phone and the controls only for its own pages and for programs.

A page elsewhere could point a name of its own at 127.0.0.1 (DNS rebinding) or send a form to the phone; neither gets
past the Host and the Origin. The way in of sign-ins is open to any page, as at a real provider.
"""

from __future__ import annotations

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onthaal.words import language, words

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
)


class Guard:
    """Lets a request through or refuses it in words; adds the headers each answer has."""

    def __init__(self, app: ASGIApp, *, host: str) -> None:
        """`host`: the address the server was told to listen on, accepted as a name too."""
        self._app, self._host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name for name, _ in message["headers"]}
                more = [header for header in _HEADERS if header[0] not in named]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        headers = Headers(scope=scope)
        if self._may(scope, headers):
            await self._app(scope, receive, send_with_headers)
            return
        said = words("simulator.wrong.host", language(headers.get("accept-language")))
        await JSONResponse({"error": said, "why": "host"}, status_code=403)(scope, receive, send_with_headers)

    def _may(self, scope: Scope, headers: Headers) -> bool:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return False
        from_page = headers.get("origin")
        path: str = scope["path"]
        open_to_all = scope["method"] in {"GET", "HEAD"} or path in {"/v2/authorization", "/v2/token", "/v2/userinfo"}
        return open_to_all or from_page in (None, f"http://{host}")

    def _is_ours(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        name = name.strip("[]").lower()
        if name in {"localhost", self._host}:
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False
