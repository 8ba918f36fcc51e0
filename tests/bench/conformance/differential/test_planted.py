"""What was done wrong on purpose is named, with the shortest journey that shows it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.conformance.differential.differences import DifferenceKey
from bench.conformance.differential.replay_script import build_script
from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import Plant, sites_of, walked

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
def test_a_fault_is_named_with_its_shortest_journey(
    plant: Plant, tmp_path: Path, fault: str
) -> None:
    file, old, new, mark, requests = FAULTS[fault]
    with sites_of(plant(file, old, new), tmp_path, []) as sites:
        (found,) = walked(sites, SEED, STEPS).mismatches
    assert found.key == mark
    assert len(found.steps) == requests


def test_a_find_becomes_a_script_that_needs_python_alone(plant: Plant, tmp_path: Path) -> None:
    script = tmp_path / "replay.py"
    with sites_of(plant(*HEADER), tmp_path, []) as sites:
        (found,) = walked(sites, SEED, STEPS).mismatches
        script.write_text(build_script(found, SEED, script.name), encoding="utf-8")
        urls = {site.name: site.host.url for site in sites.sites}
        done = subprocess.run(
            [sys.executable, "-I", script, urls["bare"], urls["planted"]],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    assert "-Referrer-Policy: same-origin" in done.stdout
    assert "+Referrer-Policy: no-referrer" in done.stdout
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name for node in imports for name in imported(node)}
    assert names <= sys.stdlib_module_names


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [str(node.module).partition(".")[0]]
    return [alias.name.partition(".")[0] for alias in node.names]


def test_a_journey_of_a_seed_is_always_the_same(tmp_path: Path) -> None:
    requests: list[list[object]] = []
    with sites_of(Paths.from_environ(), tmp_path, ["bare"]) as sites:
        take = sites.send_request
        sites.send_request = lambda request: requests[-1].append(request) or take(request)  # type: ignore
        for seed in (5, 5, 6):
            requests.append([])
            assert walked(sites, seed, 60).step_count == 60
    assert requests[0] == requests[1]
    assert requests[0] != requests[2]
    assert len(requests[0]) == 60


def test_the_command_ends_with_1_and_keeps_what_it_found(plant: Plant, tmp_path: Path) -> None:
    places = plant(*HEADER)
    environ = {
        **os.environ,
        "COOKOFF_APPS": str(places.apps),
        "COOKOFF_ENVIRONMENTS": str(places.environments),
        "COOKOFF_STATE": str(places.state),
        "COOKOFF_REPORT": str(tmp_path / "report"),
    }
    command = [Path(sys.executable).with_name("cookoff"), "walk", "--seed", "3", "--steps", "40"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("seed 3\n")
    assert "planted: header referrer-policy" in done.stdout
    part = json.loads((tmp_path / "report" / "results.json").read_text())["walk"]
    assert (part["seed"], part["steps"], set(part["frameworks"])) == (3, 40, {"bare", "planted"})
    assert part["differences"][0]["sites"] == ["planted"]
    assert (tmp_path / "report" / part["differences"][0]["script"]).exists()
