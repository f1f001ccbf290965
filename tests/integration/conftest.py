"""Marks nothing and starts nothing by itself: the servers are fixtures of tests/conftest.py."""
