"""The SMS gateways as configured, by name. Makes them and connects nothing."""

from __future__ import annotations

from daemon.clock import Clock
from daemon.config import http_gateway as table
from daemon.config.sms import Sms
from daemon.courier import Courier
from daemon.sms.gateways.console import ConsoleCourier
from daemon.sms.gateways.deewan import DeewanCourier, DeewanSettings
from daemon.sms.gateways.http import HttpCourier
from daemon.sms.gateways.jawaly import JawalyCourier, JawalySettings
from daemon.sms.gateways.msegat import MsegatCourier, MsegatSettings
from daemon.sms.gateways.taqnyat import TaqnyatCourier, TaqnyatSettings
from daemon.sms.gateways.unifonic import UnifonicCourier, UnifonicSettings
from daemon.sms.report import Fields
from daemon.sms.wire.declared import Call, ErrorClass, Finding, HttpSettings, Success, TokenStep, Told


def gateways_of(sms: Sms, clock: Clock) -> dict[str, Courier]:
    """The configured gateways by name, the preferred one first; none where SMS wait for one."""
    return {name: gateway for name in sms.names if (gateway := gateway_of(sms, name, clock))}


def gateway_of(sms: Sms, name: str, clock: Clock) -> Courier | None:
    """The gateway `name`, or None for "none". Its table was checked."""
    sender = sms.sender
    if name == "unifonic" and (unifonic := sms.unifonic):
        return UnifonicCourier(
            UnifonicSettings(url=unifonic.url, sender=sender, app_sid=unifonic.app_sid), clock
        )
    if name == "taqnyat" and (taqnyat := sms.taqnyat):
        return TaqnyatCourier(TaqnyatSettings(url=taqnyat.url, sender=sender, token=taqnyat.token), clock)
    if name == "msegat" and (msegat := sms.msegat):
        user, api_key = msegat.username, msegat.api_key
        return MsegatCourier(
            MsegatSettings(url=msegat.url, sender=sender, username=user, api_key=api_key), clock
        )
    if name == "jawaly" and (jawaly := sms.jawaly):
        pair = (jawaly.app_key, jawaly.app_secret)
        return JawalyCourier(
            JawalySettings(url=jawaly.url, sender=sender, app_key=pair[0], app_secret=pair[1]), clock
        )
    if name == "deewan" and (deewan := sms.deewan):
        user, api_key = deewan.username, deewan.api_key
        return DeewanCourier(
            DeewanSettings(url=deewan.url, sender=sender, username=user, api_key=api_key), clock
        )
    if name == "http" and sms.http:
        return HttpCourier(declared(sms.http, sender), clock)
    if name == "console" and (console := sms.console):
        return ConsoleCourier(path=console.path, clock=clock)
    return None


PLAIN_FIELDS = {"to": "((number))", "text": "((text))", "sender": "((sender))", "reference": "((reference))"}
PLAIN_IDS = ("id", "message_id")


def _plain(http: table.Http) -> table.Http:
    """The gateway of which nothing is said but where it is, perhaps with a key: a JSON object with plain
    names, and the status of the answer says whether it was taken."""
    headers = {"Authorization": "Bearer ((secret))"} if http.secret else {}
    return http.model_copy(
        update={
            "send": table.Send(headers=headers, fields=dict(PLAIN_FIELDS)),
            "success": table.Success(id=PLAIN_IDS),
        }
    )


def declared(http: table.Http, sender: str) -> HttpSettings:
    """What [sms.http] says, as values of the gateway."""
    is_plain = http.send is None and http.success is None and "((" not in http.url
    http = _plain(http) if is_plain else http
    success = http.success or table.Success()
    token, find, balance = http.token, http.find, http.balance
    return HttpSettings(
        name=http.name,
        url=http.url,
        sender=sender,
        send=_call(http.url, http.send or table.Send()),
        success=Success(
            ids=success.id,
            statuses=success.status,
            path=success.path,
            values=_lowered(success.values),
            absent=success.absent,
            rejected=success.rejected,
            is_by_status=is_plain,
        ),
        errors=tuple(
            ErrorClass(one.kind, one.reason, one.status, one.path, _lowered(one.values), _lowered(one.words))
            for one in http.errors
        ),
        username=http.username,
        secret=http.secret,
        encodings=(http.gsm7, http.ucs2),
        duplicate_is_acceptance=http.duplicate_is_acceptance,
        token=TokenStep(_call(token.url, token), token.path, token.expires_in, token.seconds)
        if token
        else None,
        find=Finding(_call(find.url, find), find.reference, find.id) if find else None,
        status=_call(http.status.url, http.status) if http.status else None,
        balance=Told(_call(balance.url, balance), balance.path, balance.unit) if balance else None,
        senders=_call(http.senders.url, http.senders) if http.senders else None,
        report=fields_of(http.receipt or table.Receipt()),
    )


def _call(url: str, asked: table.Asked) -> Call:
    """A GET without fields has no body, whatever its kind would be."""
    body = "none" if asked.method == "GET" and not asked.fields else asked.body
    return Call(url, asked.method, body, asked.headers, asked.fields)


def _token(step: table.TokenStep) -> TokenStep:
    return TokenStep(_call(step.url, step), step.path, step.expires_in, step.seconds)


def fields_of(receipt: table.Receipt) -> Fields:
    return Fields(
        peer_ids=receipt.id,
        states_at=receipt.state,
        times=receipt.time,
        codes=receipt.code,
        segments=receipt.segment,
        states={word: state for state, words in receipt.states.items() for word in words},
    )


def _lowered(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.lower() for text in texts)
