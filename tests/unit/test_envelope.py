"""The envelope as a row keeps it: what goes in comes out, and any other shape is refused."""

from __future__ import annotations

import json

import pytest

from daemon.dispatch.envelope import BadEnvelope, Conversation, Envelope, FileReference, from_json, to_json

FULL = Envelope(
    Conversation("<a@x>", ("<r@x>", "<a@x>"), "شكوى [FRS]", "AdwR", "infocs+t@momah.gov.sa", ""),
    (FileReference(7, "ab" * 32, "FRS-1.pdf", "application/pdf"),),
)


@pytest.mark.parametrize("envelope", [Envelope(), FULL, Envelope(files=FULL.files)])
def test_an_envelope_comes_back_as_it_was_kept(envelope: Envelope) -> None:
    assert from_json(json.loads(json.dumps(to_json(envelope)))) == envelope


def test_an_empty_envelope_takes_no_room() -> None:
    assert to_json(Envelope()) == {}


@pytest.mark.parametrize(
    "kept",
    [
        {"reply_too": "a@x"},
        {"in_reply_to": 7},
        {"references": "<a@x>"},
        {"references": [7]},
        {"files": {"id": 7}},
        {"files": [[7, "ab", "name"]]},
        {"files": [["7", "ab", "name", "type"]]},
    ],
)
def test_any_other_shape_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(BadEnvelope):
        from_json(kept)
