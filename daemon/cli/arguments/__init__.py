"""The arguments of the commands, a module for each family. It loads nothing that a command works with.

So `--help` and a mistyped option are answered at once. `run` names the function of `daemon.cli` that does the
work; `cli.main` loads it when the arguments are read.
"""
