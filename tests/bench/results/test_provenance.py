"""The provenance covers the code and files of a site and the code that measures it."""

import ast
import shutil

import pytest

from bench.core.paths import ROOT, Paths
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results import provenance
from bench.results.merge import PART_SHAPES
from bench.results.schema import ResultProvenance

MERGED = [part for part, shape in PART_SHAPES.items() if shape.mergeable]


@pytest.fixture
def harness(tmp_path):
    """A copy of bench/."""
    ignore = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(ROOT / "bench", tmp_path / "bench", ignore=ignore)


def compute_provenance(part, harness):
    facts = ResultProvenance("CPU", 2, "Linux", "3.11.7", code_digest="1", harness_digest="")
    return provenance.add_harness_digest(part, {"pan": facts}, harness)["pan"]


CHANGES = [
    ("agent/http_host.py", {*MERGED}),
    ("runtime/process.py", {*MERGED}),
    ("requirements/harness.txt", {*MERGED}),
    ("agent/timing_worker.py", {*MERGED}),
    ("measure/cost/call_counts.py", {*MERGED} - {"limits", "traces"}),
    ("measure/workload/entries.py", {*MERGED} - {"limits"}),
    ("measure/trace/run.py", {"traces"}),
    ("conformance/differential/actions/api.py", {"traces"}),
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
def test_files_that_measure_a_part_change_its_provenance_and_files_that_show_it_do_not(
    harness, file, parts
):
    before = {part: compute_provenance(part, harness) for part in MERGED}
    with (harness / file).open("a") as changed:
        changed.write("\n")
    assert {part for part in MERGED if compute_provenance(part, harness) != before[part]} == parts


def test_a_new_instrument_changes_parts_without_listed_packages(harness):
    before = compute_provenance("cost", harness)
    (harness / "measure" / "cost" / "another.py").write_text("")
    assert compute_provenance("cost", harness) != before


@pytest.mark.parametrize("part", MERGED)
def test_an_instrument_imports_only_modules_in_its_provenance(part):
    files = [file for file in provenance.find_instrument_files(part) if file.suffix == ".py"]
    known = {get_module_name(file) for file in files}
    excluded = {get_module_name(ROOT / "bench" / name) for name in provenance.NON_INSTRUMENT_FILES}
    unknown = {
        f"{get_module_name(file)} imports {name}"
        for file in files
        for name in find_imports(file)
        if is_module(name) and not name.startswith("bench.results.")
        if name not in known | excluded
    }
    assert sorted(unknown) == []


def test_the_excluded_files_exist():
    for name in provenance.NON_INSTRUMENT_FILES:
        assert (ROOT / "bench" / name).exists(), name


def get_module_name(file):
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return name.startswith("bench.") and path.with_suffix(".py").exists()


def find_imports(file):
    """Yield the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture
def code_digest(add_app, places, tmp_path, monkeypatch):
    """Return a function that computes the code digest of a tiny app, and its static folder."""
    add_app("pan")
    static = shutil.copytree(ROOT / "static", tmp_path / "static")
    paths = Paths(places.apps, places.environments, places.state, static)

    def find(framework, places):
        return Environment(framework, places.environments / framework.name, 0.0)

    monkeypatch.setattr("bench.frameworks.environments.find_environment", find)
    return (
        lambda: (
            provenance.collect_provenance(discover_frameworks(places.apps).select(), paths)[
                "pan"
            ].code_digest
        ),
        static,
    )


def test_static_files_are_in_the_provenance(code_digest):
    compute, static = code_digest
    before = compute()
    assert compute() == before
    (static / "site.css").write_text("p {}")
    assert compute() != before


def test_unreadable_files_do_not_stop_the_digest(code_digest, places):
    compute, _ = code_digest
    before = compute()
    (places.apps / "pan" / "link.py").symlink_to("nowhere")
    assert compute() == before  # a dangling link is not a file
    (places.apps / "pan" / "b\udcff.txt").write_text("x")
    assert compute() != before
