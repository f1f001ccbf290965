"""How many connections go to one gateway. It is apart from `client`, which `assembly` need not load."""

CONNECTIONS = 4
"""As many messages are on their way at a time."""
