"""The larder, and the ways a request is read; models run before every action."""

import json
from urllib.parse import urlencode

larder = request.env.larder
settings = request.env.settings


def one_each(values):
    """Return the last value of each name: web2py makes a list of a name that came twice."""
    return {name: values.getlast(name) for name in values}


def address_of(query, action="search_dishes"):
    """Return the address of a search; URL() would sort its parameters by name."""
    return "?".join(filter(None, (URL(action), urlencode(query))))


def posted_json():
    """Return the decoded JSON body; 415 or 400 when it is something else.

    request.post_vars would have it too, but an object only, and {} for malformed JSON.
    """
    if request.content_type != "application/json":
        raise HTTP(415)
    try:
        return json.loads(request.body.read())
    except (ValueError, RecursionError) as error:
        raise HTTP(400) from error
