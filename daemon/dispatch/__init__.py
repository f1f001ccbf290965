"""What goes out: links, the step from an outbox row to the bytes it is frozen into, and its handing over.

Imports `mail`, `templating`, `store` and `workflow`; knows no rule, opens no connection. Begin with `writer`
and `handover`.
"""
