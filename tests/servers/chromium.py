"""A headless Chromium spoken to by the DevTools protocol over two pipes: no port, no client library.

It asks no other host for anything: background services, updates and QUIC are switched off.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import MissingServer

ANSWER_S = 60.0
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-default-apps",
    ),
    *("--disable-dev-shm-usage", "--disable-extensions", "--no-proxy-server", "--mute-audio"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


class BrowserFailed(Exception):
    """Chromium refused a command, or said nothing in time."""


@dataclass
class Browser:
    """One browser with one page at a time."""

    to_browser: int
    from_browser: int
    _last_id: int = 0
    _received: bytes = b""
    _events: list[dict[str, Any]] = field(default_factory=list)
    _session: str | None = None
    _context: str | None = None
    _is_shown: bool = False

    def open(
        self, url: str, width: int, *, dark: bool = False, script: bool = True, zoom: float = 1.0
    ) -> None:
        """A fresh page of `width` CSS pixels at `url`, loaded."""
        if self._context is not None:  # else its processes stay, one for each page ever opened
            self.call("Target.disposeBrowserContext", root=True, browserContextId=self._context)
        context = self.call("Target.createBrowserContext", root=True)["browserContextId"]
        self._context = context
        target = self.call("Target.createTarget", root=True, url="about:blank", browserContextId=context)
        attached = self.call("Target.attachToTarget", root=True, targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=zoom,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self._events.clear()
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserFailed(f"{url}: {answer['errorText']}")
        self.wait_for("Page.loadEventFired")

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserFailed(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def heard(self) -> list[tuple[str, str]]:
        """Role and name of each thing that a screen reader would tell."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]

    def press(self, key: str) -> None:
        """One key: "Tab", "Space", "Enter", "ArrowDown"."""
        code, text = {"Tab": (9, ""), "Space": (32, " "), "Enter": (13, "\r"), "ArrowDown": (40, "")}[key]
        name = " " if key == "Space" else key
        common = {"key": name, "code": key, "windowsVirtualKeyCode": code}
        if not self._is_shown:  # until a page was painted once, Chromium drops keys
            self.picture()
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def picture(self) -> bytes:
        """The whole page as PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        self._is_shown = True
        return base64.b64decode(answer["data"])

    def wait_for(self, event: str) -> dict[str, Any]:
        """The next `event` of the page; forgets those before it."""
        deadline = time.monotonic() + ANSWER_S
        self._is_shown = False
        while True:
            while self._events:
                found = self._events.pop(0)
                if found["method"] == event:
                    return dict(found.get("params", {}))
            self._events.append(self._read(deadline))

    def call(self, method: str, *, root: bool = False, **params: Any) -> dict[str, Any]:
        self._last_id += 1
        message: dict[str, Any] = {"id": self._last_id, "method": method, "params": params}
        if not root:
            message["sessionId"] = self._session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + ANSWER_S
        while (answer := self._read(deadline)).get("id") != self._last_id:
            if answer.get("sessionId") == self._session and "method" in answer:
                self._events.append(answer)
        if "error" in answer:
            raise BrowserFailed(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self.from_browser], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self.from_browser, 1 << 20) if ready else b""
            if not piece:
                raise BrowserFailed("chromium said nothing" if not ready else "chromium ended")
            self._received += piece
        message, _, self._received = self._received.partition(b"\0")
        return dict(json.loads(message))


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Raises MissingServer."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise MissingServer("chromium fonts-noto-core")
    with tempfile.TemporaryDirectory(prefix="shakwa-chromium-", ignore_cleanup_errors=True) as folder:
        commands_out, commands_in = os.pipe()
        answers_out, answers_in = os.pipe()
        # --remote-debugging-pipe reads file descriptor 3 and writes 4.
        shell = f'exec "$0" "$@" 3<&{commands_out} 4>&{answers_in}'
        flags = (*_FLAGS, "--remote-debugging-pipe", f"--user-data-dir={folder}/profile")
        process = subprocess.Popen(
            ["bash", "-c", shell, program, *flags],
            pass_fds=(commands_out, answers_in),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": folder},
            cwd=Path(folder),
        )
        os.close(commands_out)
        os.close(answers_in)
        try:
            yield Browser(commands_in, answers_out)
        finally:
            os.close(commands_in)  # it leaves when nobody commands it any more
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(answers_out)
