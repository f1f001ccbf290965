"""What `doctor` asks of the token endpoint: a token, and how long the secret behind it is still good."""

from __future__ import annotations

from daemon.cli.doctor_mail import NeedsAPerson, Unwell
from daemon.clock import Clock
from daemon.config import Config
from daemon.loops.secret_end import TOLD_DAYS_BEFORE, said_of
from daemon.mail.wire.oauth2 import TokenUnavailable


async def tokens(config: Config, clock: Clock) -> str:
    """The line on tokens. Raises Unwell where none can be had."""
    from daemon.adapters import tokens_of

    source = tokens_of(config)
    if source is None or config.oauth2 is None:
        return "not used (auth is a password)"
    today = clock.now().astimezone(config.service.timezone).date()
    ends = config.oauth2.client_secret_expires
    try:
        await source.token()
    except TokenUnavailable as failure:
        late = f"; {said_of(ends, today)}" if ends and ends < today else ""
        raise Unwell(f"no token: {failure.reason}{late}") from None
    got = f"a token came, good for {source.lifetime_s / 60:.0f} min"
    if ends is None:
        told = "nobody is told before the secret ends ([oauth2] client_secret_expires is not set)"
        return NeedsAPerson(f"{got}; {told}")
    if (ends - today).days <= TOLD_DAYS_BEFORE[0]:
        return NeedsAPerson(f"{got}; {said_of(ends, today)}")
    return f"{got}; the secret ends on {ends}"
