"""The pages and the intake API on the real desk, on each database: what a caller sees is what was written."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from daemon.web.app import ApiClient, WebSettings, build_app
from tests.casework.test_other_channels import at, page_of, resolved_and_closed, survey_token
from tests.casework.test_whole_life import KHALID, STAFF, last
from tests.integration.conftest import OpenOffice
from tests.integration.office import Office, text_of

KEY = "secret-key"
CLIENT = ApiClient("site", hashlib.sha256(KEY.encode()).hexdigest(), ("website", "chatbot"))


def browser(office: Office) -> httpx.AsyncClient:
    settings = WebSettings(public_url="https://shakwa.example", api_clients=(CLIENT,))
    app = build_app(office.system.counter, settings, dict, clock=office.clock)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://shakwa.example")


async def test_a_survey_on_its_page(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office, browser(office) as web:
        await resolved_and_closed(office)
        office.clock.set(at(24, 12))
        await office.work()
        path = f"/s/{survey_token(text_of(last(office, KHALID)))}"

        for method in ("GET", "HEAD", "GET"):
            assert (await web.request(method, path)).status_code == 200
        assert office.ticket().rating is None, "looking records nothing, whoever looks"
        empty = await web.post(path, data={"comment": "لا بأس"})
        assert empty.status_code == 422
        assert "لا بأس" in empty.text
        thanks = await web.post(path, data={"score": "2", "comment": "تأخرتم <b>كثيرا</b>"})
        assert thanks.status_code == 200
        assert (office.ticket().rating, office.ticket().rating_comment) == (2, "تأخرتم <b>كثيرا</b>")
        again = await web.post(path, data={"score": "5"})
        assert again.status_code in (200, 409)
        assert office.ticket().rating == 2


@pytest.mark.parametrize("days", [15, 200])
async def test_a_late_visitor_hears_that_it_is_over(open_office: OpenOffice, days: int) -> None:
    async with open_office(**STAFF) as office, browser(office) as web:
        await resolved_and_closed(office)
        office.clock.set(at(24, 12))
        await office.work()
        path = f"/s/{survey_token(text_of(last(office, KHALID)))}"
        office.clock.advance(days=days)

        late = await web.post(path, data={"score": "5"})

        assert late.status_code == (410 if days == 15 else 404)
        assert "199040" in late.text
        assert office.ticket().rating is None


async def test_the_api_refuses_what_it_cannot_take_and_opens_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office, browser(office) as web:
        bearer = {"Authorization": f"Bearer {KEY}"}
        good = {"channel": "website", "text": "شكوى", "requester": {"phone": "0501234567"}}
        for document, headers, code in (
            (good, {}, 401),
            (good, {"Authorization": "Bearer wrong"}, 401),
            (good | {"channel": "phone"}, bearer, 403),
            (good | {"text": ""}, bearer, 422),
            (good | {"requester": {}}, bearer, 422),
            (good | {"surprise": 1}, bearer, 422),
        ):
            answer = await web.post("/api/v1/complaints", json=document, headers=headers)
            assert answer.status_code == code, answer.text
            assert answer.json()["error"]["code"]
        assert not office.tickets()

        opened = await web.post("/api/v1/complaints", json=good, headers=bearer | {"Idempotency-Key": "1"})
        other = await web.post(
            "/api/v1/complaints", json=good | {"text": "أخرى"}, headers=bearer | {"Idempotency-Key": "1"}
        )
        assert (opened.status_code, other.status_code) == (201, 409)
        assert opened.json()["missing"] == ["request_number", "ground"]
        assert len(office.tickets()) == 1
        await office.work()
        page = await web.get(f"/c/{page_of(office.sms_to()[-1].text)}")
        assert opened.json()["number"] in page.text
