"""TechEmpower's tests."""

larder = request.env.larder
session.forget(response)


def plaintext():
    response.headers["Content-Type"] = "text/plain"
    return "Hello, World!"


def json():
    return response.json(dict(message="Hello, World!"))


def db():
    return response.json(larder.worlds.random().as_dict())


def queries():
    return response.json([world.as_dict() for world in larder.worlds.some(how_many())])


def updates():
    return response.json([world.as_dict() for world in larder.worlds.update(how_many())])


def fortunes():
    return dict(fortunes=larder.fortunes.all())


def how_many(least=1, most=500):
    asked = request.get_vars.getfirst("queries", "")
    return min(max(int(asked), least), most) if asked.isascii() and asked.isdigit() else least
