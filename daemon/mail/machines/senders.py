"""Reads from a sender's address and name who writes: mail systems, and senders that read no answers.

Local parts that mail systems and list managers have by standard or custom stand here; the words of people's
languages stand in the language files.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.machines.signs import Signs, one_of

_END: Final = r"(?:$|[-+=_.@\d])"
_DAEMON: Final = re.compile(
    one_of(
        r"mailer[-_.]?daemon",
        r"mail[-_.]?daemon",
        r"post[-_.]?master",  # RFC 5321, section 4.5.1: a role, and what bounces come from
        r"(?:double-?)?bounces?",
        r"bounced?-?mail",
        r"mail[-_.]?delivery[\w.-]{0,40}",
        r"delivery[-_.]?(?:subsystem|status|failure)",
        r"smtp[-_.]?daemon",
        r"microsoftexchange[0-9a-f]+",
        r"complaints?[-_.]?mail",
        r"(?:notification[-_.]?)?ndr",
    )
    + _END
)
_DAEMON_NAME: Final = lazy(lambda: _words("mail_systems"))
# Mail systems call themselves so, and so do people who run them: these need a second sign.
_PERHAPS_DAEMON: Final = re.compile(
    r"(?:mailer|delivery|mta|mmdf|mdaemon|post_?office|symantec_?antivirus\w{0,40})" + _END
)
_PERHAPS_DAEMON_NAME: Final = lazy(lambda: _words("perhaps_mail_systems"))
_MAILER_DAEMON: Final = re.compile(r"mailer[-_.]?daemon|mail[-_.]?daemon|double-?bounce")

_MACHINE: Final = one_of(
    r"auto(?:mat)?(?:ic|ed)?[-_.]?(?:reply|responder|mailer|response|confirm)",
    r"autoresponder",
    r"vacation",
    r"listserv",
    r"majordomo",
    r"mailman",
    r"(?:ana)?cron",
    r"unattended",
    r"[^@]{1,200}-bounces?",
    r"(?:[^@]{0,200}[-_.])?(?:news\w{0,10}|lists?|listserv|majordomo|mailman|announce\w{0,8}|users|members|discuss\w{0,4}"
    r"|dev(?:el)?|digest|subscribers?)(?:-l)?-(?:owner|request)",
    r"owner-(?:news|list|announce|users|members|discuss|dev)[^@]{0,200}",
)
_READS_NOTHING: Final = lazy(
    lambda: (
        rf"(?:(?:.{{0,100}}[-_.+])?{_words('no_reply')}(?:[-_.+\d].{{0,200}})?"
        rf"|(?:.{{0,100}}[-_.])?noreply\w{{0,60}}|{_MACHINE})"
    )
)
# RFC 2142, section 6: list managers, whom vacation(1) never answered either; and people who own a house.
_PERHAPS_MANAGER: Final = re.compile(r"[^@]{1,200}-(?:owner|request)|owner-[^@]{1,200}")
_MANAGED: Final = lazy(lambda: lexicon.words("newsletters", "managed"))
_MANAGER_PATH: Final = re.compile(r"-(?:owner|request|bounces?)\b|\bowner-")
# The name says whom it is about from its start or behind a mark, and nothing of its own: "The office does
# not reply to me" is a person's name of despair.
_NAME_START: Final = r"(?:^|[-–—|:(\[/_,])[\W_]*"
_NAME_END: Final = r"(?=\s*(?:$|[-–—|:)\]/_,\"'.!*]))"
_SILENT_NAME: Final = lazy(
    lambda: (
        rf"{_words('no_reply_names')}|{_NAME_START}{_words('no_reply_titles')}{_NAME_END}"
        rf"|^\W*{_words('no_reply_openings')}{_NAME_END}"
    )
)


def is_mail_system(signs: Signs) -> bool:
    """MAILER-DAEMON, postmaster and their like wrote it."""
    return bool(_DAEMON.match(signs.local) or _DAEMON_NAME.search(signs.from_value))


def is_perhaps_mail_system(signs: Signs) -> bool:
    """A name that mail systems share with the people who keep them."""
    return bool(_PERHAPS_DAEMON.match(signs.local) or _PERHAPS_DAEMON_NAME.search(signs.from_value))


def is_mailer_daemon(signs: Signs) -> bool:
    """Nothing but bounces comes from this local part."""
    return _MAILER_DAEMON.match(signs.local) is not None


def reads_no_answers(signs: Signs) -> bool:
    """No-reply addresses, responders, list managers and jobs, by address or by display name."""
    name = signs.from_value.partition("<")[0].strip() if "<" in signs.from_value else ""
    return bool(_READS_NOTHING.fullmatch(signs.local) or _SILENT_NAME.search(name) or _manages_a_list(signs))


def _words(key: str) -> str:
    return lexicon.words("senders", key)


def _manages_a_list(signs: Signs) -> bool:
    """A manager's address, and a second sign: where errors go, or words that list programs use."""
    if not _PERHAPS_MANAGER.fullmatch(signs.local):
        return False
    paths = (signs.header(name) for name in ("errors-to", "x-errors-to", "x-sender"))
    return any(_MANAGER_PATH.search(path) for path in paths) or bool(
        _MANAGED.search(signs.subject) or _MANAGED.search(signs.head)
    )
