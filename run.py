#!/usr/bin/env python3
"""Shakwa's one program: `run.py [--config FILE] COMMAND`. Everything is in `daemon.cli`."""

import sys

from daemon.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
