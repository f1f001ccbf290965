"""Writes the configuration file of the sandbox: an ordinary one, with which every other command works too."""

from __future__ import annotations

import hashlib
import json
import secrets

from daemon.sandbox.messages import DESK, FOLLOW_UP, MONA, OPERATOR, SARA, TEAM
from daemon.sandbox.pages import Web
from daemon.sandbox.servers import AUTHSERV_ID, HOST, PostOffice

ADMIN = "Sandbox"
"""Who may sign in at /admin/."""


def toml(post: PostOffice, web: Web, password_hash: str) -> str:
    """The file's text. Its paths are relative to the folder it stands in. `password_hash`: the admin's."""
    web_port = int(web.url.rpartition(":")[2])
    return f"""\
# Written by `run.py sandbox` for this one run. Everything in it is on this machine only.

[service]
public_url = "{web.url}"
data_dir = "data"
secret_key = "{secrets.token_hex(32)}"
operator = "{OPERATOR}"

[mailbox]
address = "{DESK}"
host = "{HOST}"
port = {post.imap_port}
security = "none"
password = {json.dumps(post.password)}
authserv_id = "{AUTHSERV_ID}"

[smtp]
host = "{HOST}"
port = {post.smtp_port}
security = "none"

[sms]
gateway = "console"
sender = "FURAS"

[sms.console]
path = "sms.jsonl"

[web]
enabled = true
host = "{HOST}"
port = {web_port}

[[teams]]
name = "care"
address = "{TEAM}"

[[teams]]
name = "follow-up"
address = "{FOLLOW_UP}"
escalation = true

[[staff]]
name = "{SARA.name}"
email = "{SARA.address}"
teams = ["care"]

[[staff]]
name = "{MONA.name}"
email = "{MONA.address}"
teams = ["follow-up"]

[[admins]]
name = "{ADMIN}"
password_hash = "{password_hash}"
email = "admin@{DESK.rpartition("@")[2]}"

[[api_clients]]
name = "call-centre"
key_hash = "{hashlib.sha256(web.key.encode()).hexdigest()}"
channels = ["phone"]
"""
