"""Measurements of the whole path, beside the bare libraries doing the same work: `python -m bench`."""
