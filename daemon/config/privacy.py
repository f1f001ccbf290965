"""What the ministry tells people of their data: [privacy]."""

from __future__ import annotations

from daemon.config.values import Table, WebAddress, key


class Privacy(Table):
    """What becomes of what people tell us of themselves."""

    notice_url: WebAddress | None = key(
        None,
        "The privacy notice that the foot of every mail to a citizen leads to.",
        says="no link",
        example="https://momah.example.sa/privacy",
        shown=False,
    )
