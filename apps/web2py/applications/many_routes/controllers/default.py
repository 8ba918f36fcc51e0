"""The action of all routes."""

session.forget(response)


def show_number():
    return str(request.args(0, cast=int))


def refuse():
    raise HTTP(404)
