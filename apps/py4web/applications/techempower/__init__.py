"""TechEmpower's tests."""

from py4web import action, request, response

from workplace import given

larder = given["larder"]


@action("plaintext", method="GET")
def plaintext():
    response.content_type = "text/plain"
    return "Hello, World!"


@action("json", method="GET")
def message():
    return {"message": "Hello, World!"}


@action("db", method="GET")
def one_world():
    return larder.worlds.random().as_dict()


@action("queries", method="GET")
def some_worlds():
    return [world.as_dict() for world in larder.worlds.some(how_many())]


@action("updates", method="GET")
def updated_worlds():
    return [world.as_dict() for world in larder.worlds.update(how_many())]


@action("fortunes", method="GET")
@action.uses("fortunes.html")
def fortunes():
    return {"fortunes": larder.fortunes.all()}


def how_many():
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    asked = request.query.get("queries")
    is_number = isinstance(asked, str) and asked.isascii() and asked.isdigit()
    return min(max(int(asked), 1), 500) if is_number else 1
