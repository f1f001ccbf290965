"""The closed lists of words that the rules, the store, the commands and the web share, each written once.

A Literal type names the words, and the tuple below it gives them in the same order at run time. What is said
to people stands in `notices`, and what may happen to a ticket in `events`.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Channel = Literal["phone", "website", "email", "x", "chatbot", "sign_language"]
"""How a complaint comes in, in the order of the guide (DESIGN §2, Channels)."""
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
InChannel = Literal["phone", "x", "chatbot", "sign_language"]
"""The channels in which the first response happens in the channel itself (DESIGN §2, Channels)."""
IN_CHANNEL: Final[tuple[InChannel, ...]] = get_args(InChannel)

DeliveryChannel = Literal["email", "sms"]
"""How a message of ours goes out."""
DELIVERY_CHANNELS: Final[tuple[DeliveryChannel, ...]] = get_args(DeliveryChannel)

DeliveryState = Literal["accepted", "delivered", "undelivered", "expired", "unknown"]
"""What is known of a message after it went out; `expired` was given up by the operators for its age."""

Language = Literal["ar", "en"]
"""What a requester is written to in; it is fixed as a complaint is opened (DESIGN §4, Language)."""
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

State = Literal["awaiting_info", "open", "resolved", "closed"]
STATES: Final[tuple[State, ...]] = get_args(State)

CloseReason = Literal["resolved", "no_response", "not_admitted", "duplicate", "withdrawn", "spam"]
CLOSE_REASONS: Final[tuple[CloseReason, ...]] = get_args(CloseReason)
OrderedCloseReason = Literal["no_response", "not_admitted", "duplicate", "withdrawn", "spam"]
"""The reasons for which an operator closes a ticket; `resolved` needs an outcome first."""
ORDERED_CLOSE_REASONS: Final[tuple[OrderedCloseReason, ...]] = get_args(OrderedCloseReason)

Category = Literal["sla_exceeded", "technical"]
"""The ground of admission (the guide, section 2)."""
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

Missing = Literal["request_number", "ground", "mobile"]
"""What a complaint may lack, in the order in which it is asked for."""
MISSING: Final[tuple[Missing, ...]] = get_args(Missing)

Escalation = Literal["", "raised", "accepted", "declined", "done"]
"""How far an escalation is; "" where there was none."""
ESCALATIONS: Final[tuple[Escalation, ...]] = get_args(Escalation)

Ground = Literal["processing_exceeded", "closed_unprocessed", "by_staff"]
"""Why a ticket is escalated: one of the guide's two cases («حالات التصعيد»), or an order of staff."""
GROUNDS: Final[tuple[Ground, ...]] = get_args(Ground)

Clock = Literal["first_response", "processing", "escalation_answer", "escalation"]
"""The times that staff must keep."""
CLOCKS: Final[tuple[Clock, ...]] = get_args(Clock)

Standstill = Literal["standstill"]
"""No time is over, and nothing goes on before staff act: what `staff_breached` says of such a ticket."""
STANDSTILL: Final[Standstill] = "standstill"

SaidKind = Literal["information", "objection", "escalation", "withdrawal"]
"""What a customer may say later, elsewhere than by mail."""
SAID_KINDS: Final[tuple[SaidKind, ...]] = get_args(SaidKind)

PrivacyWish = Literal["", "erasure", "access", "correction"]
"""What somebody asks about their own data (PDPL Art. 4); of several the first."""
PRIVACY_WISHES: Final[tuple[PrivacyWish, ...]] = get_args(PrivacyWish)

Proof = Literal["", "dmarc", "internal_header"]
"""By what the From of a mail is proved; "" for one that is not."""

Verdict = Literal["pass", "fail", "other", "absent"]
"""What our own border said of a mail's From: proved, refuted, neither of both, or nothing at all."""
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)

Finding = Literal[
    "no_authserv_id",
    "no_results",
    "results_below",
    "not_as_servers_write",
    "two_domains",
    "no_dmarc",
    "dmarc_pass",
    "dmarc_fail",
    "dmarc_none",
    "dmarc_temperror",
    "dmarc_permerror",
    "dmarc_bestguesspass",
    "dmarc_unknown",
    "hidden_beside_pass",
    "hidden",
    "several_results",
    "several_header_from",
    "not_understood",
    "not_aligned",
    "no_single_from",
    "internal_header",
    "web_form",
    "named_by_person",
]
"""Why the From of a mail is taken for proved, refuted or neither (`mail/trust`)."""
FINDINGS: Final[tuple[Finding, ...]] = get_args(Finding)

Audience = Literal["requester", "participant", "staff", "operator"]

News = Literal[
    "reply",
    "joined",
    "data_arrived",
    "data_still_missing",
    "unproved",
    "reopened",
    "thanks",
    "withdrawn",
    "attachments_unseen",
    "attachments_scanned",
    "files_left_out",
    "escalated",
]
"""Of what `staff_update` tells."""
NEWS: Final[tuple[News, ...]] = get_args(News)

NoteKind = Literal["", "accepted", "declined", "to_citizen", "ended"]
"""Of what `staff_note` tells: "" is a note in words of staff, the others what was done by somebody else."""
NOTE_KINDS: Final[tuple[NoteKind, ...]] = get_args(NoteKind)

Outcome = Literal[
    "opened",
    "joined",
    "added",
    "recorded",
    "quarantined",
    "rated",
    "closed",
    "merged",
    "staff",
    "refused",
    "warned",
    "held",
    "reminded",
    "opened_for_staff",
    "surveyed",
    "breached",
    "delayed",
]
"""What became of a cause."""

Refusal = Literal[
    "unknown_command",
    "no_text",
    "no_ticket",
    "not_authenticated",
    "no_verdict",
    "refuted",
    "no_token",
    "not_rostered",
    "inactive",
    "bad_number",
    "bad_reason",
    "bad_person",
    "bad_days",
    "bad_phone",
    "bad_address",
    "not_first",
    "cannot_combine",
    "uncertain_quotation",
    "forgotten_sign",
    "other_ticket",
    "impossible_state",
    "nothing_to_accept",
    "not_escalation_team",
    # About what was set aside (`quarantine`).
    "no_digest",
    "unknown_mail",
    "not_quarantined",
    "mail_too_large",
    "no_sender",
    "protected_address",
]
"""Why what staff ordered cannot be done; `staff_command_error` has words for each."""
REFUSALS: Final[tuple[Refusal, ...]] = get_args(Refusal)
MergeRefusal = Literal[
    "the_same_ticket", "merged_already", "open_escalation", "another_requester", "unequally_proved"
]
"""Why two tickets stay apart; the operator reads it."""
DomainRefusal = Literal["protected_domain", "public_domain"]
"""Why not all of a domain may be blocked; the operator reads it."""

AdminRole = Literal["words", "figures", "operator"]
"""What an admin may do on /admin/: change texts, read figures, look after mail and messages."""
ADMIN_ROLES: Final[tuple[AdminRole, ...]] = get_args(AdminRole)
Act = Literal[
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "text_saved",
    "text_rolled_back",
    "text_approved",
    "text_test_sent",
    "notification_switched",
    "mail_released",
    "mail_blocked",
    "mail_unblocked",
    "mail_replayed",
    "message_retried",
    "message_cancelled",
    "sending_held",
    "sending_released",
    "ticket_opened",
    "ticket_added_to",
    "ticket_escalated",
    "ticket_noted",
    "ticket_merged",
    "ticket_closed",
    "file_taken_out",
    "staff_ordered",
    "database_backed_up",
    "database_restored",
    "restore_reconciled",
    "ticket_exported",
    "audit_exported",
    "database_upgraded",
    "person_erased",
    "person_exported",
    "data_retired",
    "hold_begun",
    "hold_ended",
]
"""What the audit tells of: an act of an admin, an operator, or staff by mail."""
ACTS: Final[tuple[Act, ...]] = get_args(Act)

SharedBudget = Literal[
    "limit_per_domain", "limit_sms_per_domain", "limit_sms_per_proved_domain", "limit_sms_in_all"
]
"""The budgets of automatic answers that no single person exhausts (`budgets.ALARMING`)."""
Alarm = Literal[
    SharedBudget,
    "delivery",
    "quarantine",
    "too_large",
    "files",
    "reading",
    "virus_scanner",
    "template",
    "files_refused",
    "email_down",
    "sms_down",
    "sms_share",
    "fetch_down",
    "desk_down",
    "delivery_down",
    "reconciliation",
    "secret_ends",
    "canary",
    "canary_lost",
]
"""Of what `operator_alert` tells: a shared budget is used up; a message failed for good; a mail was set
aside, or is over the limit; files cannot be kept; no worker can read mail; the virus scanner does not answer;
a text is not used; a message was refused with its files; the mail server or the SMS gateway cannot be
reached; SMS change their gateway; the loop that fetches, decides or delivers cannot work; rows and mailbox do
not agree; the secret of [oauth2] ends soon; a canary is answered, or did not come back."""
ALARMS: Final[tuple[Alarm, ...]] = get_args(Alarm)
