"""What stands before every request: the page answers to its own loopback names only, and loads nothing else.

A page of another site can make the browser ask 127.0.0.1 under a name of its own (DNS rebinding); the Host
header then carries that name, and is refused. It can also make the browser send a form here; whatever may
change something must therefore carry an Origin, and exactly ours. Plain ASGI, because the live stream must
not be buffered.
"""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_CHANGES_NOTHING: Final = frozenset({"GET", "HEAD"})


class Guard:
    """Refuses foreign Host and Origin headers and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 421 (Host) or 403 (Origin)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> ASGIApp | None:
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return PlainTextResponse("This page is on 127.0.0.1 only.", status_code=421)
        if method not in _CHANGES_NOTHING and headers.getlist("origin") != [f"http://{hosts[0]}"]:
            return PlainTextResponse("This must come from the page itself.", status_code=403)
        return None
