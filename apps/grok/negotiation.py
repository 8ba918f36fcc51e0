"""Choose between HTML and JSON by Accept (RFC 9110, section 12.5.1), which Zope does not read."""


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html."""
    ranges = [_parsed(entry) for entry in accept.split(",")]
    return _quality(ranges, "application/json") > _quality(ranges, "text/html")


def _parsed(entry):
    """Return a media range and its quality; an invalid range has quality 0."""
    media_range, *parameters = (part.strip().lower() for part in entry.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return media_range, float(value)
            except ValueError:
                return media_range, 0.0
    return media_range, 1.0


def _quality(ranges, wanted):
    """Return the quality of the most specific matching range."""
    for matching in (wanted, wanted.partition("/")[0] + "/*", "*/*"):
        qualities = [quality for media_range, quality in ranges if media_range == matching]
        if qualities:
            return qualities[0]
    return 0.0
