"""The description of the intake API (OpenAPI 3.1). Its schemas are those of the models that read requests and
write answers; tests hold it against the routes and against what is accepted."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from daemon import __version__
from daemon.front_desk import LONGEST_AGO
from daemon.web.answers import Error, Opened, Said, Standing
from daemon.web.complaints import ComplaintDocument, MessageDocument
from daemon.web.intake import COMPLAINTS
from daemon.web.settings import WebSettings

Schema = dict[str, Any]
NAMES = {"ComplaintDocument": "Complaint", "MessageDocument": "Message"}


class _Plain(GenerateJsonSchema):
    """The models' schemas without titles, and what may be null as a list of types."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Schema:
        inner = self.generate_inner(schema["schema"])
        if set(inner) == {"$ref"}:
            return {"anyOf": [inner, {"type": "null"}]}
        if "enum" in inner:
            inner = {**inner, "enum": [*inner["enum"], None]}
        return {**inner, "type": [inner["type"], "null"]} if "type" in inner else inner

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        return self.generate_inner(schema["schema"])


def _schemas() -> dict[str, Schema]:
    models = [(ComplaintDocument, "validation"), (MessageDocument, "validation")]
    models += [(answer, "validation") for answer in (Opened, Said, Standing, Error)]
    _, found = models_json_schema(
        models,  # type: ignore[arg-type]
        ref_template="#/components/schemas/{model}",
        schema_generator=_Plain,
    )
    named = {NAMES.get(name, name): schema for name, schema in found["$defs"].items()}
    for schema in named.values():
        schema.pop("title", None)
        if "description" in schema:
            schema["description"] = " ".join(schema["description"].split())
    return named


SCHEMAS: dict[str, Schema] = _schemas()

_ERRORS: dict[int, tuple[str, tuple[str, ...]]] = {
    400: ("Not JSON, or no good Idempotency-Key", ("not_json", "bad_idempotency_key")),
    401: ("No key, or an unknown one", ("unauthorized",)),
    403: ("The channel is not among this client's", ("channel_not_allowed",)),
    404: (
        "No such complaint, or its number is mistyped, or it is not one of those that this client may read",
        ("unknown_ticket",),
    ),
    408: ("The body took too long to arrive; nothing was written", ("too_slow",)),
    409: ("The Idempotency-Key came with another request before", ("key_reused",)),
    413: ("The body is over 256 KiB", ("too_large",)),
    415: ("Not application/json", ("wrong_content_type",)),
    422: (
        "Fields that cannot be taken, all of them in `fields`: what the schema refuses, and what it cannot "
        "say, such as a mobile, an address or a request number that is none, or a time in the future or more "
        f"than {LONGEST_AGO.days} days ago",
        ("invalid_fields",),
    ),
    500: ("An error of ours; the same request may be sent again", ("internal",)),
    503: (
        "Not now; nothing was written. The same request with the same Idempotency-Key is safe",
        ("unavailable",),
    ),
}
"""What is refused: in words, and the codes that come with the status."""
_READING = (401, 404, 500, 503)
_WRITING = (400, 401, 408, 409, 413, 415, 422, 500, 503)
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
    responses |= {str(error): _refusal(error) for error in sorted(errors)}
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


def _refusal(status: int) -> Schema:
    """The shape of every error, with the codes of this one."""
    description, codes = _ERRORS[status]
    code = {"properties": {"code": {"enum": [*codes]}}}
    schema = {"$ref": "#/components/schemas/Error", "properties": {"error": code}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _content(schema: str) -> Schema:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
