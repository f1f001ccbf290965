"""The leads' section of the admins' pages: the figures of a period."""
