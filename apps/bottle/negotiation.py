"""Choose between HTML and JSON by the Accept header (RFC 9110, section 12.5.1)."""

import re

QUALITY = re.compile(r";\s*q=([01](?:\.\d*)?)\s*(?:;|$)")


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html."""
    ranges = dict(_media_range(entry) for entry in accept.lower().split(","))
    return _quality(ranges, "application/json") > _quality(ranges, "text/html")


def _media_range(entry):
    name, mark, parameters = entry.partition(";")
    quality = QUALITY.search(mark + parameters)
    return name.strip(), float(quality[1]) if quality else 1.0


def _quality(ranges, media_type):
    """Return the quality of the most specific range that covers a media type."""
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0
