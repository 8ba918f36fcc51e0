"""Choose between HTML and JSON by the Accept header (RFC 9110, section 12.5.1)."""


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html."""
    return _quality(accept, "application/json") > _quality(accept, "text/html")


def _quality(accept, wanted):
    best_rank, best_quality = -1, 0.0
    for entry in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in entry.split(";"))
        rank = _rank(media_range, wanted)
        if rank > best_rank:
            best_rank, best_quality = rank, _q(parameters)
    return best_quality


def _rank(media_range, wanted):
    ranges = ("*/*", wanted.partition("/")[0] + "/*", wanted)
    return ranges.index(media_range) if media_range in ranges else -1


def _q(parameters):
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
