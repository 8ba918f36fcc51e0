"""Choose between HTML and JSON by the Accept header (RFC 9110, section 12.5.1).

web2py chooses the format by an extension of the address, and does not read Accept.
"""


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html."""
    return quality(accept, "application/json") > quality(accept, "text/html")


def quality(accept, wanted):
    """Return the quality of the most specific matching range, or 0 without one."""
    ranges = ("*/*", wanted.partition("/")[0] + "/*", wanted)
    best_rank, best_quality = -1, 0.0
    for entry in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in entry.split(";"))
        rank = ranges.index(media_range) if media_range in ranges else -1
        if rank > best_rank:
            best_rank, best_quality = rank, q_of(parameters)
    return best_quality


def q_of(parameters):
    """Return the q parameter of a range, or 0 if it is not a number."""
    q = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return float(q)
    except ValueError:
        return 0.0
