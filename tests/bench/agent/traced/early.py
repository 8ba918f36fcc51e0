"""Imported before the tracer begins. Each line's comment names the contexts in which it runs."""


def counted():
    before = 1
    yield before
    after = 2  #: menu
    yield after  #: menu


def thrown():
    try:
        yield 1
    except ValueError:  #: menu
        yield 2  #: menu


def called():
    return 1  #: menu cart
