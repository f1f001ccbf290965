"""The form with files: what it may be, how long it may take, and what its writer hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from daemon.store.database import StoreUnavailable
from daemon.web import turnstile, uploads
from daemon.web.callers import Gate
from daemon.web.door import BODY_S, Stage
from daemon.web.settings import UploadLimits
from daemon.web.throttle import Throttle
from tests.unit.test_web_door import Entrance, Hall, ask, gate_of, ticks
from tests.web_desk import TOKEN, FakeDesk, app_of, caller_of

WHERE = f"/c/{TOKEN}/information"
LIMITS = UploadLimits(most=2, file_bytes=1000, all_bytes=1500)
BOUNDARY = "xyz"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def desk() -> FakeDesk:
    made = FakeDesk()
    made.place()
    return made


def files(*sizes: int) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (f"{n}.pdf", b"x" * size, "application/pdf")) for n, size in enumerate(sizes)]


async def post(desk: FakeDesk, sent: Any = None, **given: Any) -> httpx.Response:
    limits = given.pop("uploads", LIMITS)
    data = given.pop("data", {"text": "ما كتبته"})
    async with caller_of(app_of(desk, uploads=limits, **given)) as caller:
        return await caller.post(WHERE, data=data, files=sent or files(3))


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    more = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def asked(chunks: AsyncIterator[bytes], **headers: str) -> Request:
    async def receive() -> Message:
        try:
            return {"type": "http.request", "body": await anext(chunks), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    given = {"content-type": TYPE} | headers
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    return Request({"type": "http", "method": "POST", "path": WHERE, "headers": raw}, receive)


async def read(chunks: AsyncIterator[bytes], **headers: str) -> uploads.Form:
    async with uploads.Uploads(LIMITS).read(asked(chunks, **headers)) as form:
        return form


async def outcome(chunks: AsyncIterator[bytes], **headers: str) -> uploads.Form | int:
    """The form, or the status of its refusal."""
    try:
        return await read(chunks, **headers)
    except HTTPException as refusal:
        return refusal.status_code


async def each(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_what_is_written_and_the_files_arrive(desk: FakeDesk) -> None:
    answer = await post(desk, files(3, 1000), data={"text": "سطر\r\nآخر"})

    assert answer.status_code == 303
    assert [said.text for _, said in desk.said] == ["سطر\nآخر"]
    assert [(one.filename, one.declared_type, len(one.content)) for one in desk.files] == [
        ("0.pdf", "application/pdf", 3),
        ("1.pdf", "application/pdf", 1000),
    ]


async def test_a_form_without_files_need_be_no_such_form(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(WHERE, data={"text": "نص"})

    assert answer.status_code == 303


async def test_a_browser_that_chose_no_file_sends_one_without_a_name() -> None:
    sent = part("text", "نص".encode()) + part("files", b"", "") + f"--{BOUNDARY}--\r\n".encode()

    form = await read(each(sent))

    assert (form.fields, form.files) == ({"text": "نص"}, ())


@pytest.mark.parametrize(
    "sent, words",
    [
        (files(1001), "حجم الملف <bdi>0.pdf</bdi> أكبر من"),
        (files(900, 900), "حجم الملفات مجتمعة أكبر من"),
        (files(1, 1, 1), "عدد الملفات أكثر من <bdi>2</bdi>"),
    ],
)
async def test_what_is_over_a_limit_is_said_and_what_was_typed_stays(
    desk: FakeDesk, sent: Any, words: str
) -> None:
    answer = await post(desk, sent)

    assert answer.status_code == 422
    assert f'<a href="#files">{words}' in answer.text
    assert 'aria-invalid="true" autofocus' in answer.text
    assert "ما كتبته</textarea>" in answer.text
    assert not desk.has_written


@pytest.mark.parametrize(
    "verdict, words",
    [
        ("blocked", "لا نستقبل هذا النوع من الملفات: <bdi>&lt;b&gt;.exe</bdi>"),
        ("infected", "رصد الفحص برنامجًا ضارًا في الملف <bdi>&lt;b&gt;.exe</bdi>"),
        ("unreadable", "تعذر فحص الملفات"),
        ("too_large", "تعذر فحص الملفات"),
    ],
)
async def test_a_refused_file_is_named_with_the_reason(desk: FakeDesk, verdict: str, words: str) -> None:
    desk.refused = (("<b>.exe", verdict),)

    answer = await post(desk)

    assert answer.status_code == 422
    assert words in answer.text
    assert "ما كتبته</textarea>" in answer.text


async def test_beside_another_mistake_the_files_are_asked_for_again(desk: FakeDesk) -> None:
    desk.place(missing=("mobile",))

    answer = await post(desk, data={"phone": "12"})

    assert answer.text.index('href="#phone"') < answer.text.index('href="#files"')
    assert "نأمل اختيار الملفات مرة أخرى" in answer.text


async def test_too_often_and_an_outage_give_the_words_back_and_ask_for_the_files(desk: FakeDesk) -> None:
    often = await post(desk, gate=Gate(Throttle(0, 60.0), Throttle(0, 60.0)))
    desk.fault = StoreUnavailable("gone")
    outage = await post(desk)

    for answer, status in ((often, 429), (outage, 503)):
        assert answer.status_code == status
        assert "ما كتبته</textarea>" in answer.text
        assert 'type="file"' in answer.text
        assert 'enctype="multipart/form-data"' in answer.text
    assert not desk.has_written


async def test_who_holds_no_link_is_refused_before_the_body_is_read(desk: FakeDesk) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("somebody read it")
        yield b""

    async with caller_of(app_of(desk)) as caller:
        headers = {"content-type": TYPE, "content-length": "30000000"}
        answer = await caller.post("/c/tokunknown/information", content=body(), headers=headers)

    assert answer.status_code == 404


async def test_nobody_holds_more_than_two_places_with_one_link(desk: FakeDesk) -> None:
    app, waiting = app_of(desk), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield part("text", b"a")
        await waiting.wait()
        yield f"--{BOUNDARY}--\r\n".encode()

    async def one() -> int:
        headers = {"content-type": TYPE}
        async with caller_of(app) as caller:
            return (await caller.post(WHERE, content=slow(), headers=headers)).status_code

    begun = [asyncio.create_task(one()) for _ in range(2)]
    await ticks(50)
    third = await one()
    waiting.set()

    assert third == 429
    assert await asyncio.gather(*begun) == [303, 303]
    assert await one() == 303  # their places are free again


# --- the body -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers, status",
    [({"content_length": "99999999"}, 413), ({"content_encoding": "gzip"}, 415)],
)
async def test_what_says_of_itself_that_it_cannot_be_taken_is_not_read(
    headers: dict[str, str], status: int
) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("somebody read it")
        yield b""

    with pytest.raises(HTTPException) as caught:
        await read(body(), **headers)

    assert caught.value.status_code == status


async def test_a_body_that_is_longer_than_it_says_ends() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield part("files", b"", "a.pdf")[:-2]
        for _ in range(100):
            yield b"x" * 65536
        raise AssertionError("read on and on")

    with pytest.raises(HTTPException) as caught:
        await read(endless())

    assert caught.value.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        b"--xyz\r\n\r\nx\r\n--xyz--",
        b"--xyz\r\n" + b"X-Much: y\r\n" * 50 + b"\r\nx\r\n--xyz--",
        b'--xyz\r\nContent-Disposition: form-data; name="' + b"a" * 100_000 + b'"\r\n\r\nx\r\n--xyz--',
        part("text", b"x" * 90_000) + b"--xyz--",
        b"".join(part(f"f{n}", b"x") for n in range(30)) + b"--xyz--",
        b"".join(part("files", b"x", "a") for _ in range(30)) + b"--xyz--",
    ],
)
async def test_what_is_no_form_of_ours_is_refused_and_no_bug(body: bytes) -> None:
    found = await outcome(each(body))

    assert found in (400, 413, uploads.Form({}))


@pytest.mark.parametrize("charset", ["rot13", "zlib", "idna", "nonsense", "utf-7"])
async def test_no_charset_of_theirs_is_a_bug(charset: str) -> None:
    sent = part("text", b"a\xff+") + b"--xyz--\r\n"

    found = await outcome(each(sent), content_type=f"{TYPE}; charset={charset}")

    assert found == 400 or isinstance(found, uploads.Form)


@pytest.mark.parametrize("begun", [(), (part("text", b"a"),)])
async def test_a_body_that_stops_is_given_up(
    monkeypatch: pytest.MonkeyPatch, begun: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(uploads, "GRACE_S", 0.02)

    async def stopping() -> AsyncIterator[bytes]:
        for chunk in begun:
            yield chunk
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        with pytest.raises(HTTPException) as caught:
            await read(stopping())

    assert caught.value.status_code == 408


async def test_octets_that_take_the_parser_long_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_CPU_S", 0.05)
    limits = UploadLimits(most=2, file_bytes=10**7, all_bytes=10**7)
    hostile = part("files", f"\r\n--{BOUNDARY}\r".encode() * 250_000, "a.pdf") + b"--xyz--\r\n"
    honest = part("files", b"x" * len(hostile), "a.pdf") + b"--xyz--\r\n"

    with pytest.raises(HTTPException) as caught:
        async with uploads.Uploads(limits).read(asked(each(hostile))):
            pass
    async with uploads.Uploads(limits).read(asked(each(honest))) as form:
        assert len(form.files[0].content) == len(hostile)

    assert caught.value.status_code == 400


async def test_who_sends_too_often_is_refused_before_a_long_form_is_read(desk: FakeDesk) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("somebody read it")
        yield b""

    never = Gate(Throttle(0, 60.0), Throttle(0, 60.0))
    async with caller_of(app_of(desk, gate=never)) as caller:
        headers = {"content-type": TYPE, "content-length": "30000000"}
        answer = await caller.post(WHERE, content=body(), headers=headers)

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_files_in_memory_are_of_so_many_forms_at_a_time() -> None:
    limits = UploadLimits(most=2, file_bytes=10**6, all_bytes=10**6)
    reader, inside, go_on = uploads.Uploads(limits), [0, 0], asyncio.Event()
    long = part("files", b"x" * 300_000, "a.pdf") + b"--xyz--\r\n"

    async def one() -> None:
        async with reader.read(asked(each(long))):
            inside[0] += 1
            inside[1] = max(inside)
            await go_on.wait()
            inside[0] -= 1

    asking = [asyncio.create_task(one()) for _ in range(5)]
    async with asyncio.timeout(5):
        while inside[0] < uploads.AT_ONCE:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert inside[0] == uploads.AT_ONCE

    go_on.set()
    await asyncio.gather(*asking)
    assert inside == [0, uploads.AT_ONCE]


# --- its places and its time ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, path, kind, is_one",
    [
        ("POST", WHERE, TYPE, True),
        ("POST", WHERE, "Multipart/Form-Data; boundary=x", True),
        ("GET", WHERE, TYPE, False),
        ("POST", WHERE, "application/x-www-form-urlencoded", False),
        ("POST", f"/c/{TOKEN}/escalation", TYPE, False),
        ("POST", f"/s/{TOKEN}", TYPE, False),
        ("POST", "/api/v1/complaints", TYPE, False),
        ("POST", f"/c/a/b/{TOKEN}/information", TYPE, False),
    ],
)
def test_one_form_carries_files(method: str, path: str, kind: str, is_one: bool) -> None:
    headers = [(b"content-type", kind.encode())]

    assert uploads.is_upload({"method": method, "path": path, "headers": headers}) is is_one


async def test_forms_with_files_take_no_place_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    app = gate_of(hall)
    sending = [asyncio.create_task(ask(app, WHERE, content_type=TYPE)) for _ in range(turnstile.UPLOADS)]
    await ticks()
    assert hall.inside == turnstile.UPLOADS

    page = asyncio.create_task(ask(app, "/c/x"))
    await ticks()
    assert hall.inside == turnstile.UPLOADS + 1

    monkeypatch.setattr(turnstile, "WAIT_S", 0.0)
    assert await ask(app, WHERE, content_type=TYPE) == 503
    hall.go_on.set()
    assert set(await asyncio.gather(*sending, page)) == {200}


def test_a_form_with_files_has_more_time_than_another_body_and_not_for_ever() -> None:
    entrance = Entrance()
    sending = entrance.come(stage=Stage.UPLOAD)

    entrance.later(10 * BODY_S)
    early = sending.ended
    entrance.later(uploads.LONGEST_S)

    assert (early, sending.ended) == ("", "timed out")
