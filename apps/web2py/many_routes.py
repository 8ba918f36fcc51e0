"""A web2py application with COOKOFF_ROUTES routes; applications/many_routes/ has the action.

web2py reads the routes from this file.
"""

import os

import workplace


def create_app(settings):
    """Return web2py's WSGI callable."""
    gluon = workplace.start("many_routes", settings, "many_routes.py", compiled=True)
    return gluon.main.wsgibase


routes_in = (
    *(
        (f"/route-{number}/$number", "/many_routes/default/show_number/$number")
        for number in range(int(os.environ["COOKOFF_ROUTES"]))
    ),
    ("$anything", "/many_routes/default/refuse"),
)
