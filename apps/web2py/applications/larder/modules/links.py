"""Links to a search."""

from urllib.parse import urlencode

from gluon import URL


def address_of(action, query):
    """Return the address of a search; URL() would sort the parameters by name."""
    return "?".join(filter(None, (URL(action), urlencode(query))))
