"""The harness that kills: the daemon under load between receivers that misbehave, SIGKILL at random instants,
and a ledger of what arrived (after NitroMTA's harness).

    .venv/bin/python -m tests.harness --kills 200 --database sqlite

prints its seed first; the same seed plays the same moods, mails and pauses. `tests/e2e/test_harness.py` plays
a few kills of it in each run of the tests.
"""
