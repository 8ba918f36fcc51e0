"""Each app says how it runs in production, and what it leaves out, in a few lines."""

import re

import pytest

from bench.core.paths import ROOT
from bench.frameworks.manifest import discover_frameworks

FRAMEWORKS = discover_frameworks(ROOT / "apps").frameworks
# The files that may have an app's settings; py4web's workplace.py starts py4web.
SETTINGS_FILES = ("app.py", "settings.py", "workplace.py")
# A comment, which names the settings for production and the address of the documentation.
PRODUCTION = re.compile(r"# Production: .*(\n *#.*)*?https://\S+")
README_LINES = 15


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_app_states_its_production_settings_with_their_source(name):
    files = [FRAMEWORKS[name].folder / file for file in SETTINGS_FILES]
    texts = [file.read_text("utf-8") for file in files if file.exists()]
    assert any(PRODUCTION.search(text) for text in texts)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_readme_is_short_and_says_what_the_app_leaves_out(name):
    lines = (FRAMEWORKS[name].folder / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= README_LINES
    assert name == "bare" or re.search("left out", " ".join(lines), re.IGNORECASE)
