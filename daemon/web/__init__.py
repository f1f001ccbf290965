"""Owns HTTP: the survey, the citizen's own page, the intake API, and whether the program is alive.

Asks a `FrontDesk` and says what it answered; decides nothing, and keeps nothing but counts of late posts.
"""
