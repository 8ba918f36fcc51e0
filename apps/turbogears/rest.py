"""HTTP details: 405, HEAD, and redirects without content of the request."""

from crank.util import method_matches_args
from tg import RestController
from tg.exceptions import HTTPMethodNotAllowed, HTTPNotFound, HTTPSeeOther

HANDLERS = {
    "GET": ("get_all", "get_one"),
    "HEAD": ("get_all", "get_one"),
    "POST": ("post",),
    "PATCH": ("patch",),
}


class SeeOther(HTTPSeeOther):
    """A redirect without a body: the body of WebOb's redirect contains the Host header."""

    empty_body = True


class Resource(RestController):
    """A RestController that answers HEAD, and answers 405 to an unsupported method.

    TurboGears' own answers 404 to both, and 400 if a shorter path supports the method.
    """

    def _dispatch(self, state, remainder=None):
        self._enter_controller(state, remainder)
        found = self._handlers_for(remainder)
        if not found:
            raise HTTPNotFound
        if state.request.method not in found:
            raise HTTPMethodNotAllowed(headers={"Allow": ", ".join(found)})
        state.set_action(found[state.request.method], remainder)
        return state

    def _handlers_for(self, remainder):
        """Return the handler for each HTTP method at the rest of a path."""
        return {
            method: getattr(self, name)
            for method, names in HANDLERS.items()
            for name in names
            if self._is_exposed(self, name)
            and method_matches_args(getattr(self, name), {}, remainder, lax_params=True)
        }
