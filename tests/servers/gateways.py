"""Plays of Taqnyat, Msegat, 4jawaly and Deewan: their documented answers, and their bad habits on request.

Every play keeps what it accepted in `sent`, and uses up one of `faults` for each sending request. The answers
are those of the sources that docs/SMS.md names.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.http_play import Fault, Heard, Play


@dataclass(frozen=True)
class Taken:
    """One SMS that a gateway accepted."""

    peer_id: str
    number: str
    text: str
    sender: str


@dataclass
class Played(Play):
    """`active` and `waiting` are its sender names. `balance` may be anything. `drip_s` waits before each
    octet of an acceptance."""

    sent: list[Taken] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    active: list[str] = field(default_factory=lambda: ["MOMAH"])
    waiting: list[str] = field(default_factory=lambda: ["SOON"])
    balance: Any = "2044.000"
    requests: list[Heard] = field(default_factory=list)
    drip_s: float = 0.0
    send_path = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}{self.send_path}"

    def hear(self, heard: Heard) -> Fault:
        self.requests.append(heard)
        if heard.path != self.send_path:
            return self.other(heard)
        if refused := self.refused(heard):
            return refused
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not fault.accept:
            return fault
        number, text, sender = self.told(heard)
        taken = Taken(str(6014905066 + len(self.sent)), number, text, sender)
        self.sent.append(taken)
        return fault or replace(self.accepted(taken), drip_s=self.drip_s)

    def refused(self, heard: Heard) -> Fault | None:
        """The answer to credentials that are wrong."""
        raise NotImplementedError

    def told(self, heard: Heard) -> tuple[str, str, str]:
        """Number, text and sender name of a sending request."""
        raise NotImplementedError

    def accepted(self, taken: Taken) -> Fault:
        raise NotImplementedError

    def other(self, heard: Heard) -> Fault:
        """Balance, sender names, sign-in."""
        raise NotImplementedError


@dataclass
class PlayedTaqnyat(Played):
    """`lists_as_text` writes `accepted` and `rejected` as texts that look like lists, as the real one does.
    Numbers in `rejected` are refused with a 201."""

    token: str = "taqnyat-secret"
    lists_as_text: bool = True
    rejected: list[str] = field(default_factory=list)
    send_path = "/v1/messages"

    def refused(self, heard: Heard) -> Fault | None:
        if heard.headers.get("authorization") == f"Bearer {self.token}":
            return None
        return Fault(401, {"statusCode": 401, "message": "invalid credentials information"})

    def told(self, heard: Heard) -> tuple[str, str, str]:
        document = heard.document
        (number,) = document["recipients"]
        return number, document["body"], document["sender"]

    def accepted(self, taken: Taken) -> Fault:
        accepted = [] if taken.number in self.rejected else [taken.number]
        rejected = [taken.number] if taken.number in self.rejected else []
        told: dict[str, Any] = {
            "statusCode": 201,
            "messageId": int(taken.peer_id),
            "cost": "0.0500",
            "currency": "SAR",
            "totalCount": 1,
            "msgLength": 1,
            "accepted": accepted,
            "rejected": rejected,
        }
        if self.lists_as_text:
            told["accepted"] = f"[{''.join(f'{number},' for number in accepted)}]"
            told["rejected"] = f"[{''.join(f'{number},' for number in rejected)}]"
        return Fault(201, told)

    def other(self, heard: Heard) -> Fault:
        if refused := self.refused(heard):
            return refused
        if heard.path == "/account/balance":
            account = {"statusCode": 200, "accountStatus": "active", "accountExpiryDate": "23-08-2027"}
            return Fault(200, {**account, "balance": self.balance, "currency": "SAR"})
        if heard.path == "/v1/messages/senders":
            names = [{"senderName": name, "status": "active"} for name in self.active]
            names += [{"senderName": name, "status": "pending"} for name in self.waiting]
            return Fault(200, {"statusCode": 200, "senders": names})
        return Fault(404, "<html>not found</html>", content_type="text/html")


@dataclass
class PlayedMsegat(Played):
    """`bare` answers 1 in place of JSON. The same words to the same number are refused with 1061."""

    username: str = "momah"
    api_key: str = "msegat-secret"
    bare: bool = False
    balance: Any = "272.6"
    send_path = "/gw/sendsms.php"

    def refused(self, heard: Heard) -> Fault | None:
        given = heard.form if heard.path.endswith("Credits.php") else heard.document
        if (given.get("userName"), given.get("apiKey")) == (self.username, self.api_key):
            return None
        return Fault(200, {"code": "M0002", "message": "Invalid login info"})

    def told(self, heard: Heard) -> tuple[str, str, str]:
        document = heard.document
        return document["numbers"], document["msg"], document["userSender"]

    def hear(self, heard: Heard) -> Fault:
        if heard.path == self.send_path and not self.faults:
            told = self.told(heard)
            if any((one.number, one.text, one.sender) == told for one in self.sent):
                self.requests.append(heard)
                return Fault(200, {"code": "1061", "message": "MSG duplicated"})
        return super().hear(heard)

    def accepted(self, taken: Taken) -> Fault:
        if self.bare:
            return Fault(200, "1", content_type="text/html; charset=windows-1256")
        return Fault(200, {"code": "1", "message": "Success", "id": int(taken.peer_id)})

    def other(self, heard: Heard) -> Fault:
        if refused := self.refused(heard):
            return Fault(200, "1020") if heard.path.endswith("Credits.php") else refused
        if heard.path == "/gw/Credits.php":
            return Fault(200, str(self.balance), content_type="text/html")
        if heard.path == "/gw/senders.php":
            names = [{"SenderID": name, "Status": "Activated"} for name in self.active]
            names += [{"SenderID": name, "Status": "Under activation"} for name in self.waiting]
            return Fault(200, {"code": "M0000", "senders": names})
        if heard.path == "/gw/getMessages.php":
            known = [one for one in self.sent if one.peer_id == heard.document["reqBulkId"]]
            return Fault(
                200, {"code": "1", "data": [{"id": one.peer_id, "status": "Delivered"} for one in known]}
            )
        return Fault(404, "<html>not found</html>", content_type="text/html")


@dataclass
class PlayedJawaly(Played):
    app_key: str = "jawaly-key"
    app_secret: str = "jawaly-secret"
    balance: Any = 150
    send_path = "/api/v1/account/area/sms/send"

    def refused(self, heard: Heard) -> Fault | None:
        pair = base64.b64encode(f"{self.app_key}:{self.app_secret}".encode()).decode()
        if heard.headers.get("authorization") == f"Basic {pair}":
            return None
        return Fault(401, {"message": "Unauthenticated."})

    def told(self, heard: Heard) -> tuple[str, str, str]:
        (message,) = heard.document["messages"]
        (number,) = message["numbers"]
        return number, message["text"], message["sender"]

    def accepted(self, taken: Taken) -> Fault:
        message = {"job_id": taken.peer_id, "text": taken.text, "sender_name": taken.sender, "id": 7}
        inserted = {"inserted_numbers": 1, "message": message}
        return Fault(200, {"job_id": taken.peer_id, "messages": [inserted], "code": 200, "message": "تم"})

    def other(self, heard: Heard) -> Fault:
        if refused := self.refused(heard):
            return refused
        if heard.path == "/api/v1/account/area/me/packages":
            return Fault(200, {"code": 200, "message": "", "items": [], "total_balance": self.balance})
        if heard.path == "/api/v1/account/area/senders":
            names = [{"id": 1, "sender_name": name, "is_ad": 0, "status": 1} for name in self.active]
            names += [{"id": 2, "sender_name": name, "is_ad": 0, "status": 0} for name in self.waiting]
            return Fault(200, {"code": 200, "items": {"current_page": 1, "data": names, "last_page": 1}})
        return Fault(404, "<html>not found</html>", content_type="text/html")


@dataclass
class PlayedDeewan(Played):
    """`good_for_s` is the life of a token; `revoke` makes the gateway forget those that it gave."""

    username: str = "momah"
    api_key: str = "deewan-secret"
    good_for_s: int = 3600
    tokens: list[str] = field(default_factory=list)
    sign_in_faults: list[Fault] = field(default_factory=list)
    sign_in_count: int = 0
    balance: Any = "100.50"
    send_path = "/sms/v1/messages"

    def revoke(self) -> None:
        self.tokens.clear()

    def refused(self, heard: Heard) -> Fault | None:
        scheme, _, token = heard.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and token in self.tokens:
            return None
        return Fault(401, {"error": {"description": "Invalid or expired token"}})

    def told(self, heard: Heard) -> tuple[str, str, str]:
        document = heard.document
        is_ascii = document["messageText"].isascii()
        assert document["messageType"] == ("text" if is_ascii else "unicode")
        return document["recipients"], document["messageText"], document["senderName"]

    def accepted(self, taken: Taken) -> Fault:
        return Fault(200, {"requestStatus": {"RequestID": taken.peer_id, "Success": True}})

    def other(self, heard: Heard) -> Fault:
        if heard.path == "/auth/v1/signin":
            return self._signed_in(heard.document)
        if refused := self.refused(heard):
            return refused
        if heard.path == "/sms/v1/account/balance":
            return Fault(200, {"data": {"Account": {"Credit": self.balance}}})
        return Fault(404, "<html>not found</html>", content_type="text/html")

    def _signed_in(self, given: dict[str, str]) -> Fault:
        self.sign_in_count += 1
        if self.sign_in_faults:
            return self.sign_in_faults.pop(0)
        if (given.get("userName"), given.get("apiKey")) != (self.username, self.api_key):
            return Fault(401, {"error": {"description": "Invalid API key"}})
        token = _web_token(self.sign_in_count, self.good_for_s)
        self.tokens.append(token)
        return Fault(200, {"data": {"access_token": token}})


def _web_token(number: int, good_for_s: int) -> str:
    claims = {"n": number, "iat": 1_795_000_000, "exp": 1_795_000_000 + good_for_s}
    parts = ({"alg": "HS256", "typ": "JWT"}, claims, "tokensecret")
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
