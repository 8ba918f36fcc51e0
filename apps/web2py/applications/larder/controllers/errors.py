"""Error replies for requests without an action."""

from applications.larder.modules.problems import describe


def explain():
    """Show what went wrong."""
    # routes_onerror sends the errors of web2py itself here, with the status and the address.
    status = request.env.web2py_status_code or request.args(0) or 404
    address = request.get_vars.requested_uri or request.env.web2py_original_uri
    return describe(int(status), address.startswith(("/api/", "/larder/api/")))
