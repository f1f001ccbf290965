"""Judges what comes attached to a mail: what it really is, what it is called, what is inside it.

Pure, on bytes and names, except `clamd`, which asks the virus scanner.
"""
