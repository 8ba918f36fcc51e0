"""One action, to which all routes lead."""

session.forget(response)


def show_number():
    return str(request.args(0, cast=int))


def refuse():
    raise HTTP(404)
