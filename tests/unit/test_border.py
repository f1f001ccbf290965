"""Which lines of a header our own servers wrote: all above the Received of the border, and none below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.parse import parse
from daemon.mail.trust.authenticity import Authenticity, judge
from daemon.mail.trust.border import plain, read
from tests.each import each

MX = "mx.momah.gov.sa"
SENDER = "a.ali@momah.gov.sa"
PASS = f"Authentication-Results: {MX}; dmarc=pass header.from=momah.gov.sa"
DKIM = f"Authentication-Results: {MX};\r\n\tdkim=pass header.d=momah.gov.sa"
FAIL = f"Authentication-Results: {MX}; dmarc=fail header.from=momah.gov.sa"
FROM_OUTSIDE = (
    f"Received: from out.example.org (out.example.org [203.0.113.7])\r\n"
    f"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
    f"\tby {MX} (Postfix) with ESMTPS id 4A1\r\n\tfor <infocs@momah.gov.sa>; Mon, 30 Nov 2026 09:00:00 +0300"
)
DOVECOT = (
    f"Received: from {MX} ([127.0.0.1])\r\n\tby {MX} with LMTP\r\n\tid aGb (envelope-from <x@e.org>)\r\n"
    f"\tfor <infocs@momah.gov.sa>; Mon, 30 Nov 2026 09:00:01 +0300"
)
AMAVIS = (
    f"Received: from localhost (localhost [127.0.0.1])\r\n\tby {MX} (Postfix) with ESMTP id 4A2;\r\n"
    f"\tMon, 30 Nov 2026 09:00:01 +0300"
)
INNER = (
    f"Received: from {MX} ({MX} [10.0.0.5]) by imap.momah.gov.sa (Postfix) with ESMTP id 7;"
    " Mon, 30 Nov 2026 09:00:02 +0300"
)
FORGED = [
    PASS,
    f"Received: from x (x [198.51.100.1]) by {MX} with ESMTP id 9; Mon, 30 Nov 2026 08:00:00 +0300",
]


def judged(*lines: str, border: tuple[str, ...] = (), authserv_id: str = MX) -> Authenticity:
    raw = "\r\n".join((*lines, f"From: {SENDER}", "", "x")).encode()
    return judge(parse(raw), authserv_id, border=border)


@each(
    "lines",
    [
        [PASS, FROM_OUTSIDE],
        [DKIM, PASS, FROM_OUTSIDE],
        [PASS, DKIM, FROM_OUTSIDE],
        ["Return-Path: <x@example.org>", DOVECOT, DKIM, PASS, FROM_OUTSIDE],
        [DOVECOT, AMAVIS, PASS, FROM_OUTSIDE],
        [INNER, PASS, FROM_OUTSIDE],
        [DOVECOT, INNER, PASS, FROM_OUTSIDE],
        ["Authentication-Results: relay.example; dmarc=fail", PASS, FROM_OUTSIDE],
        [PASS.replace("Authentication", "AUTHENTICATION"), FROM_OUTSIDE.replace("Received", "RECEIVED")],
        [PASS, *FORGED, FROM_OUTSIDE],
        [PASS, f"Received: by {MX} (Postfix, from userid 1000)\r\n\tid 5; Mon, 30 Nov 2026 09:00:00 +0300"],
        [PASS, FROM_OUTSIDE, FAIL],
    ],
)
def test_every_field_above_the_borders_line_counts(lines: list[str]) -> None:
    for border in ((), (MX,), (".momah.gov.sa",)):
        if border == (".momah.gov.sa",) and INNER in lines:
            continue  # the inner server is one of those names, too
        assert judged(*lines, border=border).authenticated, border


@each(
    "lines",
    [
        [FROM_OUTSIDE, *FORGED],
        [FROM_OUTSIDE, PASS],
        [DKIM, FROM_OUTSIDE, *FORGED],
        [DOVECOT, FROM_OUTSIDE, *FORGED],
        [DOVECOT, DKIM, FROM_OUTSIDE, PASS, DOVECOT, *FORGED],
        [FROM_OUTSIDE, DOVECOT, PASS, FROM_OUTSIDE],
        [FROM_OUTSIDE, AMAVIS, PASS, FROM_OUTSIDE],
        [FROM_OUTSIDE, INNER, PASS, FROM_OUTSIDE],
        [INNER, FROM_OUTSIDE, *FORGED],
        [FROM_OUTSIDE.replace("from out", "from [127.0.0.1] out"), *FORGED],
        [FROM_OUTSIDE.replace("from out", "from localhost (localhost [127.0.0.1]) out"), *FORGED],
        [FROM_OUTSIDE.replace("\r\n\t", " ").replace(MX, f"\r\n {MX}"), *FORGED],
    ],
)
def test_no_field_below_the_borders_line_counts(lines: list[str]) -> None:
    for border in ((), (MX,)):
        found = judged(*lines, border=border)

        assert (found.authenticated, found.verdict) == (False, "absent"), border


@pytest.mark.parametrize("order", [[PASS, FAIL], [FAIL, PASS], [DKIM, FAIL, PASS]])
def test_a_refutation_among_the_borders_fields_outweighs_a_pass(order: list[str]) -> None:
    assert judged(*order, FROM_OUTSIDE).verdict == "fail"


@pytest.mark.parametrize(
    "doubt",
    [
        f"Authentication-Results: {MX}; dmarc=none header.from=momah.gov.sa",
        f"Authentication-Results: {MX}; dmarc=temperror",
        f"Authentication-Results: {MX}; dmarc=pass (unclosed",
        f"Authentication-Results: {MX}; dmarc=pass header.from=example.org",
        f"Authentication-Results : {MX}; dkim=pass",
    ],
)
def test_fields_of_the_border_that_disagree_prove_nothing(doubt: str) -> None:
    for order in ([PASS, doubt], [doubt, PASS]):
        found = judged(*order, FROM_OUTSIDE)

        assert not found.authenticated, order


def test_a_mail_that_did_not_pass_the_named_border_is_not_proved() -> None:
    assert not judged(PASS, border=(MX,)).authenticated
    assert not judged(PASS, FROM_OUTSIDE, border=("mx2.momah.gov.sa",)).authenticated


def test_a_relay_of_ours_above_the_border_is_known_by_its_name_alone() -> None:
    """One that does not say whom it knew the client as may have been spoken to by anybody."""
    exchange = (
        f"Received: from {MX} (10.0.0.5) by ex1.momah.local (10.0.0.6) with Microsoft SMTP Server id 15"
    )

    assert not judged(exchange, PASS, FROM_OUTSIDE).authenticated
    assert judged(exchange, PASS, FROM_OUTSIDE, border=(MX,)).authenticated


def test_a_machine_in_the_house_is_no_relay_of_ours_by_its_address_alone() -> None:
    for name in ("pc17.momah.local", "unknown"):
        pc = f"Received: from x ({name} [10.9.9.9]) by imap.momah.gov.sa (Postfix) with ESMTP id 1; x"

        assert not judged(pc, PASS, FROM_OUTSIDE).authenticated


def test_a_login_from_the_machine_itself_is_where_a_mail_begins() -> None:
    webmail = f"Received: from webmail (localhost [127.0.0.1]) by {MX} (Postfix) with ESMTPSA id 3; x"

    assert judged(PASS, webmail).authenticated
    assert not judged(webmail, *FORGED).authenticated


def test_microsoft_leaves_the_id_out_and_its_border_has_a_name() -> None:
    results = "spf=pass smtp.mailfrom=x; dkim=pass;dmarc=pass action=none header.from=momah.gov.sa"
    inside = (
        "Received: from DB7PR03CA0083.eurprd03.prod.outlook.com (2603:10a6:10:72::24)"
        " by VI1PR01MB1.eurprd01.prod.exchangelabs.com (2603:10a6:800::1) with Microsoft SMTP Server"
        " (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1; Mon"
    )
    border = (
        "Received: from out.example.org (203.0.113.7) by DB5EUR03FT013.mail.protection.outlook.com"
        " (10.152.20.1) with Microsoft SMTP Server id 15.20.1 via Frontend Transport; Mon"
    )
    true, forged = f"Authentication-Results: {results}", f"authentication-results: {results}"

    assert judged(inside, inside, true, border, authserv_id="").authenticated
    assert not judged(inside, inside, border, forged, border, authserv_id="").authenticated
    assert not judged(
        inside, "Authentication-Results: spf=none", border, forged, authserv_id=""
    ).authenticated
    assert judged(true, authserv_id="").authenticated


HOUSE = f"Received: from relay (relay.momah.gov.sa [10.0.0.3]) by {MX} (Postfix) with ESMTP id 2; x"
TOOK = f"by {MX} (Postfix) with ESMTP id 1; x"


@pytest.mark.parametrize(
    "way_in",
    [
        "from [203.0.113.9] (unknown [203.0.113.9]) by mail.momah.gov.sa (Postfix) with ESMTPSA id 1; x",
        "from pc (pc.momah.gov.sa [10.9.9.9]) by mail.momah.gov.sa (Postfix) with ESMTPSA id 1; x",
        "from evil (evil.example [203.0.113.9]) by mx2.momah.gov.sa (Postfix) with ESMTP id 1; x",
        'from "a (evil [203.0.113.9]) by mx2.momah.org (Postfix) with ESMTP id 1; x',
        "by mail.momah.gov.sa (Postfix, from userid 1000) id 5; x",
        "from [127.0.0.1] (Unknown_Domain) by mx2.momah.gov.sa with SMTP id 1; x",
    ],
)
def test_a_named_border_counts_for_nothing_below_another_way_in(way_in: str) -> None:
    top = f"Received: {way_in}"

    assert not judged(top, PASS, HOUSE, border=(MX,)).authenticated
    assert not judged(top, PASS, *FORGED, border=(MX,)).authenticated
    assert not judged(DOVECOT, top, PASS, HOUSE, border=(MX,)).authenticated


def test_a_login_at_exchange_online_brings_no_border_of_its_own() -> None:
    results = "Authentication-Results: spf=pass; dkim=pass; dmarc=pass header.from=momah.gov.sa"
    inside = (
        "Received: from DB9PR05MB1.eurprd05.prod.outlook.com (2603:10a6::1)"
        " by AM0PR05MB1.eurprd05.prod.outlook.com (2603:10a6::2) with HTTPS; x"
    )
    forged = (
        "Received: from x.momah.gov.sa (1.2.3.4) by AM1.mail.protection.outlook.com (10.1.1.1)"
        " with Microsoft SMTP Server id 15; x"
    )
    for client in ("203.0.113.9", "2603:1030::9", "fe80::1%5"):
        submitted = f"Received: from DB9PR05MB1.prod.outlook.com ({client}) by DB9.prod.outlook.com with A; x"

        assert not judged(inside, submitted, results, forged, authserv_id="").authenticated
        named = (".mail.protection.outlook.com",)
        assert not judged(inside, submitted, results, forged, authserv_id="", border=named).authenticated


@pytest.mark.parametrize(
    "line",
    [
        f"from [127.0.0.1] (Unknown_Domain) {TOOK}",
        f"from [127.0.0.1] {TOOK}",
        f"from [127.0.0.1] (evil [IPv6:::1%eth0]) {TOOK}",
        f"from [127.0.0.1] (evil [unknown]) {TOOK}",
        f"from x ([127.0.0.1]) (Unknown_Domain) {TOOK}",
        f"from [127.0.0.1] (helo=x) (Unknown_Domain) {TOOK}",
        f"from unknown (HELO [127.0.0.1]) (evil@203.0.113.9) {TOOK}",
        f"from unknown (evil@203.0.113.9) (HELO [127.0.0.1]) {TOOK}",
        f"from [203.0.113.9] (helo=[127.0.0.1]) {TOOK}",
        f"from x (helo=[127.0.0.1]) {TOOK}",
        f"from [127.0.0.1] (203.0.113.9) {TOOK}",
    ],
)
def test_a_word_in_helo_makes_no_hop_an_inner_one(line: str) -> None:
    hop = read(line)

    assert hop is not None
    assert not hop.is_inner
    assert not hop.is_private
    for border in ((), (MX,)):
        assert not judged(f"Received: {line}", PASS, HOUSE, border=border).authenticated


@pytest.mark.parametrize(
    "line",
    [
        f"from localhost (localhost [127.0.0.1]) {TOOK}",
        f"from localhost (localhost [127.0.0.1] (may be forged)) {TOOK}",
        f"from localhost ([127.0.0.1] helo=localhost) {TOOK}",
        f"from [127.0.0.1] (port=40000 helo=localhost) {TOOK}",
        f"from localhost (localhost [IPv6:::1]) (using TLSv1.3 with cipher A (256/256 bits)) {TOOK}",
        f"from unknown (HELO localhost) (127.0.0.1) {TOOK}",
    ],
)
def test_the_machine_itself_is_known_by_what_the_server_wrote(line: str) -> None:
    hop = read(line)

    assert hop is not None
    assert hop.is_inner


SIGNS = ["(", ")", "<", ">", '"', "\\", ";", "(localhost [127.0.0.1])"]
WORDS = st.sampled_from([*f"by with LMTP ESMTP localhost [127.0.0.1] {MX} from for id x".split(), *SIGNS])
PHRASE = st.lists(WORDS, max_size=9).map(" ".join)


@given(PHRASE, st.text(alphabet='abc+"\\ ()by<>;', max_size=12), st.lists(PHRASE, max_size=3))
def test_no_name_in_helo_and_no_recipient_moves_the_line(helo: str, rcpt: str, below: list[str]) -> None:
    took = f"(out.example.org [203.0.113.7]) by {MX} (Postfix) with ESMTP id 4 for <{rcpt}>;x"
    received = f"Received: from {helo} {took}"
    lines = [DKIM, received, *(f"Received: {line}" for line in below), *FORGED, PASS]

    for border in ((), (MX,)):
        assert not judged(*lines, border=border).authenticated


@pytest.mark.parametrize("border", [(), (MX,)])
def test_a_carriage_return_in_helo_cuts_nothing(border: tuple[str, ...]) -> None:
    inner = "Received: from a ([127.0.0.1]) by z with LMTP id 1"
    cut = f"Received: from x\r{inner}\rX: ([203.0.113.7]) by {MX} with ESMTP"

    assert not judged(DKIM, cut, *FORGED, border=border).authenticated


def test_what_stands_below_a_line_that_only_a_lenient_reader_finds_is_not_asked() -> None:
    headers = [("x", "1"), ("received", "from a by b"), ("received", "from c by d"), ("y", "2")]

    assert plain(headers, ()) == headers
    assert [value for _, value in plain(headers, (3, 2))] == ["1", '"']
    assert plain(headers, (0,)) == []


@pytest.mark.parametrize(
    ("value", "by", "protocol"),
    [
        (FROM_OUTSIDE.partition(": ")[2], MX, "esmtps"),
        (DOVECOT.partition(": ")[2], MX, "lmtp"),
        ("by mx.example (Postfix, from userid 0) id 1; Mon", "mx.example", ""),
        ("FROM a BY MX.Example. WITH smtp; Mon", "mx.example", "smtp"),
        ("from [192.0.2.1] (helo=x.example) by mx.example with esmtps (TLS1.3) tls T (Exim 4.96)"
         " (envelope-from <a@b>) id 1 for c@d; Mon", "mx.example", "esmtps"),
    ],
)  # fmt: skip
def test_a_line_is_read_as_servers_write_it(value: str, by: str, protocol: str) -> None:
    hop = read(value)

    assert hop is not None
    assert (hop.by, hop.protocol) == (by, protocol)


@each(
    "value",
    [
        *("", "by", "(by x)", "(qmail 12 invoked by uid 89); Mon", "by a by b", 'by "x"', "by x\\"),
        *("by x (with LMTP", "by x) with LMTP", "by x for <a", "by x for a>", "by x for <<a>>"),
        "by x with a with b",
    ],
)
def test_a_line_that_can_be_read_in_two_ways_or_none_is_not_understood(value: str) -> None:
    assert read(value) is None
