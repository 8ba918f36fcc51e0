"""A Falcon application with COOKOFF_ROUTES routes."""

import os

import falcon


def create_app(settings):
    """Return the application."""
    app, numbers = falcon.App(), Numbers()
    for number in range(int(os.environ["COOKOFF_ROUTES"])):
        app.add_route(f"/route-{number}/{{number:int}}", numbers)
    return app


class Numbers:
    """The number in the address."""

    def on_get(self, req, resp, number):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = str(number)
