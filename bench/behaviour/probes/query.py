"""Probes of unusual queries."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import HOST, build_raw, get
from bench.behaviour.standards import CLIENT_ERROR, FORM_PARSER, rfc

probe = partial(Probe, group="query", describe=outcomes.describe_body)
# The parser of the URL standard defines these results exactly.
exact = partial(probe, grade="should", clause=FORM_PARSER)

PROBES = (
    exact("query-plain", "One parameter.", requests=get("/query?a=1"),
          meets=predicates.has_json_value("a", "1")),
    probe("query-duplicate", "The same parameter twice: a=1&a=2.", requests=get("/query?a=1&a=2")),
    probe("query-missing", "No query at all.", requests=get("/query")),
    exact("query-semicolon", "A semicolon, which is no separator: a=1;a=2 is one parameter.",
          requests=get("/query?a=1;a=2"), meets=predicates.has_json_value("a", "1;a=2")),
    exact("query-plus", "A plus sign in a query, which means a space.",
          requests=get("/query?a=1+2"), meets=predicates.has_json_value("a", "1 2")),
    exact("query-utf-8", "A parameter in UTF-8.", requests=get("/query?a=caf%C3%A9"),
          meets=predicates.has_json_value("a", "café")),
    exact("query-not-in-utf-8",
          "A parameter that is not UTF-8: %FF becomes the replacement character.",
          requests=get("/query?a=%FF"), meets=predicates.has_json_value("a", "�")),
    exact("query-empty-value", "A parameter without a value: a=.", requests=get("/query?a="),
          meets=predicates.has_json_value("a", "")),
    exact("query-no-equals-sign", "A parameter without an equals sign: a.",
          requests=get("/query?a"), meets=predicates.has_json_value("a", "")),
    exact("query-encoded-name", "A parameter whose name is encoded: %61=1.",
          requests=get("/query?%61=1"), meets=predicates.has_json_value("a", "1")),
    exact("query-percent-alone", "A percent sign that begins no escape, which stays: a=100%.",
          requests=get("/query?a=100%"), meets=predicates.has_json_value("a", "100%")),
    exact("query-percent-without-digits",
          "A percent sign before letters that are not hexadecimal: %zz.",
          requests=get("/query?a=%zz"), meets=predicates.has_json_value("a", "%zz")),
    exact("query-semicolon-in-a-value", "A semicolon inside a value: a=x;y.",
          requests=get("/query?a=x;y"), meets=predicates.has_json_value("a", "x;y")),
    exact("query-empty-name", "A parameter without a name before another: =1&a=2.",
          requests=get("/query?=1&a=2"), meets=predicates.has_json_value("a", "2")),
    probe("query-empty", "A question mark with nothing after it.", requests=get("/query?")),
    probe("query-empty-and-not", "The same parameter with and without a value: a=&a=1.",
          requests=get("/query?a=&a=1")),
    probe("query-typed-name", "A name with a converter in Zope's syntax: a:int=1.",
          requests=get("/query?a:int=1")),
    probe("query-typed-name-wrong", "A name with a converter that fails: b:int=soup.",
          requests=get("/query?b:int=soup"), grade="should", clause=CLIENT_ERROR,
          meets=predicates.is_not_server_error),
    exact("query-question-mark", "A second question mark, which is part of the value.",
          requests=get("/query?a=1?b=2"), meets=predicates.has_json_value("a", "1?b=2")),
    exact("query-equals-sign", "A second equals sign, which is part of the value.",
          requests=get("/query?a=1=2"), meets=predicates.has_json_value("a", "1=2")),
    exact("query-ampersands", "Ampersands with nothing between them: &&a=1&&.",
          requests=get("/query?&&a=1&&"), meets=predicates.has_json_value("a", "1")),
    probe("query-brackets", "A list in PHP's syntax: a[]=1.", requests=get("/query?a[]=1")),
    probe("query-comma", "A comma, and whether it separates two values.",
          requests=get("/query?a=1,2")),
    probe("query-nul", "A parameter with a NUL.", requests=get("/query?a=x%00y"), grade="should",
          clause=CLIENT_ERROR, meets=predicates.is_not_server_error),
    probe("query-2000-parameters", "The same parameter 2,000 times.",
          requests=get("/query?" + "&".join(["a=1"] * 2000)), describe=outcomes.describe_status),
    probe("query-unknown", "A parameter that the handler does not read.",
          requests=get("/hello?extra=1"), grade="should", clause=CLIENT_ERROR,
          meets=predicates.is_not_server_error),
    probe("query-raw-utf-8", "A query with bytes above 127 that are not encoded.",
          requests=(build_raw("GET /query?a=café HTTP/1.1".encode().decode("latin-1"),
                              f"Host: {HOST}"),), grade="should", clause=CLIENT_ERROR,
          meets=predicates.is_not_server_error),
    probe("query-json-type", "The type of a JSON reply.", requests=get("/query?a=1"),
          describe=outcomes.describe_fields("Content-Type"), grade="should",
          clause=rfc(8259, "11"),
          meets=lambda replies: replies[-1].media_type == "application/json"),
)  # fmt: skip
