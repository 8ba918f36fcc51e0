"""No app compiles, imports, opens or lists anything anew in a warm request, on any page."""

import pytest

from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.frameworks.manifest import discover_frameworks
from bench.measure.cost.call_counts import count_calls
from bench.measure.workload.scenarios import PAGES, SITE
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import environment_of

FRAMEWORKS = discover_frameworks(ROOT / "apps").frameworks
SITE_PAGES = [page for page in PAGES if page.module == SITE]
# What a framework does by itself: framework, kind of use, name of the resource, and the reason.
EXCEPTIONS = {
    ("web2py", "listed", "compiled"): "gluon.compileapp.run_models_in() lists the folder of the "
    "compiled application in each request, to find the models; there is no setting",
    ("web2py", "opened", "a temporary file"): "gluon.globals.copystream_progress() copies the body "
    "of each POST request to a temporary file; there is no setting",
}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_warm_request_uses_nothing_anew(name, tmp_path):
    paths = Paths(state=tmp_path)
    with fresh_testbed([environment_of(name)], paths) as testbed:
        uses_by_page = count_calls(testbed, Progress(), SITE_PAGES).repeated_work
    measured = [page for page, uses in uses_by_page.items() if name in uses]
    assert measured == [page.name for page in SITE_PAGES]
    uses = {
        (name, kind, resource)
        for page in measured
        for kind, work in uses_by_page[page][name].items()
        for resource in work.names
    }
    assert uses == {exception for exception in EXCEPTIONS if exception[0] == name}
