"""The gateway that an operator declares in TOML ([sms.http]; docs/SMS.md, config/gateways/).

It knows nothing of any vendor. What the table does not say of an answer is judged by its HTTP status.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Self

from daemon.clock import Clock
from daemon.courier import FrozenMessage, Receipt
from daemon.sms.report import Report, reports_in
from daemon.sms.segments import count
from daemon.sms.wire.answer import Answer, code_of, identifier, numbers_in, objects, text_of
from daemon.sms.wire.courier import GatewayCourier
from daemon.sms.wire.declared import HttpSettings, value_at
from daemon.sms.wire.dialect import Balance, Dialect, Question, Token, balance_of, number_of
from daemon.sms.wire.refusal import Refusal, by_status
from daemon.sms.wire.senders import is_active


class Declared(Dialect):
    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._values = {**settings.credentials(), "token": ""}  # until there is one
        self.name = settings.name
        self.duplicate_is_acceptance = settings.duplicate_is_acceptance

    def delivery(self, message: FrozenMessage) -> Question[Receipt]:
        text = message.content.decode("utf-8")
        gsm7, ucs2 = self._settings.encodings
        values = {
            "number": number_of(message),
            "number_plus": f"+{number_of(message)}",
            "text": text,
            "sender": message.sender or self._settings.sender,
            "reference": message.reference,
            "encoding": gsm7 if count(text).encoding == "gsm7" else ucs2,
        }
        request = self._settings.send.request({**self._values, **values})
        return Question(request, lambda answer: self._accepted(answer, values["number"]))

    def search(self, reference: str) -> Question[Receipt | None] | None:
        find = self._settings.find
        if find is None:
            return None

        def read(answer: Answer) -> Receipt | Refusal | None:
            if not self._is_well(answer):
                return self._refusal(answer)
            for entry in objects(answer.document):
                if (peer_id := identifier(entry.get(find.id))) and text_of(
                    entry.get(find.reference)
                ) == reference:
                    return Receipt(peer_id)
            return None

        return Question(find.call.request({**self._values, "reference": reference}), read)

    def status(self, peer_id: str) -> Question[Report | None] | None:
        call = self._settings.status
        if call is None:
            return None

        def read(answer: Answer) -> Report | Refusal | None:
            if not self._is_well(answer):
                return self._refusal(answer)
            found = reports_in(answer.document, self._settings.report)
            return next((one for one in found if one.peer_id == peer_id), None)

        return Question(call.request({**self._values, "id": peer_id}), read)

    def balance(self) -> Question[Balance | None] | None:
        told = self._settings.balance
        if told is None:
            return None

        def read(answer: Answer) -> Balance | Refusal | None:
            amount = text_of(value_at(answer, told.path)) if answer.is_success else ""
            found = balance_of(amount, told.unit)
            return found or (
                None if answer.is_success and self._is_success(answer) else self._refusal(answer)
            )

        return Question(told.call.request(self._values), read)

    def sender_check(self, sender: str) -> Question[bool | None] | None:
        call = self._settings.senders
        if call is None:
            return None

        def read(answer: Answer) -> bool | Refusal | None:
            return is_active(answer.document, sender) if answer.is_success else self._refusal(answer)

        return Question(call.request({**self._values, "sender": sender}), read)

    # --- signing in -------------------------------------------------------------------------------------

    def sign_in(self) -> Question[Token] | None:
        step = self._settings.token
        if step is None:
            return None

        def read(answer: Answer) -> Token | Refusal:
            token = text_of(value_at(answer, step.path))
            if not answer.is_success or not token:
                return self._refusal(answer)
            told = text_of(value_at(answer, step.lifetime)) if step.lifetime else ""
            seconds = (
                int(told) if told.isascii() and told.isdigit() and 0 < len(told) < 8 else step.lifetime_s
            )
            return Token(token, timedelta(seconds=seconds))

        return Question(step.call.request(self._values), read)

    def with_token(self, token: str) -> Self:
        signed = copy.copy(self)
        signed._values = {**self._values, "token": token}
        return signed

    # --- judging ----------------------------------------------------------------------------------------

    def _is_success(self, answer: Answer) -> bool:
        """What the table says of success beside the identifier, which not every answer has."""
        success = self._settings.success
        has_status = answer.status in success.statuses if success.statuses else answer.is_success
        has_value = not success.values or text_of(value_at(answer, success.path)).lower() in success.values
        return has_status and has_value and not any(value_at(answer, path) for path in success.absent)

    def _is_well(self, answer: Answer) -> bool:
        """An answer to a question, which need not say of itself what an acceptance says, but nothing else."""
        success = self._settings.success
        told = text_of(value_at(answer, success.path)).lower() if success.values else ""
        has_value = not told or told in success.values
        is_read = answer.is_success and answer.document is not None and has_value
        return is_read and not any(value_at(answer, path) for path in success.absent)

    def _accepted(self, answer: Answer, number: str) -> Receipt | Refusal:
        success = self._settings.success
        if not self._is_success(answer):
            return self._refusal(answer)
        if success.rejected and number in numbers_in(value_at(answer, success.rejected)):
            return Refusal("permanent", "number rejected by the gateway", "rejected")
        peer_ids = (identifier(value_at(answer, path)) for path in success.ids)
        peer_id = next(filter(None, peer_ids), "")
        # An answer of which nothing was asked but an identifier is an acceptance only with one.
        is_told = bool(peer_id or success.values) or success.is_by_status
        return Receipt(peer_id) if is_told else self._refusal(answer)

    def _refusal(self, answer: Answer) -> Refusal:
        success = self._settings.success
        for one in self._settings.errors:
            if one.matches(answer):
                code = code_of(value_at(answer, one.path)) if one.path else ""
                return Refusal(one.kind, one.reason, code or str(answer.status))
        told = text_of(value_at(answer, success.path)) if success.values else ""
        if answer.is_success and (told or any(value_at(answer, path) for path in success.absent)):
            return Refusal("temporary", "gateway refused", code_of(told) or str(answer.status))
        return by_status(answer)


class HttpCourier(GatewayCourier):
    """A Courier for SMS through a gateway that is declared in TOML."""

    def __init__(self, settings: HttpSettings, clock: Clock | None = None) -> None:
        super().__init__(Declared(settings), settings, clock)
