"""Prometheus from Debian: its rule checker, and a server of our own that scrapes one page."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import MissingServer, end_family, free_port, wait_until


def promtool() -> str:
    """The path of Prometheus's own checker. Raises MissingServer."""
    found = shutil.which("promtool")
    if found is None:
        raise MissingServer("prometheus")
    return found


@contextlib.contextmanager
def checker() -> Iterator[str]:
    yield promtool()


@dataclass(frozen=True)
class Prometheus:
    url: str

    def ask(self, path: str, **query: str) -> Any:
        """The `data` of an answer of its API. Raises AssertionError with what it says is wrong."""
        asked = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{query}: {error.read().decode()}") from None
        assert found["status"] == "success", found
        return found["data"]


def _is_ready(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5):
        return True
    return False


@contextlib.contextmanager
def prometheus(target: str, rules: Path) -> Iterator[Prometheus]:
    """Scrapes http://TARGET/metrics each second, with those rules."""
    program = shutil.which("prometheus")
    if program is None:
        raise MissingServer("prometheus")
    with tempfile.TemporaryDirectory() as folder:
        given = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": "shakwa", "static_configs": [{"targets": [target]}]}],
        }
        config = Path(folder, "prometheus.json")
        config.write_text(json.dumps(given))  # YAML holds JSON
        port = free_port()
        process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_until(lambda: _is_ready(port), what="Prometheus")
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            end_family(process.pid, "prometheus")
            process.wait(10)
