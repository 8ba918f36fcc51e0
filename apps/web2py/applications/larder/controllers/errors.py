"""What was refused before there was an action for it."""


def explain():
    """Show what went wrong."""
    # web2py comes back here with the status of its own refusals (routes_onerror in routes.py).
    status = int(request.args(0) or request.env.web2py_status_code or 404)
    if status == 405:
        return tell(405, Allow=request.env.larder_allow)
    return tell(status)
