"""The command `doctor`: each part checks itself and gives one line, with what to do about a problem.

`ok` needs nobody, `WARN` is no failure but needs a person, `FAIL` does not work and makes exit code 1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from daemon import invocation
from daemon.attachments.clamd import ScanFailure
from daemon.cli import doctor_python, extras
from daemon.cli.context import Context, print_json, print_line
from daemon.cli.doctor_admins import admins
from daemon.cli.doctor_first_start import old_mail
from daemon.cli.doctor_mail import NeedsAPerson, Unwell, border, comes_back
from daemon.cli.doctor_outbox import sending
from daemon.cli.doctor_receipts import receipts
from daemon.cli.doctor_reconciliation import reconciled
from daemon.cli.doctor_shares import shares
from daemon.cli.doctor_sms import gateway_line
from daemon.cli.doctor_tokens import tokens
from daemon.clock import SystemClock
from daemon.config import Config, ConfigError
from daemon.courier import DeliveryFailure
from daemon.opening import open_database
from daemon.settings import HOLIDAY_YEARS, calendar_of, library_of, unread_library_of
from daemon.store import migrations
from daemon.store.database import Database, StoreError
from daemon.store.files import FileStore
from daemon.store.liveness import liveness_of
from daemon.templating.keys import page_of

if TYPE_CHECKING:
    from daemon.adapters import Adapters
    from daemon.templating.errors import Problem

Check = Callable[[], Awaitable[str]]


def run(context: Context, arguments: argparse.Namespace) -> int:
    if arguments.unit is None:
        return _run(context, sends=arguments.send, as_json=arguments.json)
    from daemon.cli import doctor_unit, unit_file

    unit = unit_file.read(arguments.unit)
    context.path = context.path or unit.config
    # What is said of the unit is no part of the document.
    beside = contextlib.redirect_stdout(sys.stderr if arguments.json else sys.stdout)
    if context.path is not None:
        more = [f"--{name}" for name in ("send", "json") if getattr(arguments, name)]
        with beside:
            code = doctor_unit.examined(unit, context.path, more)
        if code is not None:
            return code
    with contextlib.ExitStack() as stack:
        with beside:
            stack.enter_context(doctor_unit.handed_over(unit))
        return _run(context, sends=arguments.send, as_json=arguments.json)


@dataclass(frozen=True, slots=True)
class Part:
    """What is told of one part: `state` is "ok", "WARN" or "FAIL"."""

    name: str
    state: str
    text: str

    def line(self) -> str:
        return f"{self.state:5} {self.name:11} {self.text}"


def _run(context: Context, *, sends: bool, as_json: bool) -> int:
    try:
        config = context.config
    except ConfigError as error:  # told on standard error, a line for each mistake, as of every command
        if as_json:
            print_json([{"part": "config", "state": "fail", "text": mistake} for mistake in error.mistakes])
        raise
    parts: list[Part] = []

    def show(part: Part) -> None:
        if as_json:
            parts.append(part)
        else:
            print_line(part.line())

    show(Part("config", "ok", "every key is understood"))
    code = asyncio.run(_examine(config, show, sends=sends))
    if as_json:
        print_json([{"part": one.name, "state": one.state.lower(), "text": one.text} for one in parts])
    return code


async def _examine(config: Config, show: Callable[[Part], None], *, sends: bool = False) -> int:
    from daemon.adapters import adapters_of

    adapters = adapters_of(config, SystemClock())
    checks: list[tuple[str, Check]] = [
        ("mode", lambda: _mode(config)),
        ("database", lambda: _database(config)),
        ("disk", lambda: _disk(config)),
        ("files", lambda: _files(config)),
        ("scanner", lambda: _scanner(config)),
        ("ca file", lambda: _authorities(config)),
        ("reading", lambda: _reading(config)),
        *_tokens(config),
        ("imap", lambda: _imap(adapters)),
        ("old mail", lambda: old_mail(config, adapters.mailbox)),
        ("smtp", lambda: adapters.email.check()),
        ("border", lambda: border(config)),
        ("sms", lambda: gateway_line(config, config.sms.gateway)),
        ("shares", lambda: shares(config)),
        ("receipts", lambda: receipts(config)),
        ("outbox", lambda: sending(config)),
        ("reconciled", lambda: reconciled(config)),
        ("templates", lambda: _templates(config)),
        ("page words", lambda: _page_words(config)),
        ("calendar", lambda: _calendar(config)),
        ("clock", lambda: _clock(config)),
        ("public url", lambda: _public_url(config)),
        ("staff", lambda: _staff(config)),
        ("admins", lambda: admins(config)),
    ]
    if (fallback := config.sms.fallback) not in (None, "none"):
        place = [name for name, _ in checks].index("sms") + 1
        checks.insert(place, ("fallback", lambda: gateway_line(config, str(fallback))))
    if sends:
        checks.append(("comes back", lambda: comes_back(config, adapters)))
    are_well = True
    for name, check in checks:
        show(part := await examined(name, check))
        are_well = are_well and part.state != "FAIL"
    await adapters.email.close()
    if adapters.sms:
        await adapters.sms.close()
    return 0 if are_well else 1


def _tokens(config: Config) -> list[tuple[str, Check]]:
    """Before the mail protocols, which need them; no line where they use a password."""
    return [("tokens", lambda: tokens(config, SystemClock()))] if config.oauth2 else []


async def examined(name: str, check: Check) -> Part:
    """What there is to say of one part."""
    from daemon.mail.wire.imap.errors import MailboxUnavailable

    try:
        found = await check()
    except (Unwell, DeliveryFailure, MailboxUnavailable, ScanFailure, StoreError) as error:
        return Part(name, "FAIL", str(error))
    except ModuleNotFoundError as missing:
        if (remedy := extras.remedy(missing)) is None:
            raise
        return Part(name, "FAIL", remedy)
    return Part(name, "WARN" if isinstance(found, NeedsAPerson) else "ok", str(found))


async def _mode(config: Config) -> str:
    if config.service.is_shadow:
        return NeedsAPerson("shadow: mail is read and decided on; nothing is moved, marked or sent")
    return "live"


async def _database(config: Config) -> str:
    config.service.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(config.database_url)
    try:
        migrations.ensure(database)
        wrong = migrations.drift(database)
        liveness_of(database).close()  # refuses an engine or a pooler on which locks do not hold
    finally:
        database.close()
    if wrong:
        command = f"{invocation.name()} db check"
        raise Unwell(f"its tables differ from what this program expects ({wrong[0]}): run `{command}`")
    return f"{'SQLite' if config.is_sqlite else 'PostgreSQL'}, version {migrations.HEAD}"


async def _disk(config: Config) -> str:
    free_mb = shutil.disk_usage(config.service.data_dir).free // 2**20
    if free_mb < 500:
        raise Unwell(
            f"only {free_mb} MB are free in {config.service.data_dir}: make room, mail is kept there"
        )
    return f"{free_mb} MB free in {config.service.data_dir}"


async def _files(config: Config) -> str:
    return await asyncio.to_thread(FileStore(config.service.data_dir / "files").check)


async def _scanner(config: Config) -> str:
    from daemon.adapters import scanner_of

    scanner = scanner_of(config)
    if scanner is None:
        return NeedsAPerson(
            "none ([clamav] socket is empty): attachments are passed on without a scan for viruses"
        )
    try:
        version = await asyncio.to_thread(scanner.check)
    except ScanFailure as failure:
        then = "is withheld" if config.clamav.fail_closed else "is passed on with a caution"
        raise Unwell(f"clamd does not answer ({failure}): what cannot be scanned {then}") from None
    closed = "what it did not see is withheld" if config.clamav.fail_closed else "fail_closed is off"
    return f"{version}; {closed}"


async def _authorities(config: Config) -> str:
    from daemon.mail.wire.tls import CaFileUnreadable, tls_context

    path = config.mailbox.ca_file
    if path is None:
        return "the system's authorities are trusted ([mailbox] ca_file is empty)"
    try:
        tls_context(str(path))
    except CaFileUnreadable as failure:
        raise Unwell(f"{failure}; [mailbox] ca_file must be a PEM file of your authorities") from None
    return f"{path} is trusted by IMAP and SMTP in place of the system's authorities"


async def _reading(config: Config) -> str:
    from daemon.reading.process import WorkersUnavailable
    from daemon.rulebook import pool_of

    with contextlib.closing(pool_of(config)) as pool:
        try:
            is_filtered = await asyncio.to_thread(pool.check)
        except WorkersUnavailable as failure:
            memory = f"limits.worker_memory_mb ({pool.limits.memory_bytes >> 20}) or the service's MemoryMax"
            raise Unwell(f"mail cannot be read and waits: {failure}; raise {memory}") from None
    how = (
        "a filter of system calls and "
        if is_filtered
        else "no filter of system calls (not on this machine), "
    )
    bounds = pool.limits
    found = (
        f"{pool.places} worker processes, each with {how}{bounds.memory_bytes >> 20} MB; "
        f"{bounds.cpu_s:g} s of processor time and {bounds.time_s:g} s for a mail"
    )
    holes, unknown = doctor_python.doubts()
    if holes:
        found += f"; this Python has known holes that the workers bound ({', '.join(holes)}): upgrade it"
    found += "".join(f"; {one}" for one in unknown)
    return NeedsAPerson(found) if holes or not is_filtered else found


async def _imap(adapters: Adapters) -> str:
    try:
        await adapters.mailbox.connect()
        waiting = len(await adapters.mailbox.list_uids())
        return f"logged in, the folders are there, {waiting} mails wait"
    finally:
        await adapters.mailbox.close()


async def _templates(config: Config) -> str:
    problems, count = await asyncio.to_thread(_judged, config, lambda path: page_of(path) is None)
    if problems:
        more = f"; and {len(problems) - 5} more, see `{invocation.name()} templates check`"
        told = "; ".join(str(problem) for problem in problems[:5])
        raise Unwell(told + (more if len(problems) > 5 else ""))
    return f"{count} texts in Arabic and English, every one passes its check"


async def _page_words(config: Config) -> str:
    """What is in force may lack a sentence of a newer version, and the program's own words stand in."""
    problems, _ = await asyncio.to_thread(_judged, config, lambda path: page_of(path) is not None)
    if problems:
        more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
        return NeedsAPerson("; ".join(map(str, problems[:5])) + more)
    return "the words of the pages, in Arabic and English, can all be shown"


def _judged(config: Config, is_asked: Callable[[str], bool]) -> tuple[Sequence[Problem], int]:
    """What is wrong with some of the texts, in force and in the folder, measured with this desk's values; and
    how many they are."""
    from daemon.wording.judging import judged

    try:
        database = open_database(config)
    except (
        StoreError,
        ModuleNotFoundError,
    ):  # it has its own line; our own words can be judged
        texts = unread_library_of(config, Database("sqlite://"), SystemClock())
        paths = list(filter(is_asked, texts.every_path()))
        return list(judged(texts, paths)), len(paths)
    try:
        texts = library_of(config, database, SystemClock())
        paths = list(filter(is_asked, texts.every_path()))
        return list(judged(texts, paths)), len(paths)
    finally:
        database.close()


async def _calendar(config: Config) -> str:
    now = SystemClock().now()
    if now.year >= HOLIDAY_YEARS[1] - 1:
        raise Unwell(f"holidays are known until {HOLIDAY_YEARS[1]} only: upgrade the program")
    due = calendar_of(config).add_business_days(now, config.workflow.processing_business_days)
    return f"ten business days from now is {due.astimezone(config.service.timezone):%Y-%m-%d}".replace(
        "ten", str(config.workflow.processing_business_days)
    )


async def _clock(config: Config) -> str:
    now = SystemClock().now()
    if now.year < 2026:
        raise Unwell(f"the clock says {now:%Y-%m-%d}: set it, every deadline depends on it")
    return f"{now.astimezone(config.service.timezone):%Y-%m-%d %H:%M:%S %Z}"


async def _public_url(config: Config) -> str:
    if config.web.enabled:
        import daemon.web.server  # noqa: F401 - the page behind each link is served by the extra `web`

    url = config.service.public_url
    if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
        return NeedsAPerson(f"{url}: links work on this machine only")
    if not url.startswith("https://"):
        raise Unwell(f"{url} is not https: links in our mails would be unsafe")
    return url


async def _staff(config: Config) -> str:
    if not config.teams and not config.service.operator:
        raise Unwell("no [[teams]] and no service.operator: nobody would hear of a complaint")
    if not config.teams:
        return NeedsAPerson("no [[teams]]: every notice goes to the operator")
    return f"{len(config.teams)} teams, {sum(person.active for person in config.staff)} active people"
