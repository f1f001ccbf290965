"""Shakwa: the complaint desk of the Furas investment platform, run from one mailbox."""

__version__ = "0.1.0"
