"""A planted fault is reported with the shortest sequence of requests that shows it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.conformance.differential.differences import DifferenceKey
from bench.conformance.differential.profiles import HARDENED_PROFILE, TAUGHT_PROFILE
from bench.conformance.differential.replay_script import build_script
from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import PlantFault, open_named_sites, run_steps

STEPS = 400
SEED = 3
HEADER = ("app.py", '"Referrer-Policy"] = "same-origin"', '"Referrer-Policy"] = "no-referrer"')
FAULTS = {
    "a header": (*HEADER, DifferenceKey("header referrer-policy", "", ("planted",)), 1),
    "an attribute": (
        "templates/dish.html",
        'min="1"',
        'min="0"',
        DifferenceKey("page", "show one dish", ("planted",)),
        1,
    ),
    "a row": (
        "handlers.py",
        "g.larder.reviews.write(dish.id, request.form)",
        'g.larder.reviews.write(dish.id, {**request.form, "rating": "4"})',
        DifferenceKey("rows", "write a review", ("planted",)),
        2,
    ),
    "a line of a cart": (
        "handlers.py",
        "g.larder.carts.put(session.token, request.form)",
        'g.larder.carts.put(session.token, {**request.form, "quantity": "3"})',
        DifferenceKey("rows", "put a dish in the cart", ("planted",)),
        2,
    ),
    "a query": (
        "handlers.py",
        '    response = make_response(render_template("menu.html"',
        '    g.larder.dishes.count()\n    response = make_response(render_template("menu.html"',
        DifferenceKey("queries", "show the menu", ("planted",)),
        1,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_reported_with_its_shortest_sequence(
    plant_fault: PlantFault, tmp_path: Path, fault: str
) -> None:
    file, old, new, key, request_count = FAULTS[fault]
    with open_named_sites(plant_fault(file, old, new), tmp_path, []) as sites:
        (mismatch,) = run_steps(sites, SEED, STEPS).mismatches
    assert mismatch.key == key
    assert len(mismatch.steps) == request_count


@pytest.mark.parametrize(
    ("fault", "taught_kinds"), [("an attribute", ["page"]), ("a row", ["rows"]), ("a query", [])]
)
def test_only_a_fault_of_a_core_fact_is_reported_as_taught(
    plant_fault: PlantFault, tmp_path: Path, fault: str, taught_kinds: list[str]
) -> None:
    paths = plant_fault(*FAULTS[fault][:3])
    with open_named_sites(paths, tmp_path, [], TAUGHT_PROFILE) as sites:
        result = run_steps(sites, SEED, STEPS)
    assert [mismatch.key.kind for mismatch in result.mismatches] == taught_kinds


def test_a_hardening_step_finds_a_fault_only_on_hardened_sites(
    plant_fault: PlantFault, tmp_path: Path
) -> None:
    paths = plant_fault("hardening.py", "def harden(app):\n", "def harden(app):\n    return\n")
    for profile in (HARDENED_PROFILE, TAUGHT_PROFILE):
        folder = tmp_path / str(profile.hardened)
        folder.mkdir()
        with open_named_sites(paths, folder, [], profile) as sites:
            result = run_steps(sites, SEED, STEPS)
        assert bool(result.mismatches) == profile.hardened


def test_a_mismatch_becomes_a_script_that_needs_only_the_standard_library(
    plant_fault: PlantFault, tmp_path: Path
) -> None:
    script = tmp_path / "replay.py"
    with open_named_sites(plant_fault(*HEADER), tmp_path, []) as sites:
        (mismatch,) = run_steps(sites, SEED, STEPS).mismatches
        script.write_text(build_script(mismatch, f"--seed {SEED}", script.name), encoding="utf-8")
        urls = {site.name: site.host.url for site in sites.sites}
        process = subprocess.run(
            [sys.executable, "-I", script, urls["bare"], urls["planted"]],
            capture_output=True,
            text=True,
        )
    assert process.returncode == 0, process.stderr
    assert "-Referrer-Policy: same-origin" in process.stdout
    assert "+Referrer-Policy: no-referrer" in process.stdout
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name for node in imports for name in list_imported_packages(node)}
    assert names <= sys.stdlib_module_names


def list_imported_packages(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [str(node.module).partition(".")[0]]
    return [alias.name.partition(".")[0] for alias in node.names]


def test_equal_seeds_give_equal_sequences(tmp_path: Path) -> None:
    requests: list[list[object]] = []
    with open_named_sites(Paths.from_environ(), tmp_path, ["bare"]) as sites:
        send = sites.send_request
        sites.send_request = lambda request: requests[-1].append(request) or send(request)  # type: ignore
        for seed in (5, 5, 6):
            requests.append([])
            assert run_steps(sites, seed, 60).step_count == 60
    assert requests[0] == requests[1]
    assert requests[0] != requests[2]
    assert len(requests[0]) == 60


def test_the_command_ends_with_1_and_stores_its_mismatch(
    plant_fault: PlantFault, tmp_path: Path
) -> None:
    paths = plant_fault(*HEADER)
    environ = {
        **os.environ,
        "COOKOFF_APPS": str(paths.apps),
        "COOKOFF_ENVIRONMENTS": str(paths.environments),
        "COOKOFF_STATE": str(paths.state),
        "COOKOFF_REPORT": str(tmp_path / "report"),
    }
    options = ["--seed", "3", "--steps", "40"]
    command = [Path(sys.executable).with_name("cookoff"), "differential", *options]
    process = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert process.returncode == 1, process.stderr
    assert process.stdout.startswith("seed 3\n")
    assert "planted: header referrer-policy" in process.stdout
    part = json.loads((tmp_path / "report" / "results.json").read_text())["differential"]
    assert (part["seed"], part["steps"], set(part["frameworks"])) == (3, 40, {"bare", "planted"})
    assert part["differences"][0]["sites"] == ["planted"]
    assert (tmp_path / "report" / part["differences"][0]["script"]).exists()
