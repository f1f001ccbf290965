"""What can be understood of a mail and its files before any look-up: octets and rules in, plain values out.

Imports `mail`, `attachments` and values of `workflow`; knows no store and no network. Begin with `mail`.
"""
