"""Which probes are there? One module a group, in the order in which they are shown."""

from bench.behaviour.probe import Probe
from bench.behaviour.probes import (
    cookies,
    errors,
    forms,
    framing,
    injection,
    integers,
    json_bodies,
    methods,
    pages,
    paths,
    query,
    static,
    uploads,
)

MODULES = (methods, paths, integers, query, json_bodies, forms, uploads, framing, cookies,
           injection, static, errors, pages)  # fmt: skip
PROBES: tuple[Probe, ...] = tuple(probe for module in MODULES for probe in module.PROBES)
