"""Record which rules of PEP 3333 an application violates, without ending the call.

wsgiref.validate raises AssertionError, which some frameworks catch, and which ends the call at the
first violation. Runs inside a framework's environment.
"""

import re
import sys
import warnings
from linecache import getline
from typing import Any
from wsgiref import validate

violations: list[str] = []


def wrap_with_checks(application: Any) -> Any:
    """Wrap the application in wsgiref's checks, which append to `violations`."""
    warnings.simplefilter("ignore", validate.WSGIWarning)
    checks: Any = validate
    checks.assert_ = record_unless
    checks.check_string_type = record_unless_text
    # The environ comes from a probe, which may be invalid on purpose.
    checks.check_environ = lambda environ: None
    return validate.validator(application)


def record_unless(condition: object, *words: object) -> None:
    """Record a violated rule in words that do not depend on the values."""
    if not condition:
        caller = sys._getframe(1)
        line = getline(caller.f_code.co_filename, caller.f_lineno).strip()
        rule = strip_values(str(words[0])) if words else f"{caller.f_code.co_name}: {line}"
        record_violation(rule)


def record_unless_text(value: object, title: str) -> object:
    """Record a value that is not a native string, and return the value."""
    if type(value) is not str:
        record_violation(f"{title} must be of type str")
    return value


def record_violation(violation: str) -> None:
    """Append a violation, once in each call."""
    if violation not in violations:
        violations.append(violation)


def strip_values(words: str) -> str:
    """Return a message of wsgiref.validate without the values in it."""
    words = re.sub(r"\s*\(.*\)", "", words, flags=re.DOTALL)
    return re.sub(r":\s.*", "", words, flags=re.DOTALL).strip(" .")
