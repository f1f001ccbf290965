"""What all gateways share: the HTTP client, the reading of answers, classes of refusals, and the courier.

answer     an answer of any shape and charset, read within bounds
refusal    what a refusal means, and the failure it becomes
client     one request, one bounded answer
dialect    what a gateway must say of itself: its requests, and how its answers are read
courier    the courier that speaks any dialect
"""
