"""The recognition of mail that no person wrote, one kind a module. `classifier` asks them in order.

Each takes the `Signs` of one mail and gives a short reason code, or "" where it sees nothing.
"""
