"""Keeps the figures of the leads: exact counts by day and month, and the report that is read off them."""
