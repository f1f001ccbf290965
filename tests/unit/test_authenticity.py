"""What trace headers prove about a From address: only our own border's word (its place: test_border)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.letter.parse import parse
from daemon.mail.trust.authenticity import Authenticity, judge
from tests.each import each

BORDER = "mx.momah.gov.sa"
SENDER = "a.ali@momah.gov.sa"
MICROSOFT = (
    "spf=pass (sender IP is 40.107.1.2) smtp.mailfrom=momah.gov.sa; dkim=pass (signature was verified) "
    "header.d=momah.gov.sa;dmarc=pass action=none header.from=momah.gov.sa;compauth=pass reason=100"
)


def mail(*results: str, sender: str | tuple[str, ...] = SENDER, **headers: str) -> IncomingMail:
    addresses = tuple(Address("", email) for email in ((sender,) if isinstance(sender, str) else sender))
    return IncomingMail(
        headers=(
            *(("authentication-results", value) for value in results),
            *((name.replace("_", "-"), value) for name, value in headers.items()),
        ),
        from_addresses=addresses,
        sender=addresses[0] if len(addresses) == 1 else None,
    )


def verdict(*results: str, authserv_id: str | None = BORDER, sender: str = SENDER) -> tuple[bool, str]:
    found = judge(mail(*results, sender=sender), authserv_id, None, None)
    return found.authenticated, found.dmarc


PROVED = [
    f"{BORDER}; dmarc=pass header.from=momah.gov.sa",
    f"{BORDER}; dmarc=pass (p=reject dis=none) header.from=momah.gov.sa",
    f"{BORDER}; spf=pass smtp.mailfrom=a@x; dmarc=pass header.from=momah.gov.sa",
    f"{BORDER.upper()}; DMARC=PASS header.From=MOMAH.GOV.SA",
    f"{BORDER} 1; dmarc=pass header.from=momah.gov.sa",
    f"{BORDER}/1; dmarc/1=pass header.from=momah.gov.sa",
    f'"{BORDER}"; dmarc=pass header.from=momah.gov.sa',
    f"(our border) {BORDER} (v1) 1 (x); dmarc = pass (ok) header.from = momah.gov.sa",
    f"{BORDER};dmarc=pass header.from=<momah.gov.sa>",
    f'{BORDER}; dmarc=pass header.from="momah.gov.sa"',
    f"{BORDER}; dmarc=pass header.from=a.ali@momah.gov.sa",
    f"{BORDER}; dmarc=pass header.from=mail.momah.gov.sa",
    f"{BORDER}; dmarc=pass header.from=momah.gov.sa.",
    f"{BORDER}; spf=fail (a; dkim=fail (nested; arc=fail) \\) ;) smtp.mailfrom=x;"
    " dmarc=pass header.from=momah.gov.sa",
    f'{BORDER}; spf=pass smtp.mailfrom="x; dkim=fail"@y; dmarc=pass header.from=momah.gov.sa',
    f"{BORDER}; arc=pass (i=1 spf=pass dmarc=pass fromdomain=x); dmarc=pass header.from=momah.gov.sa",
    f"{BORDER}; arc=pass (0 oda=1 dmarc=[1,1,header.from=x]); dmarc=pass header.from=momah.gov.sa",
    f"{BORDER};\r\n\tdmarc=pass\r\n\theader.from=momah.gov.sa",
    f"{BORDER}; dmarc=pass policy.dmarc=reject header.from=momah.gov.sa;",
]


@each("field", PROVED)
def test_a_pass_for_the_domain_of_from_is_proof(field: str) -> None:
    assert verdict(field) == (True, "pass")


NOT_PROVED = [
    ("", "none"),
    (";", "none"),
    ("none", "none"),
    (BORDER, "none"),
    (f"{BORDER}; none", "none"),
    (f"{BORDER}; spf=pass smtp.mailfrom=momah.gov.sa; dkim=pass header.d=momah.gov.sa", "none"),
    (f"{BORDER}; dmarc=none header.from=momah.gov.sa", "none"),
    (f"{BORDER}; dmarc=temperror", "none"),
    (f"{BORDER}; dmarc=permerror", "none"),
    (f"{BORDER}; dmarc=bestguesspass action=none header.from=momah.gov.sa", "none"),
    (f"{BORDER}; dmarc=passed", "none"),
    (f"{BORDER}; dmarc=pass-ish", "none"),
    (f"{BORDER}; x-dmarc=pass header.from=momah.gov.sa", "none"),
    (f"{BORDER}; dmarc=pass@evil.example", "none"),
    (f"{BORDER}; compauth=pass reason=100", "none"),
    (f"{BORDER}; arc=pass; dkim=pass", "none"),
    (f"{BORDER}; dmarc=fail (p=reject) header.from=momah.gov.sa", "fail"),
    (f"{BORDER}; dmarc=fail; compauth=pass reason=130", "fail"),
    (f"{BORDER}; dmarc=fail action=oreject header.from=momah.gov.sa", "fail"),
    # values that pretend to be results
    (f"{BORDER}; spf=none (dmarc=pass) smtp.mailfrom=x", "none"),
    (f"{BORDER}; spf=none (x; dmarc=pass header.from=momah.gov.sa; y) smtp.mailfrom=x", "none"),
    (f'{BORDER}; spf=pass smtp.mailfrom="x; dmarc=pass header.from=momah.gov.sa; y"@evil.example', "none"),
    (f'{BORDER}; spf=pass smtp.mailfrom="x\\"; dmarc=pass header.from=momah.gov.sa"', "none"),
    (f"{BORDER}; spf=pass reason=dmarc=pass header.from=momah.gov.sa", "none"),
    (f"{BORDER}; spf=pass dmarc=pass header.from=momah.gov.sa", "none"),
    (f"{BORDER}; spf=pass smtp.mailfrom=x; dmarc=pass header.from=momah.gov.sa; dmarc=none", "none"),
    (f"{BORDER}; dmarc=pass; dmarc=pass header.from=momah.gov.sa", "none"),
    (f"{BORDER}; dmarc=pass header.from=momah.gov.sa; dmarc=fail header.from=evil.example", "fail"),
    (f"{BORDER}; dmarc=pass header.from=evil.example header.from=momah.gov.sa", "none"),
    (f"{BORDER}; dmarc=pass header.from=momah.gov.sa header.from=evil.example", "none"),
    (f'{BORDER}; spf=pass smtp.mailfrom="x\\"; dmarc=pass header.from=momah.gov.sa \\""', "none"),
    (f"{BORDER};dmarc=pass (unclosed", "none"),
    # the border's own result, hidden between two values of the sender's
    (
        f"{BORDER}; spf=none smtp.mailfrom=(@x; dmarc=fail; dkim=none header.i=);"
        "dmarc=pass header.from=momah.gov.sa",
        "none",
    ),
    (
        f'{BORDER}; spf=none smtp.mailfrom="@x; dmarc=none; dkim=none header.i=";'
        "dmarc=pass header.from=momah.gov.sa",
        "none",
    ),
    # not to be understood: nothing is proved
    (f"{BORDER}; dmarc=pass (unclosed", "none"),
    (f'{BORDER}; dmarc=pass header.from="momah.gov.sa', "none"),
    (f"{BORDER}; dmarc=pass \\" + "(" * 5000, "none"),
    (f"{BORDER}; dmarc=pass; " + "x" * 20_000, "none"),
    # for nobody, or for another domain
    (f"{BORDER}; dmarc=pass", "none"),
    (f"{BORDER}; dmarc=pass policy.dmarc=none", "none"),
    (f"{BORDER}; dmarc=pass (header.from=momah.gov.sa)", "none"),
    (f"{BORDER}; dkim=pass header.from=momah.gov.sa; dmarc=pass", "none"),
    (f"{BORDER}; dmarc=pass header.from=", "none"),
    (f"{BORDER}; dmarc=pass header.from=evil.example", "none"),
    (f"{BORDER}; dmarc=pass header.from=gov.sa", "none"),
    (f"{BORDER}; dmarc=pass header.from=sa", "none"),
    (f"{BORDER}; dmarc=pass header.from=evilmomah.gov.sa", "none"),
    (f"{BORDER}; dmarc=pass header.from=momah.gov.sa.evil.example", "none"),
    (f"{BORDER}; dmarc=pass header.from=xmomah.gov.sa", "none"),
    # by somebody else
    ("mx.evil.example; dmarc=pass header.from=momah.gov.sa", "none"),
    (f"x{BORDER}; dmarc=pass header.from=momah.gov.sa", "none"),
    (f"{BORDER}.evil.example; dmarc=pass header.from=momah.gov.sa", "none"),
    (f"evil.example {BORDER}; dmarc=pass header.from=momah.gov.sa", "none"),
    (f"{BORDER} evil; dmarc=pass header.from=momah.gov.sa", "none"),
    (f"evil.example ({BORDER}); dmarc=pass header.from=momah.gov.sa", "none"),
    (f"dmarc=pass header.from=momah.gov.sa; {BORDER}", "none"),
    ("dmarc=pass header.from=momah.gov.sa", "none"),
]


@each(("field", "dmarc"), NOT_PROVED)
def test_anything_else_proves_nothing(field: str, dmarc: str) -> None:
    assert verdict(field) == (False, dmarc)


def test_without_any_field_nothing_is_proved() -> None:
    assert verdict() == (False, "none")


def test_a_forged_field_below_ours_is_not_asked() -> None:
    forged = f"{BORDER}; dmarc=pass header.from=momah.gov.sa"

    assert verdict(f"{BORDER}; dmarc=fail", forged) == (False, "fail")
    assert verdict(f"{BORDER}; spf=none", "evil.example; spf=none", forged) == (False, "none")
    assert verdict(f"{BORDER}; dmarc=pass (unclosed", forged) == (False, "none")
    assert verdict(f"{BORDER}; dmarc=none", forged) == (False, "none")


SPF = f"{BORDER}; spf=pass smtp.mailfrom=momah.gov.sa"
PASS = f"{BORDER}; dmarc=pass header.from=momah.gov.sa"


def test_only_the_topmost_field_of_our_border_proves() -> None:
    """One further down may be the sender's, where the border removes none (DESIGN §2)."""
    assert verdict("relay.example; spf=none", PASS, SPF) == (True, "pass")
    assert verdict(SPF, PASS) == (False, "none")
    assert verdict(SPF, "evil.example; spf=pass", PASS) == (False, "none")
    assert verdict(f"{BORDER}; spf=none smtp.mailfrom=(; dmarc=none; x=)", PASS) == (False, "none")


@pytest.mark.parametrize("fail", [f"{BORDER}; dmarc=fail", f"{BORDER}; dmarc=fail header.from=x.example"])
def test_a_fail_in_any_field_of_our_border_wins(fail: str) -> None:
    assert verdict(SPF, fail) == (False, "fail")
    assert verdict(PASS, fail) == (False, "fail")
    assert verdict(fail, PASS) == (False, "fail")
    assert verdict(PASS, "relay.example; spf=none", fail) == (False, "fail")
    assert verdict(PASS, *["relay.example; spf=none"] * 500, fail) == (False, "fail")


def test_fields_of_other_servers_above_ours_are_passed_over() -> None:
    assert verdict("relay.example; dmarc=fail", f"{BORDER}; dmarc=pass header.from=momah.gov.sa") == (
        True,
        "pass",
    )


def test_our_field_below_a_mountain_of_others_is_not_looked_for() -> None:
    assert verdict(
        *["relay.example; dmarc=fail"] * 500, f"{BORDER}; dmarc=pass header.from=momah.gov.sa"
    ) == (False, "none")


def test_nothing_is_trusted_while_no_authserv_id_is_configured() -> None:
    assert verdict(f"{BORDER}; dmarc=pass header.from=momah.gov.sa", authserv_id=None) == (False, "none")
    assert verdict(f"{BORDER}; dmarc=fail", authserv_id=None) == (False, "none")
    assert verdict(MICROSOFT, authserv_id=None) == (False, "none")


def test_the_form_without_an_id_counts_only_where_it_is_configured_and_topmost() -> None:
    assert verdict(MICROSOFT, authserv_id="") == (True, "pass")
    assert verdict(MICROSOFT, authserv_id=BORDER) == (False, "none")
    assert verdict("relay.example; spf=none", MICROSOFT, authserv_id="") == (False, "none")
    assert verdict(f"{BORDER}; dmarc=pass header.from=momah.gov.sa", authserv_id="") == (False, "none")
    assert verdict(MICROSOFT.replace("dmarc=pass", "dmarc=fail"), MICROSOFT, authserv_id="") == (
        False,
        "fail",
    )


def test_the_form_without_an_id_needs_the_domain_of_from_too() -> None:
    assert verdict("spf=pass smtp.mailfrom=momah.gov.sa;dmarc=pass action=none", authserv_id="") == (
        False,
        "none",
    )
    assert verdict(MICROSOFT, authserv_id="", sender="a@evil.example") == (False, "none")


@pytest.mark.parametrize(
    "head",
    [
        b"Authentication-Results :%s\r\nFrom: %s\r\n",
        b"Authentication-Results\t: %s\r\nFrom: %s\r\n",
        b"X-Trace: x\rAuthentication-Results: %s\rFrom: %s\r",
        b"X-Trace: x\rAuthentication-Results: %s\r\nFrom: %s\r\n",
        b"Authentication-Results: %s\r\rx\r\nFrom: %s\r\n",
        b"X-Trace: x\r\n \t\r\nAuthentication-Results: %s\r\nFrom: %s\r\n",
        b"X-Trace: x\r\nno header\r\nAuthentication-Results: %s\r\nFrom: %s\r\n",
    ],
)
def test_a_field_that_only_a_lenient_reader_finds_proves_nothing_and_may_refute(head: bytes) -> None:
    """What removes forged fields at the border does not see them; we do, and so must doubt them."""
    passed, failed = (
        parse(
            head % (f"{BORDER}; dmarc={word} header.from=momah.gov.sa".encode(), SENDER.encode()) + b"\r\nx"
        )
        for word in ("pass", "fail")
    )

    assert len(passed.all_headers("authentication-results")) == 1
    assert not judge(passed, BORDER).authenticated
    assert judge(failed, BORDER).dmarc == "fail"


def test_a_loose_field_below_the_borders_own_takes_nothing_from_it() -> None:
    true = f"Authentication-Results: {BORDER}; dmarc=pass header.from=momah.gov.sa\r\n"
    loose = f"Authentication-Results : x.example; dmarc=pass\r\nSubject : x\r\nFrom : {SENDER}\r\n\r\nx"

    assert judge(parse((true + loose).encode()), BORDER).authenticated


def test_an_internal_header_that_only_a_lenient_reader_finds_proves_nothing() -> None:
    strict, loose = (
        parse(f"X-Internal{blank}: yes\r\nFrom: {SENDER}\r\n\r\nx".encode()) for blank in ("", " ")
    )

    assert judge(strict, None, ("X-Internal", "yes")).authenticated
    assert not judge(loose, None, ("X-Internal", "yes")).authenticated


def test_the_form_without_an_id_is_read_from_its_first_result() -> None:
    assert verdict("dmarc=pass header.from=momah.gov.sa", authserv_id="") == (True, "pass")
    assert verdict("dmarc=pass (unclosed", authserv_id="") == (False, "none")


def test_the_authserv_id_is_compared_without_case_and_spaces() -> None:
    assert verdict(f"{BORDER}; dmarc=pass header.from=momah.gov.sa", authserv_id=f" {BORDER.upper()} ") == (
        True,
        "pass",
    )


@each(
    "senders",
    [
        (),
        (SENDER, "other@evil.example"),
        (SENDER, SENDER),
        ("",),
        ("momah.gov.sa",),
        ("@momah.gov.sa",),
        ("a@",),
        ("a@evil.example@momah.gov.sa",),
        ('"a@evil.example"@momah.gov.sa',),
        ("a b@momah.gov.sa",),
        ("<a@momah.gov.sa>",),
        ("a(comment)@momah.gov.sa",),
        ("a@[10.0.0.1]",),
    ],
)
def test_without_exactly_one_plain_from_address_nobody_is_authenticated(senders: tuple[str, ...]) -> None:
    internal = ("x-internal", "yes")

    found = judge(
        mail(f"{BORDER}; dmarc=pass header.from=momah.gov.sa", sender=senders, x_internal="yes"),
        BORDER,
        internal,
        None,
    )

    assert not found.authenticated


def test_two_from_headers_are_two_even_if_only_one_could_be_read() -> None:
    doubled = IncomingMail(
        headers=(
            ("authentication-results", f"{BORDER}; dmarc=pass header.from=momah.gov.sa"),
            ("from", SENDER),
            ("from", "?"),
        ),
        from_addresses=(Address("", SENDER),),
    )

    assert not judge(doubled, BORDER, None, None).authenticated


def test_a_fail_is_told_even_when_from_is_broken() -> None:
    assert judge(mail(f"{BORDER}; dmarc=fail", sender=()), BORDER, None, None).dmarc == "fail"


def test_a_name_that_looks_like_an_address_is_not_the_address() -> None:
    spoofed = IncomingMail(
        headers=(("authentication-results", f"{BORDER}; dmarc=pass header.from=evil.example"),),
        from_addresses=(Address(SENDER, "x@evil.example"),),
    )

    # It is authenticated, as x@evil.example, and as nobody else.
    assert judge(spoofed, BORDER, None, None).authenticated


def test_an_arabic_domain_is_the_same_in_both_spellings() -> None:
    field = f"{BORDER}; dmarc=pass header.from=xn--mgbh0fb.xn--mgberp4a5d4ar"

    assert verdict(field, sender="a@مثال.السعودية") == (True, "pass")


# ---- the internal header -------------------------------------------------------------------------

INTERNAL = ("X-MS-Exchange-Organization-AuthAs", "Internal")


@pytest.mark.parametrize(
    ("values", "authenticated"),
    [
        (("Internal",), True),
        (("internal ",), True),
        (("Internal", "Internal"), True),
        (("Anonymous",), False),
        (("Internal, Anonymous",), False),
        (("Internal", "Anonymous"), False),
        (("Anonymous", "Internal"), False),
        (("",), False),
        ((), False),
    ],
)
def test_the_internal_header_counts_with_its_value_and_alone(
    values: tuple[str, ...], authenticated: bool
) -> None:
    headers = tuple((INTERNAL[0].lower(), value) for value in values)
    internal = IncomingMail(headers=headers, from_addresses=(Address("", SENDER),))

    assert judge(internal, None, INTERNAL, None).authenticated is authenticated
    assert not judge(internal, None, None, None).authenticated


def test_an_internal_header_without_a_value_never_counts() -> None:
    anything = mail(x_internal="")

    assert not judge(anything, None, ("x-internal", ""), None).authenticated


def test_a_fail_outweighs_the_internal_header() -> None:
    found = judge(mail(f"{BORDER}; dmarc=fail", x_internal="yes"), BORDER, ("X-Internal", "yes"), None)

    assert (found.authenticated, found.dmarc) == (False, "fail")


# ---- the spam header -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "value", "is_spam"),
    [
        (("X-Spam-Flag", "YES"), "YES", True),
        (("X-Spam-Flag", "YES"), "yes", True),
        (("X-Spam-Flag", "YES"), "NO", False),
        (("X-Spam-Flag", "YES"), "YESTERDAY", False),
        (("X-Spam-Flag", "Yes"), "Yes, score=9.1 required=5.0", True),
        (("X-Spam-Flag", "5"), "50", False),
        (("X-Spam-Flag", ""), "whatever", True),
        (("X-Spam-Flag", ""), "", True),
        (("X-Other", "YES"), "YES", False),
        (("X-Other", ""), "YES", False),
    ],
)
def test_the_spam_header_counts_with_its_value(wanted: tuple[str, str], value: str, is_spam: bool) -> None:
    assert judge(mail(x_spam_flag=value), None, None, wanted).is_spam is is_spam


def test_without_a_configured_header_nothing_is_spam() -> None:
    assert not judge(mail(x_spam_flag="YES"), None, None, None).is_spam


def test_spam_may_be_authenticated_and_says_both() -> None:
    found = judge(
        mail(f"{BORDER}; dmarc=pass header.from=momah.gov.sa", x_spam_flag="YES"),
        BORDER,
        None,
        ("X-Spam-Flag", "YES"),
    )

    assert (found.authenticated, found.is_spam) == (True, True)


# ---- in general ----------------------------------------------------------------------------------


@each("field", [*PROVED, *(field for field, _ in NOT_PROVED)])
def test_the_reason_is_one_line_without_the_address(field: str) -> None:
    why = judge(mail(field), BORDER, None, None).why

    assert why
    assert "\n" not in why
    assert SENDER not in why


FIELD_LETTERS = st.text(alphabet='mxdarcpsfiln=;()"\\ ./@1', max_size=60)


@given(st.lists(FIELD_LETTERS | st.text(max_size=60), max_size=4), st.sampled_from([None, "", BORDER, "mx"]))
def test_any_field_is_judged_without_an_error(fields: list[str], authserv_id: str | None) -> None:
    assert isinstance(judge(mail(*fields), authserv_id, None, None), Authenticity)


SAID = [SPF, f"{BORDER}; dmarc=none", f"{BORDER}; dmarc=fail", f"{BORDER}; dmarc=pass (", f"{BORDER}; none"]
SENT = st.lists(
    st.sampled_from([PASS, SPF, "evil.example; dmarc=pass header.from=momah.gov.sa"]) | FIELD_LETTERS,
    max_size=4,
)


@given(st.lists(st.sampled_from(SAID), max_size=3), SENT)
def test_nothing_below_our_topmost_field_is_proof(more: list[str], sent: list[str]) -> None:
    assert not verdict(SPF, *more, *sent)[0]


@given(st.sampled_from([f"{BORDER}; dmarc=none", f"{BORDER}; dmarc=fail", f"{BORDER}; dmarc=pass ("]), SENT)
def test_nothing_below_our_own_dmarc_result_is_proof(own: str, sent: list[str]) -> None:
    assert not verdict(SPF, own, *sent)[0]


@given(FIELD_LETTERS)
def test_no_comment_or_quoted_value_adds_a_pass(smuggled: str) -> None:
    inert = smuggled.replace("\\", "").replace('"', "").replace("(", "").replace(")", "")

    assert verdict(f"{BORDER}; spf=none ({inert}; dmarc=pass)") == (False, "none")
    for blank in ("", " "):
        quoted = f'smtp.mailfrom="{inert};{blank}dmarc=pass header.from=momah.gov.sa"'
        assert verdict(f"{BORDER}; spf=none {quoted}") == (False, "none")


def test_a_field_longer_than_any_of_ours_proves_nothing() -> None:
    field = f"{BORDER}; dmarc=pass header.from=momah.gov.sa"

    assert verdict(f"{field} ({'x' * 9_000})") == (True, "pass")
    assert verdict(f"{field} ({'x' * 10_000})") == (False, "none")


@pytest.mark.parametrize("sign", [";", "; ", ";\t"])
def test_a_sign_in_quotes_divides_nothing(sign: str) -> None:
    quoted = f'smtp.mailfrom="a{sign}dmarc=pass header.from=momah.gov.sa"'

    assert verdict(f"{BORDER}; spf=none {quoted}") == (False, "none")


@given(st.text(min_size=1, max_size=300))
def test_a_sender_name_is_read_without_an_error(email: str) -> None:
    judge(mail(f"{BORDER}; dmarc=pass header.from={email}", sender=email), BORDER, None, None)
