"""Check results.json against the types in schema.py, and publish them as a JSON Schema.

The JSON Schema lies in bench/results/results.schema.json; `make docs` writes the file, and a test
fails when the file is stale. https://json-schema.org/
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from bench.core.files import dump_json, write_file
from bench.frameworks.features import FEATURES_BY_ID
from bench.results.schema import Results
from bench.results.store import RESULTS_FILE, ResultsFormatError

# The parts that `cookoff compare` writes; without them there is nothing to report.
COMPARED = ("made", "machine", "frameworks", "missing", "clauses")
JSON_SCHEMA_FILE = Path(__file__).with_name("results.schema.json")


def parse_results(content: Mapping[str, Any]) -> Results:
    """Return the results as typed records.

    Raises ResultsFormatError, naming the place and the reason, for an unknown or missing field, for
    a value of another type, and for an app whose code lacks one of the site's features.
    """
    try:
        results = msgspec.convert(content, Results)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        place = path.rstrip("`").lstrip(".") or "the whole file"
        raise format_error(place, reason) from error
    for part in COMPARED:
        if getattr(results, part) is UNSET:
            raise format_error("the whole file", f"Object missing required field `{part}`")
    for name, framework in (results.frameworks or {}).items():
        ids = {feature.id for feature in framework.code.features}
        if missing := sorted(set(FEATURES_BY_ID) - ids):
            raise format_error(f"frameworks.{name}.code.features", f"{missing[0]} is missing")
    return results


def format_error(place: str, reason: str) -> ResultsFormatError:
    """Return the error for a place in the results."""
    return ResultsFormatError(
        f"{RESULTS_FILE} is damaged, or of another version ({place}: {reason}); "
        "run: cookoff compare"
    )


def build_json_schema() -> str:
    """Return the JSON Schema of results.json as text."""
    return dump_json(msgspec.json.schema(Results)) + "\n"


if __name__ == "__main__":
    write_file(JSON_SCHEMA_FILE, build_json_schema())
