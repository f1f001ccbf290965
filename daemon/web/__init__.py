"""The HTTP pages and API: the survey, the citizen's own page, the intake API, and health checks.

It asks a `FrontDesk` and shows what that answers. It decides nothing, and keeps only counts of recent posts.
"""
