"""Which of two shapes the guest would rather have (RFC 9110, section 12.5.1); Zope asks nobody."""


def prefers_json(accept):
    """Whether an Accept header ranks application/json above text/html."""
    ranges = [_parsed(entry) for entry in accept.split(",")]
    return _quality(ranges, "application/json") > _quality(ranges, "text/html")


def _parsed(entry):
    """Return a media range and its quality; one that cannot be read counts as unwanted."""
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
    """Return the quality that the most specific of the matching ranges gives."""
    for matching in (wanted, wanted.partition("/")[0] + "/*", "*/*"):
        qualities = [quality for media_range, quality in ranges if media_range == matching]
        if qualities:
            return qualities[0]
    return 0.0
