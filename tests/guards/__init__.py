"""Guards that are guarded: each is taken out of a copy of the program, and its tests must notice."""

from __future__ import annotations

from tests.guards import (
    bounces,
    budgets,
    cases,
    identity,
    leftovers,
    letters,
    looks,
    no_border,
    pages,
    promises,
    rules,
    staff_proofs,
    texts,
    trust,
    web,
)
from tests.guards.guard import Guard

GUARDS: list[Guard] = [
    *trust.GUARDS,
    *letters.GUARDS,
    *rules.GUARDS,
    *looks.GUARDS,
    *promises.GUARDS,
    *cases.GUARDS,
    *budgets.GUARDS,
    *identity.GUARDS,
    *staff_proofs.GUARDS,
    *web.GUARDS,
    *no_border.GUARDS,
    *bounces.GUARDS,
    *leftovers.GUARDS,
    *texts.GUARDS,
    *pages.GUARDS,
]
