"""What the gateways answer, each with what it means: played over a wire, and read without one.

The sources of each answer stand in docs/SMS.md.
"""

from __future__ import annotations

from daemon.sms.wire.refusal import Kind
from tests.servers.http_play import Fault

NUMBER = "966501234567"


def inside(status: int, message: str, http: int = 400) -> Fault:
    """Taqnyat's refusal."""
    return Fault(http, {"statusCode": status, "message": f"{message} 0501234567"})


def listed(accepted: object, rejected: object) -> Fault:
    """Taqnyat's 201."""
    return Fault(201, {"statusCode": 201, "messageId": 7, "accepted": accepted, "rejected": rejected})


def coded(code: object) -> Fault:
    """Msegat's refusal, with HTTP 200."""
    return Fault(200, {"code": code, "message": "to 0501234567"})


def told(text: str, status: int = 200) -> Fault:
    """4jawaly's refusal."""
    if status != 200:
        return Fault(status, {"code": status, "message": text})
    return Fault(200, {"code": 200, "job_id": None, "messages": [{"inserted_numbers": 0, "err_text": text}]})


def erred(code: str, text: str, status: int = 400) -> Fault:
    """Deewan's refusal."""
    return Fault(status, {"errors": [[code, text]]})


Refused = tuple[tuple[Fault, Kind], ...]

TAQNYAT: Refused = (
    (inside(400, "Sender Name not active"), "outage"),
    (inside(400, "Sender Name not active", http=200), "outage"),
    (inside(400, "Mobile numbers are not correct"), "permanent"),
    (inside(400, "body is empty"), "permanent"),
    (inside(400, "Your balance is not enough"), "outage"),
    (inside(400, "something else"), "temporary"),
    (inside(15, "Mobile is not specified", http=200), "permanent"),
    (inside(3, "Your balance is not enough", http=200), "outage"),
    (inside(102, "this ip 10.0.0.1 Not authorized", http=200), "outage"),
    (inside(104, "Invalid Bearer Tokens", http=200), "outage"),
    (listed("[]", f"[{NUMBER},]"), "permanent"),
    (listed([], [int(NUMBER)]), "permanent"),
    (listed("[]", "[]"), "unknown"),
    (Fault(201, {"statusCode": 201, "message": "ok"}), "unknown"),
)
MSEGAT: Refused = (
    *((coded(code), "outage") for code in ("M0001", "1010", "M0002", 1020, "1060", "1110")),
    *((coded(code), "outage") for code in ("1064", "M0023", "m0029", "M0034", "M0036")),
    *((coded(code), "permanent") for code in ("1050", 1120, "1140")),
    (Fault(200, "1120", content_type="text/html"), "permanent"),
    (Fault(200, '"M0002"', content_type="text/html"), "outage"),
    (Fault(200, "1060\r\n", content_type="text/html"), "outage"),
    (coded("M0099"), "temporary"),
    (Fault(200, {"message": "Success"}), "unknown"),
)
JAWALY: Refused = (
    (told("اسم المرسل غير مفعل"), "outage"),
    (told("رصيدك غير كاف"), "outage"),
    (told("الرقم غير صحيح، رقم الجوال 0501234567"), "permanent"),
    (told("تعذر الإرسال"), "temporary"),
    (told("invalid sender name", 400), "outage"),
    (told("", 422), "permanent"),
    (told("The messages.0.text field is empty", 422), "permanent"),
    (Fault(403, "<html>cloudflare</html>", content_type="text/html"), "outage"),
    (Fault(200, {"code": 401, "message": "Unauthenticated"}), "outage"),
    (Fault(200, {"code": 200, "messages": [{"inserted_numbers": 0}]}), "permanent"),
    (
        Fault(200, {"code": 200, "messages": [{"err_text": ["خطأ"]}], "job_id": 7}),
        "temporary",
    ),
    (Fault(200, {"code": 200, "messages": []}), "unknown"),
)
DEEWAN: Refused = (
    (erred("E_INVALID_RECIPIENT", "Recipient is not valid"), "permanent"),
    (erred("E_SENDER", "Sender is not valid"), "outage"),
    (Fault(400, {"error": {"description": "Insufficient balance"}}), "outage"),
    (Fault(200, {"error": {"description": "Insufficient balance"}}), "outage"),
    (Fault(400, {"error": {"description": "no"}}), "temporary"),
    (Fault(200, {"requestStatus": {}}), "unknown"),
)

HTML = "<html><body>Bad Gateway 0501234567</body></html>"
HABITS: Refused = (
    (Fault(200, HTML, content_type="text/html", accept=True), "unknown"),
    (Fault(200, "", accept=True), "unknown"),
    (Fault(200, "OK", content_type="text/plain", accept=True), "unknown"),
    (Fault(200, b"\xff\xfe\x00{", accept=True), "unknown"),
    (Fault(200, "null", accept=True), "unknown"),
    (Fault(200, "[" * 9000, accept=True), "unknown"),
    (Fault(500, HTML, content_type="text/html"), "unknown"),
    (Fault(502, HTML, content_type="text/html"), "unknown"),
    (Fault(504, "", content_type="text/html"), "unknown"),
    (Fault(503, HTML, content_type="text/html"), "outage"),
    (Fault(429, "slow down"), "outage"),
    (Fault(404, HTML, content_type="text/html"), "outage"),
    (Fault(403, HTML, content_type="text/html"), "outage"),
    (Fault(400, HTML, content_type="text/html"), "temporary"),
    (Fault(409, HTML, content_type="text/html"), "duplicate"),
)
"""Of any gateway, and of a proxy before it."""
