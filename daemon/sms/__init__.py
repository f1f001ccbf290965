"""SMS: numbers, segments, the choice between two gateways, and each gateway's dialect in `gateways`.

It knows no mail and no store.
"""
