"""The cookies of /admin/: a browser sends them back to us alone, and no script reads them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from daemon.web.settings import WebSettings

SESSION = "shakwa-admin"
ATTEMPT = "shakwa-admin-attempt"
DEVICE = "shakwa-admin-device"


class OwnCookie:
    """By https its name begins with __Host-: no other host, no path and no plain connection can set it
    (RFC 6265bis, section 4.1.3.2). SameSite=Lax: other sites' forms and frames do not carry it, and a way
    back from the identity provider does."""

    def __init__(self, settings: WebSettings, name: str) -> None:
        self._is_secure = settings.is_https
        self._name = f"__Host-{name}" if settings.is_https else name

    def read(self, request: Request) -> str:
        return request.cookies.get(self._name, "")

    def set(self, response: Response, content: str, max_age_s: int | None = None) -> None:
        """None: until the browser is closed."""
        response.set_cookie(
            self._name,
            content,
            max_age_s,
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        response.delete_cookie(self._name, path="/", secure=self._is_secure, httponly=True, samesite="lax")
