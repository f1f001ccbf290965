"""The configuration: models of every table and key, and their loading.

Nothing below `assembly` and `settings` imports this package; they hand values down. DESIGN §4, Configuration,
names the keys, and the models say what each means, in which unit, with which default. `config/shakwa.toml` is
written from them (`example`), so its comments cannot differ from what is checked.

    values       kinds of values (an address, a time of day), and how a key is declared
    service mail sms rules people      the tables
    secrets      NAME_file beside every secret
    agreement    what one table says about another
    mistakes     what is wrong, in plain lines, all at once
    loading      from the file to `Config`
    example      the annotated file

**Why pydantic 2.** Measured with sixteen tables of seven keys (processor time above Python's own start, in
units of the import of SQLAlchemy):

    dataclasses, own reader    0.1    every mistake; but reading, writing and describing stand apart
    msgspec 0.23               0.1    stops at the first mistake, and tells it as a sentence only
    attrs 26.1, cattrs 26.2    0.3    every mistake, as sentences; no JSON Schema
    pydantic 2.14              0.5    every mistake with its path and a code; strict; JSON Schema

Only pydantic gives codes, which the intake's answers need, and the schema of the OpenAPI document from the
same models. It is released every few weeks, and FastAPI and many others rest on it. Its import is the price,
so commands that need no configuration (`--help`) do not load it.
"""

from daemon.config.loading import Config, check, load
from daemon.config.mistakes import ConfigError
from daemon.config.values import EMAIL

__all__ = ["EMAIL", "Config", "ConfigError", "check", "load"]
