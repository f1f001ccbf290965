"""What the reader is told before and after the play: where things are, and what to try."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from daemon.sandbox.configuration import ADMIN
from daemon.sandbox.messages import DESK, SARA, TEAM
from daemon.sandbox.pages import Web
from daemon.sandbox.servers import HOST, REFUSING, VERDICTS
from daemon.sandbox.stage import Stage

REQUEST = "202699001"
ANSWER = "اطلعنا على شكواكم، وسنفيدكم بما يستجد."
COMPLAINT = f"رقم الطلب {REQUEST} وقد تجاوز المدة دون أي إجراء. جوالي 0541112233"


def before(stage: Stage) -> None:
    stage.screen.title("Shakwa (شكوى): the complaint desk of the Furas platform, played on this machine")
    stage.screen.tell(
        "Citizens complain by e-mail; each complaint becomes a ticket with a number and a team, and the "
        "citizen is told by e-mail and SMS. The daemon below is the real one. The mail servers, the SMS "
        "console and the database are inside this program, and nothing leaves the machine. What stands "
        "after a | is a letter or an SMS as its reader sees it.",
        f"The desk: {DESK}. The team: {TEAM}.",
    )


def after(stage: Stage, program: str) -> None:
    """Once everything is going to be taken down."""
    stage.screen.line()
    stage.screen.tell("Try next:")
    for what, how in (
        ("send a complaint yourself, look around with the other commands", f"{program} sandbox --keep"),
        ("see ten business days pass and the deadlines fall due", f"{program} sandbox --fast"),
    ):
        stage.screen.tell(f"- {what}:")
        stage.screen.line(f"      {how}")
    stage.screen.tell("- a desk of your own: README.md, and config/shakwa.toml, which explains every key")


def addresses(stage: Stage, folder: Path, program: str) -> None:
    """Everything that is needed to use the running desk from another terminal."""
    screen, post = stage.screen, stage.post
    config = folder / "shakwa.toml"
    command = f"{program} --config {shlex.quote(str(config))}"
    screen.act("It keeps running")
    for name, value in (
        ("IMAP", f"{HOST}:{post.imap_port}  user {DESK}  password {post.password}  (no TLS)"),
        ("SMTP", f"{HOST}:{post.smtp_port}  (no TLS, no login)"),
        ("config", str(config)),
        ("letters", f"{post.folder}  (each mail of the desk, as a file)"),
        ("web", f"{stage.web.url}  (the links in the letters and SMS lead to the citizen's own pages)"),
        ("admin", f"{stage.web.url}/admin/  name {ADMIN}  password {stage.web.password}"),
        ("SMS", str(folder / "data" / "sms.jsonl")),
    ):
        screen.line(f"    {name:8} {value}")
    screen.line()
    screen.tell("Send a complaint yourself (twice: the second one joins the first):")
    screen.line()
    screen.line(f"{_python(post.smtp_port)}")
    screen.line()
    screen.tell("or, with curl:")
    screen.line()
    screen.line(f"{_curl(post.smtp_port)}")
    screen.line()
    screen.tell("Look around from another terminal:")
    screen.line()
    for arguments in (
        "tickets list",
        "mail list",
        "mail explain 1",
        "outbox list",
        "outbox show 1",
        "doctor",
    ):
        screen.line(f"{command} {arguments}")
    screen.line()
    screen.tell(
        f"Answer as staff: the mailboxes of {TEAM} and of {SARA.address} are the files of the folder above. "
        "This answers the latest notice that takes answers, as Sara's mail program would. What it says goes "
        "to the citizen; a first line such as #حل (with the outcome below it), #بيانات, #ملاحظة or #مساعدة "
        "is an order:"
    )
    screen.line()
    screen.line(_answer(post.folder, post.smtp_port))
    screen.line()
    screen.tell(f"Open a complaint of the telephone by the intake API, at {stage.web.url}:")
    screen.line()
    screen.line(_call(stage.web))
    screen.line()
    unproven, forged = VERDICTS
    screen.tell(
        "Change the sender's domain to see the desk be careful:",
        f"- somebody@{unproven}: the sender is not proved; the answer repeats nothing that the sender wrote",
        f"- somebody@{forged}: the sender is refuted; the mail is quarantined and nobody is answered",
        f"- somebody@{REFUSING}: takes no mail; the team is told that the citizen was not reached",
    )
    if stage.days_in_s is not None:
        screen.tell(f"The clock runs on fast: one second is {stage.speed / 3600:.1f} hours.")
    screen.line()
    screen.tell("What happens is told below. Ctrl-C ends it.")
    screen.line()


def _python(port: int) -> str:
    lines = (
        "import smtplib; from email.message import EmailMessage; m = EmailMessage(); "
        f'm["From"] = "سعد الدوسري <saad@example.net>"; m["To"] = "{DESK}"; m["Subject"] = "شكوى"; '
        f'm.set_content("{COMPLAINT}"); smtplib.SMTP("{HOST}", {port}).send_message(m)'
    )
    return f"python3 -c '{lines}'"


def _answer(folder: Path, port: int) -> str:
    lines = (
        "import email, glob, smtplib; from email.message import EmailMessage; "
        "from email.policy import default; "
        f'found = [email.message_from_binary_file(open(one, "rb"), policy=default) '
        f'for one in sorted(glob.glob("{folder}/*-{TEAM}.eml"))]; '
        'notice = [one for one in found if "+" in str(one["Reply-To"])][-1]; m = EmailMessage(); '
        f'm["From"] = "{SARA.name} <{SARA.address}>"; m["To"] = notice["Reply-To"]; '
        'm["Subject"] = "Re: " + notice["Subject"]; m["In-Reply-To"] = notice["Message-ID"]; '
        f'm.set_content("{ANSWER}"); smtplib.SMTP("{HOST}", {port}).send_message(m)'
    )
    return f"python3 -c '{lines}'"


def _call(web: Web) -> str:
    complaint = {
        "channel": "phone",
        "text": "تعذر رفع المستندات",
        "request_number": REQUEST,
        "requester": {"phone": "0562223344"},
    }
    document = json.dumps(complaint, ensure_ascii=False)
    return (
        f"curl -sS {web.url}/api/v1/complaints -H 'Authorization: Bearer {web.key}' "
        f"-H 'Content-Type: application/json' -d '{document}'"
    )


def _curl(port: int) -> str:
    fields = (
        "From: saad@example.net",
        f"To: {DESK}",
        "Subject: شكوى",
        "Content-Type: text/plain; charset=utf-8",
        "",
        COMPLAINT,
    )
    return (
        f"printf '{''.join(field + chr(92) + 'r' + chr(92) + 'n' for field in fields)}' | "
        f"curl -sS smtp://{HOST}:{port} --mail-from saad@example.net --mail-rcpt {DESK} --upload-file -"
    )
