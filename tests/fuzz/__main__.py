"""`python -m tests.fuzz TARGET [--minutes N] [--corpus DIR] [FILE …]`: a target under libFuzzer, by atheris.

What libFuzzer finds new it keeps in `--corpus` (default: a temporary folder), which a later run may start
from; an input that breaks a promise is written to the folder `--found` and named. With FILEs those alone
are run, to see whether a finding is mended. Seeds are the sample messages, and for text what they say.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["daemon.mail", "daemon.workflow"]):
    from daemon.mail.letter.parse import parse
    from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parents[1] / "corpus"
TEXTS = frozenset({"quoting", "commands"})
SLOW_S = 2  # DESIGN: a hostile message never costs more
MOST_MB = 600  # of the whole process, instrumented; a message's own 200 MB come on top of what it holds
LONGEST_BYTES = 20_000

WORDS = (
    *("#حل", "#بيانات", "#تمديد", "#إغلاق", "#ملاحظة", "#إسناد", "#طلب", "#جوال", "#فئة", "#تصعيد", "#قبول"),
    *("#رفض", "#فتح", "#حالة", "#مساعدة", "#نيابة", "#إفراج", "#حظر", "عدم_تجاوب", "غير_مقبولة", "مكررة"),
    *("#resolve", "#close", "#note", "#behalf", "spam", "٠١٢٣٤٥٦٧٨٩", "0501234567", "\u202b", "\u200f"),
    *("في ", "كتب", "تمت كتابة ما يلي بواسطة", "من:", "إلى:", "الموضوع:", "تم الإرسال:", "On ", " wrote:"),
    *("From:", "Sent:", "Subject:", "-----Original Message-----", "________________________________", "> "),
    *(
        "## الرجاء الرد أعلى هذا السطر ##",
        "مع التحية",
        "-- ",
        "Sent from my iPhone",
        "رقم الطلب",
        "FRS-2026-",
    ),
    *("Content-Type: ", "multipart/mixed; boundary=", "--b\r\n", "=?utf-8?B?", "=?windows-1256?Q?", "?="),
    *("Content-Transfer-Encoding: base64", "quoted-printable", "message/rfc822", "charset=", "text/html"),
    *("filename*0*=", "begin 644 a\n", "end\n", "<div>", "</", "&#x", "&nbsp;", "<blockquote>", "<!--"),
    *("Auto-Submitted:", "Return-Path: <>", "message/delivery-status", "Action: failed", "Status: 5.1.1"),
    *("List-Id:", "Precedence: bulk", "Authentication-Results:", "dmarc=pass", "From: ", "To: a@b.sa, "),
)


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder) / "words"
        words.write_text("".join(f"{_quoted(word)}\n" for word in WORDS), encoding="ascii")
        asked.found.mkdir(parents=True, exist_ok=True)
        argv = [
            sys.argv[0],
            f"-max_total_time={asked.minutes * 60}",
            f"-timeout={SLOW_S}",
            f"-rss_limit_mb={MOST_MB}",
            f"-max_len={LONGEST_BYTES}",
            f"-dict={words}",
            f"-artifact_prefix={asked.found}/{asked.target}-",
            "-print_final_stats=1",
        ]
        if asked.files:
            argv += map(str, asked.files)
        else:
            corpus = asked.corpus or Path(folder) / "corpus"
            argv += [str(corpus), str(_seeds(Path(folder) / "seeds", asked.target))]
            corpus.mkdir(parents=True, exist_ok=True)
        atheris.Setup(argv, TARGETS[asked.target])
        atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--minutes", type=int, default=15)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir()) / "shakwa-fuzz")
    return parser.parse_args()


def _seeds(folder: Path, target: str) -> Path:
    folder.mkdir()
    for number, octets in enumerate(_samples()):
        seed = parse(octets).text.encode() if target in TEXTS else octets
        (folder / str(number)).write_bytes(seed[:LONGEST_BYTES])
    return folder


def _samples() -> Iterator[bytes]:
    more = os.environ.get("SHAKWA_CORPUS")
    for place in (CORPUS, *([Path(more)] if more else [])):
        for name in json.loads((place / "expected.json").read_text("utf-8")):
            yield (place / name).read_bytes()


def _quoted(word: str) -> str:
    """As libFuzzer's dictionaries want it: every octet that is no plain letter escaped."""
    return '"' + "".join(f"\\x{octet:02x}" for octet in word.encode()) + '"'


main()
