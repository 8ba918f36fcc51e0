"""The directive that passes the larder to the handlers."""

import hug


@hug.directive()
def larder(context=None, **kwargs):
    """Return the larder."""
    return context["larder"]
