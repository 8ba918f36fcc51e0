"""Write and read the raw times of the cost measurement, report/cost-blocks.json.gz.

    {"schema": 1, "seed": 1, "times": {page: {name: [[nanoseconds of each cycle], ...launches]}}}

The number of a cycle is the mean time of a request in one slice, in nanoseconds. The numbers of all
names for one launch and cycle were measured within the same tenth of a second.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.core.files import write_file
from bench.results import store

SCHEMA_VERSION = 1
# Page, name, launch: the nanoseconds of each cycle.
Times = Mapping[str, Mapping[str, Sequence[Sequence[float]]]]
RAW_TIMES_FILE = store.RESULTS_FILE.with_name("cost-blocks.json.gz")


def write_raw_times(times: Times, seed: int, file: Path = RAW_TIMES_FILE) -> Path:
    """Write the raw times, in nanoseconds, and return the file's path."""
    rounded = {
        page: {
            name: [[round(time, 1) for time in launch] for launch in launches]
            for name, launches in by_name.items()
        }
        for page, by_name in times.items()
    }
    document = {"schema": SCHEMA_VERSION, "seed": seed, "times": rounded}
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    # Without a time stamp, so that equal times make equal files.
    write_file(file, gzip.compress(text.encode(), mtime=0))
    return file


def read_raw_times(file: Path = RAW_TIMES_FILE) -> dict[str, Any]:
    """Return the document with the raw times."""
    document: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return document
