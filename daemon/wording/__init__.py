"""The revisions of the texts: every save through every door, what is in force, and the way back.

It stands between `store`, which keeps the revisions, and `templating`, which renders what is in force and
knows no database. Begin with `library`; the rules of a save stand in `revisions`.
"""
