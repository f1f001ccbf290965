"""What goes out: links, and the step from an outbox row to the bytes it is frozen into.

Imports `mail`, `templating`, `store` and `workflow`; knows no rule, opens no connection. Begin with `writer`.
"""
