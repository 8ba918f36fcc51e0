"""A feature's page shows the template of each framework."""

import pytest

from bench.analysis.code_metrics import read_sources
from bench.analysis.handlers import ParsedSite
from bench.core.paths import Paths
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import discover_frameworks
from bench.report.page_templates import STEMS, find_page_template

pytestmark = pytest.mark.unit
FRAMEWORKS = discover_frameworks(Paths.from_environ().apps).select([])


def test_the_features_with_a_template_are_features():
    assert set(STEMS) <= {feature.id for feature in FEATURES}


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda framework: framework.name)
def test_each_framework_has_one_template_for_each_page(framework):
    sources = read_sources(framework, ParsedSite(framework))
    templates = {feature: find_page_template(feature, sources) for feature in STEMS}
    assert all(templates.values()), templates
    assert all("</" in sources[file] for file in templates.values())
    # Grok and web2py name a template by its view or action; different pages have different files.
    assert len(set(templates.values())) == len(set(STEMS.values()))


def test_a_feature_without_a_page_has_no_template():
    assert find_page_template("sign-out", ["flask/templates/menu.html"]) == ""
    assert find_page_template("show-the-menu", ["flask/menu.py"]) == ""
