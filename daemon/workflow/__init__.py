"""The rules, pure: standard library only, no I/O, no clock, no logging, no wording.

Begin with `decide`: facts and an event go in, a decision comes out.
"""
