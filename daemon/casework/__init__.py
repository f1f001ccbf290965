"""One case in one transaction: look up, gather the facts, ask `workflow`, write the rows.

Imports `reading`, `dispatch`, `store`, `mail` and `workflow`; knows no loop, no protocol, no rule of its own.
Begin with `mails`.
"""
