"""Check that results are complete, and publish their types as a JSON Schema.

`make docs` writes the JSON Schema to bench/results/results.schema.json, and a test fails when the
file is not up to date. https://json-schema.org/
"""

from pathlib import Path

import msgspec

from bench.core.errors import DependencyError
from bench.core.files import dump_json, write_file
from bench.frameworks.features import FEATURES_BY_ID
from bench.results.schema import ComparedResults, Results
from bench.results.store import RESULTS_FILE, format_error, get_parts

JSON_SCHEMA_FILE = Path(__file__).with_name("results.schema.json")


def require_comparison(results: Results) -> ComparedResults:
    """Return the same results with the types of a comparison.

    Raise DependencyError without a comparison, and ResultsFormatError when a part of the
    comparison is missing, or when the code of an app lacks one of the features.
    """
    parts = get_parts(results)
    if "frameworks" not in parts:
        raise DependencyError(f"{RESULTS_FILE} has no comparison; run: cookoff compare")
    for field in msgspec.structs.fields(ComparedResults):
        if field.required and field.name not in parts:
            raise format_error("the whole file", f"Object missing required field `{field.name}`")
    compared = ComparedResults(**parts)
    for name, framework in compared.frameworks.items():
        ids = {feature.id for feature in framework.code.features}
        if missing := sorted(set(FEATURES_BY_ID) - ids):
            raise format_error(f"frameworks.{name}.code.features", f"{missing[0]} is missing")
    return compared


def build_json_schema() -> str:
    """Return the JSON Schema of results.json as text."""
    return dump_json(msgspec.json.schema(Results)) + "\n"


if __name__ == "__main__":
    write_file(JSON_SCHEMA_FILE, build_json_schema())
