"""The order of work: mailbox to inbox, inbox to decisions, outbox to couriers. No rules, no protocols."""
