"""The program as `pip install` leaves it: a wheel in an environment of its own, called from another folder.

The wheel is built here, without a network. The environment gets the very libraries that the wheel's own
metadata asks for, linked one by one from the environment of the tests: what pyproject.toml forgot to declare
is missing there.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from daemon import __version__

ROOT = Path(__file__).resolve().parents[2]
CACHE = {key: value for key, value in os.environ.items() if key == "PYTHONPYCACHEPREFIX"}
POSTGRESQL = "postgresql://127.0.0.1:9/shakwa"
CONFIG = """
[service]
public_url = "http://127.0.0.1:8080"
data_dir = "{data_dir}"
secret_key = "0123456789abcdef0123456789abcdef"
[database]
url = "{database}"
[mailbox]
address = "infocs@momah.gov.sa"
host = "127.0.0.1"
port = 9
security = "none"
[smtp]
host = "127.0.0.1"
port = 9
security = "none"
[web]
enabled = {web}
port = 8080
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
    ]
    built = subprocess.run(
        [*command, "--wheel-dir", folder, ROOT], capture_output=True, text=True, timeout=600, check=False
    )
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@dataclass
class Installed:
    """An environment with the wheel in it."""

    folder: Path
    elsewhere: Path

    @property
    def shakwa(self) -> Path:
        return self.folder / "bin" / "shakwa"

    def run(self, *command: str | Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """`command` from a folder that is not the repository, with nothing of the test's own environment."""
        return subprocess.run(
            command,
            cwd=self.elsewhere,
            env={"PATH": os.environ["PATH"], "TMPDIR": str(self.elsewhere), **CACHE},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )

    def config(self, *, web: bool = False, database: str = "sqlite:///shakwa.db") -> Path:
        path = self.elsewhere / "shakwa.toml"
        values = {"data_dir": self.elsewhere / "data", "web": str(web).lower(), "database": database}
        path.write_text(CONFIG.format(**values), "utf-8")
        return path


def install(wheel: Path, folder: Path, extras: Sequence[str]) -> Installed:
    """A new environment with `wheel`, and by links what it declares with `extras`, and what those declare."""
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True, timeout=600)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True, timeout=600)
    (site,) = environment.glob("lib/python*/site-packages")
    link(site, declared_in(wheel), extras)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return Installed(environment, elsewhere)


def declared_in(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        text = archive.read(name).decode()
    head = text.split("\n\n", 1)[0].splitlines()
    return [
        Requirement(line.removeprefix("Requires-Dist: "))
        for line in head
        if line.startswith("Requires-Dist: ")
    ]


def link(site: Path, own: Sequence[Requirement], extras: Sequence[str]) -> None:
    waiting = [(own, frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirements, active = waiting.pop()
        for requirement in requirements:
            name, wanted = canonicalize_name(requirement.name), frozenset(requirement.extras)
            if not applies(requirement, active) or (name, wanted) in seen:
                continue
            seen.add((name, wanted))
            if name == "shakwa":
                waiting.append((own, wanted))
                continue
            distribution = importlib.metadata.distribution(name)
            waiting.append(([Requirement(line) for line in distribution.requires or ()], wanted))
            link_distribution(site, distribution)


def applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in (extras or {""}))


def link_distribution(site: Path, distribution: importlib.metadata.Distribution) -> None:
    """Each file or folder that stands at the top of site-packages; commands in bin/ are left out."""
    for name in {
        file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")
    }:
        if not (site / name).exists():
            (site / name).symlink_to(Path(str(distribution.locate_file(name))))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip install shakwa`."""
    return install(wheel, tmp_path_factory.mktemp("bare"), [])


@pytest.fixture(scope="module")
def with_sandbox(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip install 'shakwa[sandbox]'`."""
    return install(wheel, tmp_path_factory.mktemp("sandbox"), ["sandbox"])


def test_the_repository_is_not_on_the_path_of_an_installed_program(bare: Installed) -> None:
    script = (
        "import json, os, sys, daemon;"
        "print(json.dumps([os.path.realpath(place) for place in (daemon.__file__, *sys.path)]))"
    )

    found = bare.run(bare.folder / "bin" / "python", "-c", script)

    package, *path = json.loads(found.stdout)
    assert Path(package).is_relative_to(bare.folder.resolve())
    assert str(bare.elsewhere.resolve()) in path, "it is called from there"
    assert not [place for place in path if Path(place).is_relative_to(ROOT) and ".venv" not in place]


def test_the_installed_command_names_itself_and_its_version(bare: Installed) -> None:
    helped, version = bare.run(bare.shakwa, "--help"), bare.run(bare.shakwa, "--version")

    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith("usage: shakwa ")
    assert version.stdout == f"shakwa {__version__}\n"


def test_the_bare_package_makes_its_tables(bare: Installed) -> None:
    listed = bare.run(bare.shakwa, "--config", bare.config(), "tickets", "list", "--json")

    assert (listed.returncode, json.loads(listed.stdout)) == (0, []), listed.stderr


def test_doctor_finds_the_texts_and_says_which_extras_the_configuration_needs(bare: Installed) -> None:
    config = bare.config(web=True, database=POSTGRESQL)

    examined = bare.run(bare.shakwa, "--config", config, "doctor")

    lines = {line[6:17].strip(): line for line in examined.stdout.splitlines()}
    assert lines["templates"].startswith("ok "), examined.stdout
    assert lines["imap"].startswith("FAIL "), "no server listens on port 9"
    for part, extra in (("public url", "web"), ("database", "postgresql")):
        assert lines[part].startswith("FAIL "), examined.stdout
        assert lines[part].endswith(f"pip install 'shakwa[{extra}]'")
    assert (examined.returncode, examined.stderr) == (1, "")


@pytest.mark.parametrize(
    "library, extra, settings, command",
    [
        ("aiosmtpd", "sandbox", {}, ["sandbox"]),
        ("starlette", "web", {"web": True}, ["serve"]),
        ("psycopg", "postgresql", {"database": POSTGRESQL}, ["tickets", "list"]),
    ],
)
def test_a_command_says_in_one_line_which_extra_it_needs(
    bare: Installed, library: str, extra: str, settings: dict[str, str], command: list[str]
) -> None:
    ended = bare.run(bare.shakwa, "--config", bare.config(**settings), *command)  # type: ignore[arg-type]

    assert ended.returncode == 1
    line = f"shakwa: {library} is not installed, which this needs: pip install 'shakwa[{extra}]'\n"
    assert (ended.stdout, ended.stderr) == ("", line)


def test_the_sandbox_plays_its_whole_story_from_the_wheel(with_sandbox: Installed) -> None:
    played = with_sandbox.run(with_sandbox.shakwa, "sandbox", timeout_s=120)

    assert played.returncode == 0, played.stdout[-3000:] + played.stderr
    assert "FRS-" in played.stdout


def test_the_example_configuration_and_the_unit_come_with_the_package(bare: Installed) -> None:
    for name, source in (("shakwa.toml", "config"), ("shakwa.service", "systemd")):
        installed = bare.folder / "share" / "shakwa" / name

        assert installed.read_bytes() == (ROOT / source / name).read_bytes()


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(f"shakwa-{__version__}.dist-info/METADATA").decode()

    assert "daemon/py.typed" in names, "its types may be used"
    for folder in ("templates", "pristine"):
        assert f"daemon/{folder}/ar/pages/complaint.toml" in names, "the words of the pages"
    for name in ("plex-arabic-400.woff2", "OFL.txt"):
        assert f"daemon/web/static/{name}" in names, "what the pages load"
    assert {name.split("/")[0] for name in names} == {
        "daemon",
        f"shakwa-{__version__}.dist-info",
        f"shakwa-{__version__}.data",
    }
    assert "License-Expression: GPL-3.0-or-later" in metadata
