"""One case in one transaction: gather the facts, ask `workflow`, write the rows; one order for all of them.

Imports `reading`, `dispatch`, `store`, `mail` and `workflow`; knows no loop, no protocol, no rule of its own.
Begin with `occasion` and `case`; `mails`, `counter`, `orders`, `deadlines`, `deliveries` bring what happens.
"""
