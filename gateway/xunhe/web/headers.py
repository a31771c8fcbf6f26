"""Security headers, on every answer, errors and static files too."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xunhe.web.static_files import shelf

# No inline script or style. Leaflet places its layers through CSSOM, which the policy allows;
# its style sheet carries one data: image.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


_ASK_WHERE = ("/report", "/phone", "/stations")  # whoever stands by the water may say where
_GIVEN = frozenset({200, 206, 304})


def cache_of(path: str, status: int) -> str:
    """What a browser may keep: files, revalidated where their address has no hash, and CAP;
    evidence, whose name is its content."""
    if shelf().is_kept(path) and status in _GIVEN:
        return "public, max-age=31536000, immutable"
    if path.startswith(("/static/", "/cap/")):
        return "no-cache"
    if path.startswith("/evidence/") and status in _GIVEN:
        # What is hidden in a blurred picture may become more with a next version.
        is_blurred = path.endswith(("/blurred", "/thumbnail"))
        return "private, max-age=3600" if is_blurred else "private, max-age=31536000, immutable"
    if path.startswith("/map/"):
        return "private, no-cache"  # asked for again, with its tag
    if path.startswith("/tiles/") and status in _GIVEN:
        return "private, max-age=86400"
    return "no-store"


class SecurityHeaders:
    """Adds `HEADERS`; what may be kept is decided here too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the headers added to the start of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["path"].startswith(_ASK_WHERE):
                    headers["permissions-policy"] = "camera=(), microphone=(), geolocation=(self)"
                headers["cache-control"] = cache_of(scope["path"], message["status"])
            await send(message)

        await self._app(scope, receive, with_headers)
