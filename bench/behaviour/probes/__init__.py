"""All probes, one module for each subject, in the order in which they are shown."""

from bench.behaviour.probe import Probe
from bench.behaviour.probes import (
    charsets,
    cookies,
    errors,
    foreign_cookies,
    forms,
    forwarding,
    framing,
    injection,
    integers,
    json_bodies,
    methods,
    pages,
    parts,
    paths,
    query,
    ranges,
    redirects,
    static,
    targets,
    uploads,
    validators,
)

MODULES = (methods, paths, integers, targets, query, json_bodies, forms, charsets, uploads, parts,
           framing, cookies, foreign_cookies, injection, redirects, forwarding, static, ranges,
           validators, errors, pages)  # fmt: skip
PROBES: tuple[Probe, ...] = tuple(probe for module in MODULES for probe in module.PROBES)
