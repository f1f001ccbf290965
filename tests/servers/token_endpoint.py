"""A token endpoint on this machine (RFC 6749): gives tokens by client credentials or a signed assertion,
keeps what it was asked, and refuses as a test wants."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CLIENT_ID, CLIENT_SECRET = "desk-application", "s3cr3t~of~the~desk"


@dataclass
class TokenEndpoint:
    """`refusal` is a status and an answer in place of a token. The tokens are `tokens`, in order."""

    url: str = ""
    lifetime_s: int = 3600
    refusal: tuple[int, dict[str, Any]] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        if self.refusal is not None:
            return self.refusal
        if form["grant_type"] == "client_credentials" and form["client_secret"] != CLIENT_SECRET:
            said = f"AADSTS7000215: Invalid client secret provided: {form['client_secret']}"
            return 401, {"error": "invalid_client", "error_description": said}
        self.tokens.append(f"eyToken-number-{len(self.asked)}-of-the-desk")
        return 200, {
            "token_type": "Bearer",
            "access_token": self.tokens[-1],
            "expires_in": self.lifetime_s,
        }


@contextlib.contextmanager
def token_endpoint() -> Iterator[TokenEndpoint]:
    endpoint = TokenEndpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, document = endpoint.answer(
                {name: values[0] for name, values in parse_qs(content).items()}
            )
            octets = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_port}/token"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
