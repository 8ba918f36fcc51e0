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

hits: list[str] = []


def validated(application: Any) -> Any:
    """Return the application with wsgiref's checks around it, which note in `hits`."""
    warnings.simplefilter("ignore", validate.WSGIWarning)
    checks: Any = validate
    checks.assert_ = note_unless
    checks.check_string_type = note_unless_text
    # The environ is ours, and odd on purpose.
    checks.check_environ = lambda environ: None
    return validate.validator(application)


def note_unless(condition: object, *words: object) -> None:
    """Note a broken rule in words that are the same whatever the values were."""
    if not condition:
        caller = sys._getframe(1)
        line = getline(caller.f_code.co_filename, caller.f_lineno).strip()
        says = str(words[0]) if words else f"{caller.f_code.co_name}: {line}"
        note(says if not words else without_values(says))


def note_unless_text(value: object, title: str) -> object:
    """Note a value that is no native string, and return it."""
    if type(value) is not str:
        note(f"{title} must be of type str")
    return value


def note(hit: str) -> None:
    """Note a hit, once a call."""
    if hit not in hits:
        hits.append(hit)


def without_values(words: str) -> str:
    """Return a message of wsgiref.validate without the values it quotes."""
    words = re.sub(r"\s*\(.*\)", "", words, flags=re.DOTALL)
    return re.sub(r":\s.*", "", words, flags=re.DOTALL).strip(" .")
