"""Error replies for requests without an action."""


def explain():
    """Show what went wrong."""
    # web2py calls this action with the status of its own errors (routes_onerror in routes.py).
    status = int(request.args(0) or request.env.web2py_status_code or 404)
    if status == 405:
        return tell(405, Allow=request.env.larder_allow)
    return tell(status)
