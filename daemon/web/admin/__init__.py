"""The admins' pages under /admin/: sign-in, sessions, the frame of every page, and the register of sections.

`routes` says how a section is added. A section decides nothing: it asks a port and shows what that answers.
"""
