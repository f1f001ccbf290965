"""What the intake API answers, as models. The OpenAPI document shows their schemas."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from daemon.workflow.vocabulary import CHANNELS, Category, CloseReason, Escalation, Missing, State

_TIME = {"format": "date-time"}

Number = Annotated[str, Field(pattern=r"^FRS-[0-9]{4}-[0-9]{6,9}-[0-9]$", examples=["FRS-2026-000123-7"])]
Time = Annotated[str, Field(json_schema_extra={**_TIME})]
"""ISO 8601 with the offset of Riyadh."""
Url = Annotated[
    str,
    Field(description="The customer's own page. A secret of theirs.", json_schema_extra={"format": "uri"}),
]
Outcome = Annotated[str, Field(description="What became of it, e.g. opened, joined, added, recorded.")]


ComplaintChannel = Annotated[str, Field(json_schema_extra={"enum": [*CHANNELS]})]


class Answer(BaseModel):
    """An answer; every field is always there."""

    model_config = ConfigDict(frozen=True)

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class Opened(Answer):
    """What became of a complaint."""

    number: Number
    state: State
    missing: tuple[Missing, ...]
    status_url: Url
    outcome: Outcome


class Said(Opened):
    """What became of what a customer said later."""

    may_escalate: bool
    escalation_possible_at: Time | None


class Step(Answer):
    """One thing that the customer was told, or wrote."""

    at: Time
    what: str = Field(description="A notification sent, or customer_wrote.")
    text: str = Field(description="What staff wrote to the customer, or empty.")


class Standing(Answer):
    """How a complaint stands."""

    number: Number
    state: State
    close_reason: CloseReason | None
    channel: ComplaintChannel
    category: Category | None
    request_number: str | None
    missing: tuple[Missing, ...]
    opened_at: Time
    status_url: Url
    escalation: Escalation
    may_escalate: bool
    escalation_possible_at: Time | None
    may_add: bool
    rating: Annotated[int, Field(ge=1, le=5)] | None
    steps: tuple[Step, ...]


class FieldError(Answer):
    """A field that cannot be taken."""

    field: str = Field(examples=["requester.phone"])
    code: str
    message: str


class Trouble(Answer):
    """Why a request was refused."""

    code: str
    message: str
    fields: tuple[FieldError, ...]


class Error(Answer):
    """The one shape of every error."""

    error: Trouble
