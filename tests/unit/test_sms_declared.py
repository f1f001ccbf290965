"""A gateway declared in TOML: what is wrong with it is told at once, and no value leaves its place."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import check
from daemon.courier import FrozenMessage, Receipt
from daemon.placeholders import filled, filled_whole, for_header, mistakes_in
from daemon.sms.gateways.http import Declared
from daemon.sms.wire.answer import read
from daemon.sms.wire.client import Request
from daemon.sms.wire.refusal import Refusal
from daemon.sms_gateways import declared
from tests.unit.test_config import minimal, mistakes

EXAMPLES = Path(__file__).resolve().parents[2] / "config" / "gateways"
NUMBER = "966501234567"
GOOD: dict[str, Any] = {
    "url": "https://gateway.example/send?ref=((reference))",
    "secret": "hunter2",
    "send": {
        "headers": {"Authorization": "Bearer ((secret))", "X-Ref": "((reference))"},
        "fields": {"to": ["((number))"], "m": {"body": "((text)) "}, "from": "((sender))", "n": 1},
    },
    "success": {"path": "ok", "values": ["True", "1"], "id": ["data.0.id"]},
    "errors": [
        {"kind": "permanent", "reason": "invalid destination", "path": "code", "values": ["E7"]},
        {"kind": "outage", "reason": "insufficient funds", "status": [400], "words": ["Balance"]},
    ],
}


def with_http(table: dict[str, Any]) -> dict[str, Any]:
    return minimal() | {"sms": {"gateway": "http", "sender": "MOMAH", "http": table}}


def changed(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(GOOD) | changes


def dialect(tmp_path: Path, table: dict[str, Any] | None = None) -> Declared:
    config = check(with_http(table or GOOD), tmp_path)
    assert config.sms.http is not None
    return Declared(declared(config.sms.http, "MOMAH"))


def sent(dialect: Declared, text: str, reference: str = "sk-1", sender: str = "") -> Request:
    return dialect.delivery(FrozenMessage(sender, f"+{NUMBER}", text.encode(), reference)).request


def judged(dialect: Declared, status: int, body: Any) -> Receipt | Refusal:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    question = dialect.delivery(FrozenMessage("", f"+{NUMBER}", b"x", "sk-1"))
    return question.read(read(status, content))


# --- configuration ----------------------------------------------------------------------------------------


def test_a_declared_gateway_is_accepted_as_it_stands(tmp_path: Path) -> None:
    config = check(with_http(GOOD), tmp_path)

    assert config.sms.http is not None
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path, tmp_path: Path) -> None:
    document = tomllib.loads(path.read_text("utf-8"))
    (tmp_path / document["sms"]["http"]["secret_file"]).write_text("hunter2")

    config = check(minimal() | document, tmp_path)

    assert config.sms.http is not None
    assert config.sms.http.secret == "hunter2"


@pytest.mark.parametrize(
    "changes, line",
    [
        (
            {"send": {"fields": {"to": ["((numbr))"], "body": "((text))((number))"}}},
            "sms.http.send.fields.to[1]: unknown placeholder ((numbr)); did you mean ((number))?",
        ),
        (
            {"send": {"fields": {"a": {"b": "((text)) ((id))"}, "to": "((number))"}}},
            "sms.http.send.fields.a.b: unknown placeholder ((id));",
        ),
        (
            {"send": {"headers": {"X": "((text))"}, "fields": {"to": "((number)) ((text))"}}},
            "sms.http.send.headers.X: unknown placeholder ((text));",
        ),
        (
            {"send": {"fields": {"to": "((number))", "body": "((text)"}}},
            "sms.http.send.fields.body: a placeholder is not closed",
        ),
        (
            {"send": {"fields": {"to": "((number))"}}},
            "sms.http.send: must say where ((number)) and ((text)) go",
        ),
        ({"url": "https://((number)).example/"}, "sms.http.url: placeholders may stand in its query only"),
        ({"url": "http://gateway.example/"}, "sms.http.url: must be an https address"),
        ({"url": ""}, "sms.http.url: is required"),
        ({"secret": ""}, "sms.http.secret: is required: ((secret)) is used"),
        (
            {"send": {"headers": {"A": "Basic ((basic))"}, "fields": {"to": "((number))((text))"}}},
            "sms.http.username: is required: ((basic)) is used",
        ),
        (
            {"send": {"headers": {"A": "((token))"}, "fields": {"to": "((number))((text))"}}},
            "sms.http.token: is required: ((token)) is used",
        ),
        (
            {"send": {"headers": {"Host": "a"}, "fields": {"to": "((number))((text))"}}},
            "sms.http.send.headers.Host: is no header that may be set",
        ),
        (
            {"send": {"headers": {"A:\r\nB": "a"}, "fields": {"to": "((number))((text))"}}},
            "is no header that may be set",
        ),
        (
            {"send": {"headers": {"A": "a\r\nB: c"}, "fields": {"to": "((number))((text))"}}},
            "sms.http.send.headers.A: must not hold line breaks",
        ),
        (
            {"send": {"body": "form", "fields": {"to": {"a": "((number))((text))"}}}},
            "sms.http.send.fields.to: a form holds texts and lists of texts only",
        ),
        ({"success": {"absent": ["error"]}}, "sms.http.success: must say what an acceptance looks like"),
        ({"success": {"values": ["1"]}}, "sms.http.success: must say what an acceptance looks like"),
        ({"success": {"status": [99], "id": ["id"]}}, "sms.http.success.status[1]: must be an HTTP status"),
        ({"errors": [{"kind": "permanent"}]}, "sms.http.errors[1]: matches everything"),
        (
            {"errors": [{"kind": "final", "status": [400]}]},
            "sms.http.errors[1].kind: must be one of temporary, permanent, outage, unknown, duplicate",
        ),
        ({"errors": [{"status": [400]}]}, "sms.http.errors[1].kind: is required"),
        ({"find": {"fields": {"r": "((reference))"}}}, "sms.http.find.url: is required"),
        (
            {"status": {"url": "https://gateway.example/?id=((reference))"}},
            "sms.http.status.url: unknown placeholder ((reference));",
        ),
        ({"receipt": {"states": {"arrived": ["1"]}}}, "sms.http.receipt.states"),
        ({"recipt": {}}, "sms.http.recipt: unknown key; did you mean receipt?"),
        ({"send": {"feilds": {}}}, "sms.http.send.feilds: unknown key; did you mean fields?"),
        ({"secret": "رمز"}, "sms.http.secret: must hold letters, digits and signs of ASCII only"),
    ],
)
def test_each_mistake_has_its_path(changes: dict[str, Any], line: str, tmp_path: Path) -> None:
    lines = mistakes(with_http(changed(**changes)), tmp_path)

    assert any(line in one for one in lines), lines
    assert "hunter2" not in str(lines)


def test_mistakes_are_told_at_once(tmp_path: Path) -> None:
    table = changed(
        url="http://gateway.example/",
        send={"fields": {"to": "((numbr))", "m": "((txt))"}},
        success={},
        errors=[{"kind": "no", "status": [1]}],
    )

    assert len(mistakes(with_http(table), tmp_path)) >= 7


def test_a_declared_gateway_that_is_not_used_may_be_unfinished_but_not_wrong(tmp_path: Path) -> None:
    unfinished = minimal() | {"sms": {"gateway": "none", "http": {"name": "X"}}}
    wrong = minimal() | {"sms": {"gateway": "none", "http": {"send": {"fields": {"a": "((b))"}}}}}

    assert check(unfinished, tmp_path).sms.gateway == "none"
    assert len(mistakes(wrong, tmp_path)) == 1


# --- placeholders -----------------------------------------------------------------------------------------

NASTY = (
    '"},{"to":"966999999999"',
    "\r\nX-Evil: 1",
    "a&to=966999999999",
    "((secret))",
    "}}{{",
    "\\",
    "\u2028",
    "'",
)


@pytest.mark.parametrize("text", NASTY)
def test_no_text_leaves_its_place_in_json(text: str, tmp_path: Path) -> None:
    request = sent(dialect(tmp_path), text)

    assert json.loads(request.content or b"") == {
        "to": [NUMBER],
        "m": {"body": f"{text} "},
        "from": "MOMAH",
        "n": 1,
    }
    assert b"hunter2" not in (request.content or b"")


@pytest.mark.parametrize("text", NASTY)
def test_no_text_leaves_its_place_in_a_form(text: str, tmp_path: Path) -> None:
    table = changed(send={"body": "form", "fields": {"to": ["((number))", "x"], "m": "((text))", "b": True}})
    content = sent(dialect(tmp_path, table), text).content or b""

    assert parse_qs(content.decode("ascii"), keep_blank_values=True) == {
        "to": [NUMBER, "x"],
        "m": [text],
        "b": ["true"],
    }


@pytest.mark.parametrize("text", NASTY)
def test_no_text_leaves_its_place_in_an_address(text: str, tmp_path: Path) -> None:
    table = changed(url="https://gateway.example/send?to=((number))&m=((text))", send={"method": "GET"})
    request = sent(dialect(tmp_path, table), text)

    parts = urlsplit(request.url)
    assert (parts.hostname, parts.path) == ("gateway.example", "/send")
    assert parse_qs(parts.query, keep_blank_values=True) == {"to": [NUMBER], "m": [text]}
    assert request.content is None


@given(st.text(max_size=40))
def test_no_value_begins_a_header_of_its_own(value: str) -> None:
    escaped = for_header(value)

    assert escaped.isascii()
    assert escaped.isprintable()


def test_a_sender_in_a_header_is_escaped(tmp_path: Path) -> None:
    table = changed()
    table["send"]["headers"]["X-Sender"] = "((sender))"

    headers = sent(dialect(tmp_path, table), "x", sender="وزارة\r\nX: 1").headers

    assert headers["X-Sender"].startswith("%D9%88")
    assert "\n" not in headers["X-Sender"]
    assert headers["Authorization"] == "Bearer hunter2"


@given(st.text(max_size=60), st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=20)))
def test_filling_never_fills_what_it_filled(text: str, values: dict[str, str]) -> None:
    known = {"a": "((b))", "b": "((a))", **values}
    if not list(mistakes_in(text, list(known))):
        filled(text, known)
        filled_whole({"x": [text]}, known)

    assert filled("((a))-(( b ))", {"a": "((b))", "b": "2"}) == "((b))-2"


def test_the_encoding_is_said_in_the_gateways_words(tmp_path: Path) -> None:
    table = changed(gsm7="text", ucs2="unicode")
    table["send"]["fields"]["type"] = "((encoding))"
    made = dialect(tmp_path, table)

    assert json.loads(sent(made, "Hello").content or b"")["type"] == "text"
    assert json.loads(sent(made, "مرحبا").content or b"")["type"] == "unicode"


def test_a_question_that_wants_a_token_can_be_built_before_there_is_one(tmp_path: Path) -> None:
    table = changed(
        token={"url": "https://gateway.example/token", "path": "t"},
        find={
            "url": "https://gateway.example/find?r=((reference))",
            "headers": {"Authorization": "Bearer ((token))"},
            "reference": "ref",
            "id": "id",
        },
    )
    made = dialect(tmp_path, table)

    question = made.with_token("abc").search("sk 1")

    assert made.search("sk 1") is not None
    assert question is not None
    assert question.request.url == "https://gateway.example/find?r=sk%201"
    assert question.request.headers["Authorization"] == "Bearer abc"
    assert question.read(read(200, b'[{"ref": "sk 1", "id": 7}]')) == Receipt("7")
    assert question.read(read(200, b'[{"ref": "sk 2", "id": 7}]')) is None
    assert isinstance(question.read(read(200, b"<html>")), Refusal)


# --- judging ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ok", [True, "true", "TRUE", 1, "1"])
def test_success_is_told_by_a_value_of_any_type(ok: object, tmp_path: Path) -> None:
    found = judged(dialect(tmp_path), 200, {"ok": ok, "data": [{"id": 42}]})

    assert found == Receipt("42")


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (200, {"ok": False, "code": "e7"}, "permanent"),
        (400, {"code": "E7"}, "permanent"),
        (400, {"message": "your BALANCE is low"}, "outage"),
        (200, {"ok": False, "message": "your balance is low"}, "temporary"),
        (200, {"ok": False}, "temporary"),
        (400, {"message": "?"}, "temporary"),
        (409, {}, "duplicate"),
        (401, {}, "outage"),
        (500, {}, "unknown"),
        (200, b"<html>balance E7</html>", "unknown"),
        (200, {}, "unknown"),
        (201, b"", "unknown"),
    ],
)
def test_refusals_are_of_the_class_that_is_declared(
    status: int, body: Any, kind: str, tmp_path: Path
) -> None:
    found = judged(dialect(tmp_path), status, body)

    assert isinstance(found, Refusal)
    assert found.kind == kind


def test_success_may_be_the_whole_body_as_text(tmp_path: Path) -> None:
    made = dialect(tmp_path, changed(success={"path": ".", "values": ["1", "OK"]}))

    assert judged(made, 200, b"1\r\n") == Receipt()
    assert judged(made, 200, b'"OK"') == Receipt()
    assert isinstance(judged(made, 200, b"1061"), Refusal)


def test_success_without_the_identifier_that_alone_would_tell_is_unknown(tmp_path: Path) -> None:
    made = dialect(tmp_path, changed(success={"id": ["id"], "absent": ["error"], "status": [202]}))

    assert judged(made, 202, {"id": 7}) == Receipt("7")
    assert judged(made, 202, {}) == Refusal("unknown", "gateway's answer was not understood", "202")
    assert judged(made, 200, {"id": 7}) == Refusal("unknown", "gateway's answer was not understood", "200")
    found = judged(made, 202, {"id": 7, "error": {"x": 1}})
    assert isinstance(found, Refusal)
    assert found.kind == "temporary"


def test_an_acceptance_that_rejects_our_number_is_a_failure(tmp_path: Path) -> None:
    made = dialect(tmp_path, changed(success={"id": ["id"], "rejected": "rejected"}))

    assert judged(made, 201, {"id": 7, "rejected": "[966500000000,]"}) == Receipt("7")
    found = judged(made, 201, {"id": 7, "rejected": f"[{NUMBER},]"})
    assert isinstance(found, Refusal)
    assert found.kind == "permanent"


def test_an_address_alone_is_a_gateway(tmp_path: Path) -> None:
    plain = dialect(tmp_path, {"url": "https://gateway.example/send"})
    request = sent(plain, "مرحبًا")

    assert (request.method, request.url, request.headers.get("Authorization")) == (
        "POST",
        "https://gateway.example/send",
        None,
    )
    assert json.loads(request.content or b"") == {
        "to": NUMBER,
        "text": "مرحبًا",
        "sender": "MOMAH",
        "reference": "sk-1",
    }
    told = plain.delivery(FrozenMessage("", f"+{NUMBER}", b"x", "sk-1")).read
    assert told(read(202, b"")) == Receipt("")
    assert told(read(200, b'{"id": 7}')) == Receipt("7")
    assert isinstance(told(read(500, b'{"id": 7}')), Refusal)


def test_the_key_of_an_address_alone_is_a_bearer(tmp_path: Path) -> None:
    request = sent(dialect(tmp_path, {"url": "https://gateway.example/send", "secret": "hunter2"}), "x")

    assert request.headers["Authorization"] == "Bearer hunter2"


@pytest.mark.parametrize(
    "url", ["https://g.example/?to=((number))", "https://g.example/?to=((number))&m=((text))"]
)
def test_where_the_address_says_what_goes_where_it_must_say_what_success_is(tmp_path: Path, url: str) -> None:
    assert any("sms.http.success" in line for line in mistakes(with_http({"url": url}), tmp_path))
