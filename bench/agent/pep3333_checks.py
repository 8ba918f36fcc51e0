"""Which rules of PEP 3333 does an application break? They are noted, and the call goes on.

Runs inside a framework's environment. wsgiref.validate raises AssertionError, which some frameworks
swallow, and which would end the call at the first rule.
"""

import re
import sys
import warnings
from linecache import getline
from typing import Any
from wsgiref import validate

violations: list[str] = []


def wrap_with_checks(application: Any) -> Any:
    """Return the application with wsgiref's checks around it, which note in `hits`."""
    warnings.simplefilter("ignore", validate.WSGIWarning)
    checks: Any = validate
    checks.assert_ = record_unless
    checks.check_string_type = record_unless_text
    # The environ is ours, and odd on purpose.
    checks.check_environ = lambda environ: None
    return validate.validator(application)


def record_unless(condition: object, *words: object) -> None:
    """Note a broken rule in words that are the same whatever the values were."""
    if not condition:
        caller = sys._getframe(1)
        line = getline(caller.f_code.co_filename, caller.f_lineno).strip()
        says = str(words[0]) if words else f"{caller.f_code.co_name}: {line}"
        record_violation(says if not words else strip_values(says))


def record_unless_text(value: object, title: str) -> object:
    """Note a value that is no native string, and return it."""
    if type(value) is not str:
        record_violation(f"{title} must be of type str")
    return value


def record_violation(violation: str) -> None:
    """Note a hit, once a call."""
    if violation not in violations:
        violations.append(violation)


def strip_values(words: str) -> str:
    """Return a message of wsgiref.validate without the values it quotes."""
    words = re.sub(r"\s*\(.*\)", "", words, flags=re.DOTALL)
    return re.sub(r":\s.*", "", words, flags=re.DOTALL).strip(" .")
