"""A finding depends on the site's code and files, and on the code that made it; on no words."""

import ast
import shutil

import pytest

from bench.core.paths import ROOT, Paths
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results import provenance
from bench.results.merge import PART_SHAPES

MERGED = [part for part, shape in PART_SHAPES.items() if shape.mergeable]


@pytest.fixture
def harness(tmp_path):
    """A copy of bench/."""
    kept = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(ROOT / "bench", tmp_path / "bench", ignore=kept)


def origin(part, harness):
    return provenance.add_harness_digest(part, {"pan": {"code": "1"}}, harness)["pan"]


CHANGES = [
    ("agent/http_host.py", {*MERGED}),
    ("runtime/process.py", {*MERGED}),
    ("requirements/harness.txt", {*MERGED}),
    ("agent/timing_worker.py", {*MERGED}),
    ("measure/cost/call_counts.py", {*MERGED} - {"limits", "journey"}),
    ("measure/workload/entries.py", {*MERGED} - {"limits"}),
    ("measure/trace/run.py", {"journey"}),
    ("conformance/differential/actions/api.py", {"journey"}),
    ("behaviour/limits.py", {"limits"}),
    ("core/cpu_affinity.py", {*MERGED}),
    ("measure/load/open_loop_generator.py", set()),
    ("report/overview.py", set()),
    ("report/templates/report/page.html", set()),
    ("report/templates/report/report.css", set()),
    ("report/plots/svg.py", set()),
    ("report/readme.py", set()),
    ("cli/cost_tables.py", set()),
    ("behaviour/notes.toml", set()),
]


@pytest.mark.parametrize(("file", "parts"), CHANGES, ids=[file for file, _ in CHANGES])
def test_what_makes_a_part_is_in_its_origin_and_what_shows_it_is_not(harness, file, parts):
    before = {part: origin(part, harness) for part in MERGED}
    with (harness / file).open("a") as changed:
        changed.write("\n")
    assert {part for part in MERGED if origin(part, harness) != before[part]} == parts


def test_a_new_instrument_counts_for_parts_that_name_no_packages(harness):
    before = origin("cost", harness)
    (harness / "measure" / "cost" / "another.py").write_text("")
    assert origin("cost", harness) != before


@pytest.mark.parametrize("part", MERGED)
def test_an_instrument_imports_nothing_that_is_not_in_its_origin(part):
    files = [file for file in provenance.find_instrument_files(part) if file.suffix == ".py"]
    known = {module_of(file) for file in files}
    unknown = {
        f"{module_of(file)} imports {name}"
        for file in files
        for name in imported(file)
        if is_module(name) and name not in known and not name.startswith("bench.results.")
    }
    shown = [module_of(ROOT / "bench" / name) for name in provenance.NON_INSTRUMENT_FILES]
    assert [one for one in sorted(unknown) if not one.endswith(tuple(shown))] == []


def test_what_is_left_out_of_the_origins_is_there():
    assert [
        one for one in provenance.NON_INSTRUMENT_FILES if not (ROOT / "bench" / one).exists()
    ] == []


def module_of(file):
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return name.startswith("bench.") and path.with_suffix(".py").exists()


def imported(file):
    """Yield the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{one.name}" for one in node.names)


@pytest.fixture
def code_now(add_app, places, tmp_path, monkeypatch):
    """Return a function: the digest of all that a tiny app runs and serves."""
    add_app("pan")
    static = shutil.copytree(ROOT / "static", tmp_path / "static")
    here = Paths(places.apps, places.environments, places.state, static)

    def there(framework, places):
        return Environment(framework, places.environments / framework.name, 0.0)

    monkeypatch.setattr("bench.frameworks.environments.find_environment", there)
    return lambda: provenance.collect_provenance(discover_frameworks(places.apps).select(), here)[
        "pan"
    ]["code"], static


def test_static_files_are_in_the_origin(code_now):
    code, static = code_now
    before = code()
    assert code() == before
    (static / "site.css").write_text("p {}")
    assert code() != before


def test_a_file_that_cannot_be_read_stops_nobody(code_now, places):
    code, _ = code_now
    before = code()
    (places.apps / "pan" / "link.py").symlink_to("nowhere")
    assert code() == before  # it is no file at all
    (places.apps / "pan" / "b\udcff.txt").write_text("x")
    assert code() != before
