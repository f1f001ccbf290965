"""The order of work, one loop a module: mailbox to inbox, inbox to decisions, outbox to couriers; the ticks.

No rules, no protocols: a loop asks `casework` and `dispatch`. Begin with `desk`.
"""
