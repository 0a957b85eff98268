"""Fuzzes one entry until its number of runs or its time is over: `python -m tests.fuzz.atheris_run NAME [options]`.

Run by `.ci/fuzz`, in an environment that has atheris.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp

import atheris

with atheris.instrument_imports(include=["apps", "tomllib", "configparser"]):
    from tests.fuzz.entries import ENTRIES, SEEDS

if __name__ == "__main__":
    name, *options = sys.argv[1:]
    corpus = Path(mkdtemp(prefix="corpus-"))
    for number, seed in enumerate(SEEDS.get(name, [b"a = 1\n"])):
        (corpus / str(number)).write_bytes(seed)
    atheris.Setup([sys.argv[0], *options, str(corpus)], ENTRIES[name])
    atheris.Fuzz()
