"""Who may talk to the wall: pages of its own on this machine, and programs that send JSON.

A page elsewhere could send a form here (no preflight for a form) or point a name of its own at
127.0.0.1 (DNS rebinding); neither gets past the Host, Origin and Content-Type.
"""

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onthaal.words import language, words

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Lets a request through or refuses it in words; adds the security headers to each answer."""

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
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is None:
            await self._app(scope, receive, send_with_headers)
            return
        status, key = refusal
        answer = JSONResponse({"error": words(key, language(headers.get("accept-language")))}, status_code=status)
        await answer(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return 403, "emulator.refused.host"
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return 403, "emulator.refused.host"
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if method not in {"GET", "HEAD"} and kind != "application/json":
            return 415, "emulator.refused.not_json"
        return None

    def _is_ours(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        name = name.strip("[]").lower()
        if name in {"localhost", self._host}:
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False
