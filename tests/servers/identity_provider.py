"""An identity provider on this machine: discovery, keys, the authorization and the token endpoint, and the
mistakes and lies of one on request. A browser's part is `authorize`, which signs in whoever `email` names."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "shakwa", "a-secret-of-the-client"


@dataclass
class IdentityProvider:
    """`claims` are laid over those of an ID token (None leaves one out); `header` over its header."""

    email: str = "noura@momah.gov.sa"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    signs_with: Any = None
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for."""
    url: str = ""
    scopes: str = ""
    """What a browser was sent with."""
    keys: list[RSAKey] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.change_key()

    def change_key(self) -> None:
        """As a provider does from time to time."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})]

    # --- a browser --------------------------------------------------------------------------------------

    def authorize(self, address: str) -> str:
        """Where the provider sends a browser that came to `address` and signed in."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        self.scopes = asked["scope"]
        assert "openid" in self.scopes.split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    # --- the server -------------------------------------------------------------------------------------

    def answer(self, path: str) -> tuple[int, Any]:
        self.asked.append(path)
        if self.is_down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            } | self.metadata
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}
        return 404, {}

    def exchange(self, authorization: str, form: dict[str, str]) -> tuple[int, Any]:
        self.asked.append("/token")
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _base64(digest)
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        if asked is None or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)}

    def _forged(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Without a signature, or with one made of the public key as if it were a secret that we shared."""
        signed = ".".join(_base64(json.dumps(one).encode()) for one in (header, claims))
        made = hmac.digest(self.keys[0].as_pem(private=False), signed.encode(), "sha256")
        return f"{signed}.{'' if header['alg'] == 'none' else _base64(made)}"

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "1",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": True,
        } | self.claims
        header = {"alg": "RS256", "kid": self.keys[0].kid} | self.header
        key = self.signs_with or self.keys[0]
        kept = {name: value for name, value in claims.items() if value is not None}
        if header["alg"] in ("none", "HS256"):
            return self._forged(header, kept)
        return jwt.encode(header, kept, key, algorithms=[header["alg"]])


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@contextlib.contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*provider.answer(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*provider.exchange(self.headers.get("Authorization", ""), form))

        def _send(self, status: int, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
