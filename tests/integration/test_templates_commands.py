"""The commands `templates …` as an admin without a browser runs them, on a real folder of texts."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from daemon import resources
from daemon.cli import doctor
from daemon.cli.main import main
from daemon.config import load
from tests.integration.office import configuration, read, text_of
from tests.servers.smtp_sink import SmtpSink

SMS = "ar/closed_no_response.sms.txt"


class Admin:
    """One admin's shell and folder."""

    def __init__(self, config: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config, self.folder, self._capsys = config, folder, capsys
        self.said = self.errors = ""

    def run(self, *words: str) -> int:
        code = 2
        try:
            code = main(["--config", str(self.config), "templates", *words])
        finally:
            self.said, self.errors = self._capsys.readouterr()
        return code

    def heard(self) -> str:
        return str(self._capsys.readouterr().out)

    def json(self, *words: str) -> Any:
        assert self.run(*words, "--json") == 0, self.errors
        return json.loads(self.said)

    def history(self, *more: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json("history", "closed_no_response", "--channel", "sms", *more)
        return found

    def edit(self, old: str, new: str, path: str = SMS) -> None:
        file = self.folder / path
        content = file.read_text()
        assert old in content
        file.write_text(content.replace(old, new))


@pytest.fixture
def admin(tmp_path: Path, smtp_server: SmtpSink, capsys: pytest.CaptureFixture[str]) -> Callable[..., Admin]:
    folder = tmp_path / "templates"
    shutil.copytree(resources.templates(), folder)

    class Away:
        host, port, password, url, app_sid = "127.0.0.1", 1, "", "http://127.0.0.1:1/", "x"

    def made(**changed: Any) -> Admin:
        path = configuration(
            url="sqlite:///shakwa.db",
            folder=tmp_path,
            imap=Away,
            user="u",
            smtp=smtp_server,
            sms=Away,
            changed={"service": {"templates_dir": str(folder)}, **changed},
        )
        return Admin(path, folder, capsys)

    return made


def templates_line(here: Admin) -> str:
    """What `doctor` says of the texts."""

    async def tell() -> None:
        config = load(here.config)
        print((await doctor.examined("templates", lambda: doctor._templates(config))).line())

    asyncio.run(tell())
    return here.heard()


def test_the_words_of_pages_are_texts_for_the_commands_too(
    admin: Callable[..., Admin], tmp_path: Path
) -> None:
    here, path = admin(), "ar/pages/rating.toml"
    words = (resources.templates() / path).read_text("utf-8")
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(words.replace("شكرًا لكم", "مع الشكر"), "utf-8")
    bad.write_text(words.replace("((number))", ""), "utf-8")

    assert here.run("save", "pages/rating", str(bad), "--by", "نورة") == 1
    assert "القيم في السطر «survey_intro»" in here.errors
    assert here.run("save", "pages/rating", str(good), "--by", "نورة", "--why", "أقصر") == 0, here.errors
    assert here.run("preview", "pages/rating", "--channel", "page") == 0, here.errors
    assert "thanks_title: مع الشكر\n" in here.said
    assert here.run("diff", "pages/rating") == 0
    assert "thanks_title = [-" in here.said
    past = here.json("history", "pages/rating")
    assert [one["from"] for one in past] == ["shipped", "command"]
    assert here.run("rollback", "pages/rating", past[0]["revision"]) == 0, here.errors
    assert here.run("preview", "pages/rating") == 0
    assert "thanks_title: شكرًا لكم\n" in here.said
    assert here.run("test-send", "pages/rating", "--to", "a@example.sa") == 1
    assert here.run("list") == 0
    assert "حين يفتح العميل رابط التقييم." in here.said


def test_doctor_names_a_wrong_line_of_a_page_in_the_folder(admin: Callable[..., Admin]) -> None:
    here = admin()
    here.edit("((number))", "((nummer))", "ar/pages/rating.toml")

    async def tell() -> None:
        config = load(here.config)
        print((await doctor.examined("page words", lambda: doctor._page_words(config))).line())

    asyncio.run(tell())

    assert "ar/pages/rating.toml:6: القيم في السطر «survey_intro»" in here.heard()


def test_the_list_has_every_text_in_the_contracts_form(admin: Callable[..., Admin]) -> None:
    found = admin().json("list")

    assert all(
        set(one)
        == {
            *("name", "channel", "language", "audience", "revision"),
            *("state", "changed_at", "changed_by", "from"),
        }
        for one in found
    )
    (one,) = [
        one
        for one in found
        if (one["name"], one["channel"], one["language"]) == ("closed_no_response", "sms", "ar")
    ]
    assert (one["audience"], one["state"], one["from"]) == ("citizen", "in_force", "shipped")
    assert datetime.fromisoformat(one["changed_at"]).utcoffset() is not None
    assert {one["audience"] for one in found} == {"citizen", "staff", "operator", "all"}


def test_a_changed_file_has_a_history_a_difference_and_a_way_back(admin: Callable[..., Admin]) -> None:
    here = admin()
    (first,) = here.history()
    here.edit("منصة فرص", "منصة «فرص»")

    _, second = here.history()

    assert set(first) == {"revision", "at", "by", "why", "from", "sent"}
    assert (first["from"], second["from"], second["sent"]) == ("shipped", "file", 0)
    assert here.run("diff", "closed_no_response", "--channel", "sms") == 0
    assert "{+«فرص»" in here.said
    assert here.run("preview", "closed_no_response", "--channel", "sms") == 0
    assert here.said.startswith("منصة «فرص»")

    words = ("rollback", "closed_no_response", first["revision"], "--why", "خطأ", "--by", "نورة")
    assert here.run(*words) == 0, here.errors

    last = here.history()[-1]
    assert (last["revision"], last["from"], last["by"], last["why"]) == (
        first["revision"],
        "rollback",
        "نورة",
        "خطأ",
    )
    assert here.run("preview", "closed_no_response", "--channel", "sms") == 0
    assert not here.said.startswith("منصة «فرص»")
    assert here.run(*words) == 1
    assert "in force already" in here.errors


def test_a_broken_file_is_told_with_its_line_and_changes_nothing(admin: Callable[..., Admin]) -> None:
    here = admin()
    (first,) = here.history()
    (here.folder / SMS).write_text("{{ nobody }}")

    assert here.run("check") == 1
    assert here.said.startswith(f"{SMS}:1: ")
    assert len([line for line in here.said.splitlines() if not line.startswith("advice: ")]) == 1
    assert here.run("check", "--json") == 1
    (problem,) = json.loads(here.said)["problems"]
    assert problem.startswith(f"{SMS}:1: ")
    assert here.run("check", "received") == 0

    found = here.json("list")
    assert [one["name"] for one in found if one["state"] == "refused"] == ["closed_no_response"]
    assert here.history() == [first]
    assert here.run("preview", "closed_no_response", "--channel", "sms") == 0
    assert "{{" not in here.said


def test_what_is_in_force_is_judged_in_both_languages_with_this_desks_address_and_hosts(
    admin: Callable[..., Admin],
) -> None:
    hosts = {"templates": {"sms_hosts": ["furas.gov.sa"]}}
    here = admin(**hosts)
    path = "en/received.sms.txt"
    here.edit("\n", " furas.gov.sa\n", path)
    assert here.run("list") == 0
    assert here.errors == ""

    said = templates_line(here)

    assert said.startswith("ok    templates ")
    assert "texts in Arabic and English" in said

    (here.folder / "en/closed.sms.txt").write_text("((nobody))")
    assert templates_line(here).startswith("FAIL  templates   en/closed.sms.txt:1: ")
    here = admin()
    assert "furas.gov.sa" in templates_line(here), "it is in force, and its host is registered no more"


def test_a_longer_address_of_the_desk_is_told_where_it_makes_three_sms_of_one_text(
    admin: Callable[..., Admin],
) -> None:
    long = "https://complaints.customer-care.momah.gov.sa/shakwa"

    assert templates_line(admin(service={"public_url": long})).startswith("FAIL  templates   ar/")


def test_a_save_from_a_file_is_checked_and_stopped_by_a_newer_one(
    admin: Callable[..., Admin], tmp_path: Path
) -> None:
    here = admin()
    (first,) = here.history()
    better = tmp_path / "better.txt"
    better.write_text((here.folder / SMS).read_text().replace("منصة فرص", "منصة «فرص»"))
    words = ("save", "closed_no_response", str(better), "--channel", "sms", "--begun-from", first["revision"])

    assert here.run(*words, "--why", "اسم جديد", "--by", "نورة") == 0, here.errors
    better.write_text(better.read_text().replace("«فرص»", "(فرص)"))
    assert here.run(*words) == 1
    assert "نورة saved" in here.errors

    last = here.history()[-1]
    assert (last["from"], last["why"], last["by"]) == ("command", "اسم جديد", "نورة")
    better.write_text("{{ nobody }}")
    assert here.run("save", "closed_no_response", str(better), "--channel", "sms") == 1
    assert SMS in here.errors


def test_with_a_second_person_a_save_waits_for_another(admin: Callable[..., Admin]) -> None:
    here = admin(templates={"second_person": True})
    here.edit("منصة فرص", "منصة «فرص»")
    _, second = here.history()
    state = {
        (one["name"], one["channel"], one["language"]): (one["state"], one["revision"])
        for one in here.json("list")
    }
    assert state["closed_no_response", "sms", "ar"][0] == "waiting_for_second"
    assert state["closed_no_response", "sms", "ar"][1] != second["revision"]

    assert here.run("approve", "closed_no_response", second["revision"], "--by", second["by"]) == 1
    assert here.run("approve", "closed_no_response", second["revision"], "--by", "سالم") == 0

    assert here.run("preview", "closed_no_response", "--channel", "sms") == 0
    assert here.said.startswith("منصة «فرص»")


def test_a_preview_has_each_form(admin: Callable[..., Admin]) -> None:
    here = admin()

    assert here.run("preview", "received", "--channel", "email", "--language", "en", "--as", "html") == 0
    assert 'dir="ltr"' in here.said
    assert here.run("preview", "received", "--as", "json", "--sample", "long") == 0
    shown = json.loads(here.said)
    assert (shown["channel"], shown["language"], shown["sample"]) == ("email", "ar", "long")
    assert shown["subject"] in shown["html"]
    assert here.run("preview", "received", "--sample", "nothing") == 1
    assert "usual" in here.errors
    assert here.run("preview", "received", "--channel", "sms", "--as", "html") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("history", "recieved"),
        ("preview", "recieved"),
        ("diff", "recieved"),
        ("check", "recieved"),
        ("rollback", "recieved", "0" * 12),
        ("test-send", "recieved", "--to", "a@example.sa"),
    ],
    ids=lambda words: words[0],
)
def test_an_unknown_name_is_one_line_with_the_nearest(
    admin: Callable[..., Admin], words: tuple[str, ...]
) -> None:
    here = admin()

    assert here.run(*words) == 1

    (line,) = here.errors.splitlines()
    assert "did you mean received?" in line


def test_a_test_goes_to_the_address_that_was_typed_and_says_that_it_is_one(
    admin: Callable[..., Admin], smtp_server: SmtpSink
) -> None:
    here = admin()

    assert here.run("test-send", "received", "--to", "noura@momah.gov.sa") == 0, here.errors
    assert here.run("test-send", "received", "--channel", "sms", "--to", "noura@momah.gov.sa") == 0
    assert here.run("test-send", "received", "--to", "nowhere") == 1

    mail, sms = (read(taken.content) for taken in smtp_server.messages_to("noura@momah.gov.sa"))
    assert mail["Subject"].startswith("[تجربة] ")
    assert "FRS-2026-000123-4" in text_of(mail)
    assert sms["Subject"].startswith("[تجربة] SMS")
    assert "FRS-2026-000123-4" in text_of(sms)


def test_a_relay_that_is_away_is_one_line(admin: Callable[..., Admin]) -> None:
    here = admin(smtp={"port": 1})

    assert here.run("test-send", "received", "--to", "noura@momah.gov.sa") == 1

    assert len(here.errors.splitlines()) == 1


def test_a_shared_piece_is_checked_within_the_texts_that_it_stands_in(admin: Callable[..., Admin]) -> None:
    here, piece = admin(), "ar/pieces/closing.md"
    (first,) = here.json("history", "pieces/closing")
    here.edit("\n", " ((لا اسم له))\n", piece)

    assert here.run("list") == 0
    assert "pieces/closing" in here.said
    assert "لا اسم له" in here.errors
    assert here.json("history", "pieces/closing") == [first]

    (here.folder / piece).write_text("مع أطيب التحيات")
    assert [one["from"] for one in here.json("history", "pieces/closing")] == ["shipped", "file"]
    assert here.run("preview", "closed") == 0
    assert "مع أطيب التحيات" in here.said
