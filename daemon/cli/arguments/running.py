"""The arguments of `serve` and `once`."""

from __future__ import annotations

import argparse


def add_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run="running.serve")


def add_once(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run="running.once")
