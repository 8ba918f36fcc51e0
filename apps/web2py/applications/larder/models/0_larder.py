"""The larder, and functions that read a request; models run before every action."""

import json
from urllib.parse import urlencode

larder = request.env.larder
settings = request.env.settings


def one_each(values):
    """Return the last value of each name; web2py returns a list for a repeated name."""
    return {name: values.getlast(name) for name in values}


def address_of(query, action="search_dishes"):
    """Return the address of a search; URL() would sort the parameters by name."""
    return "?".join(filter(None, (URL(action), urlencode(query))))


def posted_json():
    """Return the decoded JSON body; answer 415 or 400 to any other body.

    request.post_vars accepts only objects, and is {} for malformed JSON.
    """
    if request.content_type != "application/json":
        raise HTTP(415)
    try:
        return json.loads(request.body.read())
    except (ValueError, RecursionError) as error:
        raise HTTP(400) from error
