"""Owns the description of the intake API (OpenAPI 3.1), written by hand from the same limits that the
validation uses; tests compare it with the routes and with what is accepted."""

from __future__ import annotations

from typing import Any

from daemon import __version__
from daemon.front_desk import MAX_REQUEST_NUMBER, MAX_TEXT
from daemon.web.complaints import (
    MAX_EMAIL,
    MAX_NAME,
    MAX_PHONE,
)
from daemon.web.intake import COMPLAINTS
from daemon.web.settings import WebSettings
from daemon.workflow.vocabulary import (
    CATEGORIES,
    CHANNELS,
    CLOSE_REASONS,
    ESCALATIONS,
    IN_CHANNEL,
    MISSING,
    SAID_KINDS,
    STATES,
)

Schema = dict[str, Any]

_NUMBER: Schema = {
    "type": "string",
    "pattern": "^FRS-[0-9]{4}-[0-9]{6,9}-[0-9]$",
    "examples": ["FRS-2026-000123-7"],
}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
_URL: Schema = {
    "type": "string",
    "format": "uri",
    "description": "The customer's own page. A secret of theirs.",
}
_MISSING: Schema = {"type": "array", "items": {"enum": list(MISSING)}}
_STATE: Schema = {"enum": list(STATES)}
_OUTCOME: Schema = {
    "type": "string",
    "description": "What became of it, e.g. opened, joined, added, recorded.",
}


def _text(most: int, description: str) -> Schema:
    return {"type": ["string", "null"], "maxLength": most, "description": description}


_REQUEST_NUMBER = _text(
    MAX_REQUEST_NUMBER,
    "The number of the request raised on Furas: at least three digits, perhaps with Latin letters.",
)

SCHEMAS: dict[str, Schema] = {
    "Complaint": {
        "type": "object",
        "additionalProperties": False,
        "required": ["channel", "text", "requester"],
        "properties": {
            "channel": {"type": "string", "enum": list(CHANNELS)},
            "text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "description": "Not blank."},
            "request_number": _REQUEST_NUMBER,
            "category": {"type": ["string", "null"], "enum": [*CATEGORIES, None]},
            "requester": {"$ref": "#/components/schemas/Requester"},
            "first_response_at": {
                **_TIME_OR_NULL,
                "description": "When somebody answered in the channel itself; RFC 3339 with offset, not "
                f"in the future. Only for {', '.join(IN_CHANNEL)}; without it: at opening.",
            },
        },
    },
    "Requester": {
        "type": "object",
        "additionalProperties": False,
        "description": "The customer. A phone or an email is needed. The client vouches for the phone: it "
        "identifies the customer and receives SMS. The email only receives.",
        "properties": {
            "name": _text(MAX_NAME, "One line."),
            "phone": _text(MAX_PHONE, "A Saudi mobile in any usual spelling: 05…, 5…, +966…, ٠٥…"),
            "email": _text(MAX_EMAIL, "An e-mail address."),
        },
        "anyOf": [
            {"required": ["phone"], "properties": {"phone": {"type": "string"}}},
            {"required": ["email"], "properties": {"email": {"type": "string"}}},
        ],
    },
    "Message": {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind"],
        "description": "What the customer says later. `text` may be left out of an escalation, a withdrawal, "
        "and of information that names a request_number.",
        "properties": {
            "kind": {"type": "string", "enum": list(SAID_KINDS)},
            "text": _text(MAX_TEXT, "What they say."),
            "request_number": _REQUEST_NUMBER,
        },
    },
    "Opened": {
        "type": "object",
        "required": ["number", "state", "missing", "status_url", "outcome"],
        "properties": {
            "number": _NUMBER,
            "state": _STATE,
            "missing": _MISSING,
            "status_url": _URL,
            "outcome": _OUTCOME,
        },
    },
    "Said": {
        "type": "object",
        "required": [
            *("number", "state", "missing", "status_url", "outcome", "may_escalate", "escalation_possible_at")
        ],
        "properties": {
            "number": _NUMBER,
            "state": _STATE,
            "missing": _MISSING,
            "status_url": _URL,
            "outcome": _OUTCOME,
            "may_escalate": {"type": "boolean"},
            "escalation_possible_at": _TIME_OR_NULL,
        },
    },
    "Standing": {
        "type": "object",
        "required": [
            *("number", "state", "close_reason", "channel", "category", "request_number", "missing"),
            *("opened_at", "status_url", "escalation", "may_escalate", "escalation_possible_at", "may_add"),
            *("rating", "steps"),
        ],
        "properties": {
            "number": _NUMBER,
            "state": _STATE,
            "close_reason": {"enum": [*CLOSE_REASONS, None]},
            "channel": {"enum": list(CHANNELS)},
            "category": {"enum": [*CATEGORIES, None]},
            "request_number": {"type": ["string", "null"]},
            "missing": _MISSING,
            "opened_at": _TIME,
            "status_url": _URL,
            "escalation": {"enum": list(ESCALATIONS)},
            "may_escalate": {"type": "boolean"},
            "escalation_possible_at": _TIME_OR_NULL,
            "may_add": {"type": "boolean"},
            "rating": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
            "steps": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["at", "what", "text"],
                    "properties": {
                        "at": _TIME,
                        "what": {"type": "string", "description": "A notification sent, or customer_wrote."},
                        "text": {
                            "type": "string",
                            "description": "What staff wrote to the customer, or empty.",
                        },
                    },
                },
            },
        },
    },
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "fields"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "fields": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["field", "code", "message"],
                            "properties": {
                                "field": {"type": "string", "examples": ["requester.phone"]},
                                "code": {"type": "string"},
                                "message": {"type": "string"},
                            },
                        },
                    },
                },
            }
        },
    },
}

_ERRORS = {
    400: "Not JSON, or no good Idempotency-Key",
    401: "No key, or an unknown one",
    403: "The channel is not among this client's",
    404: "No such complaint, or its number is mistyped",
    408: "The body took too long to arrive",
    409: "The Idempotency-Key came with another request before",
    413: "The body is over 256 KiB",
    415: "Not application/json",
    422: "Fields that cannot be taken, all of them",
    503: "Not now; nothing was written. The same request with the same Idempotency-Key is safe",
}
_READING = (401, 404, 503)
_WRITING = (400, 401, 408, 409, 413, 415, 422, 503)
_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Kept for 30 days: the same key and request give the first answer again and do nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_NUMBER_IN_PATH: Schema = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "The complaint's number; Arabic digits and missing hyphens are understood.",
    "schema": {"type": "string"},
}


def document(settings: WebSettings) -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shakwa intake",
            "version": __version__,
            "description": "Complaints of the Furas platform that do not come by mail.",
        },
        "servers": [{"url": settings.public_url.rstrip("/")}],
        "security": [{"key": []}],
        "paths": {
            COMPLAINTS: {
                "post": _operation(
                    "openComplaint",
                    "Open a complaint, or join the customer's open one about the same request",
                    (201, "The complaint", "Opened"),
                    (*_WRITING, 403),
                    [_IDEMPOTENCY_KEY],
                    "Complaint",
                )
            },
            f"{COMPLAINTS}/{{number}}": {
                "get": _operation(
                    "showComplaint",
                    "How a complaint stands",
                    (200, "Its standing", "Standing"),
                    _READING,
                    [_NUMBER_IN_PATH],
                )
            },
            f"{COMPLAINTS}/{{number}}/messages": {
                "post": _operation(
                    "addMessage",
                    "What the customer says later",
                    (201, "What became of it", "Said"),
                    (*_WRITING, 404),
                    [_NUMBER_IN_PATH, _IDEMPOTENCY_KEY],
                    "Message",
                )
            },
            "/api/v1/openapi.json": {
                "get": {
                    "operationId": "describe",
                    "summary": "This document",
                    "security": [],
                    "responses": {"200": {"description": "OpenAPI 3.1"}},
                }
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS,
        },
    }


def _operation(
    name: str,
    summary: str,
    success: tuple[int, str, str],
    errors: tuple[int, ...],
    parameters: list[Schema],
    body: str | None = None,
) -> Schema:
    status, description, schema = success
    responses = {str(status): _response(description, schema)}
    responses |= {str(error): _response(_ERRORS[error], "Error") for error in sorted(errors)}
    operation: Schema = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": responses,
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _content(body)}
    return operation


def _response(description: str, schema: str) -> Schema:
    return {"description": description, "content": _content(schema)}


def _content(schema: str) -> Schema:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
