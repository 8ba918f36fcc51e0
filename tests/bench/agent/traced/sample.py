"""Imported after the tracer begins; each comment names the contexts of its line."""  #: start menu

import contextlib  #: start
import threading  #: start
from pathlib import Path  #: start

import early  #: start


def rows(count):  #: start
    try:  #: menu cart
        for number in range(count):  #: menu cart
            yield number + 0  #: menu cart
    except ValueError:  #: menu
        yield -1  #: menu
    else:
        count += 1  #: cart
    finally:
        count = 0  #: menu cart


def fail():  #: start
    raise LookupError(  #: menu
        "nothing",  #: menu
    )
    return 1


def caught():  #: start
    try:  #: menu
        fail()  #: menu
    except LookupError:  #: menu
        return 1  #: menu
    return 2


def comprehended(numbers):  #: start
    return [  #: menu cart
        number  #: menu cart
        for number in numbers  #: menu cart
        if number  #: menu cart
    ], {  #: menu cart
        number: number + 1  #: menu cart
        for number in numbers  #: menu cart
    }


def in_a_thread(context):  #: start
    if context == "menu":  #: menu cart
        context += "!"  #: menu
    return context  #: menu cart


double = lambda number: 2 * number  # noqa: E731  #: start menu cart


def triple(number): return 3 * number  # fmt: skip  #: start menu cart


def numbers(): yield 1; yield 2  # fmt: skip  # noqa: E702  #: start menu cart


def in_one_line():  #: start
    for _ in range(3):  #: menu cart
        double(1)  #: menu cart
        triple(1)  #: menu cart
        list(numbers())  #: menu cart
        sum(number for number in (1, 2))  #: menu cart


class Page:  #: start
    title = "soup"  #: start

    @property  #: start
    def shown(self):  #: start
        return self.title.upper()  #: cart

    @contextlib.contextmanager  #: start
    def opened(self):  #: start
        yield self  #: cart


TEMPLATE = compile("dish = 1", str(Path(__file__).with_name("page.html")), "exec")  #: start


def menu(counted, thrown):  #: start
    exec(TEMPLATE)  #: menu
    exec(compile("dish = 1", __file__, "exec"))  #: menu
    next(counted)  #: menu
    thrown.throw(ValueError)  #: menu
    early.called()  #: menu
    broken = rows(5)  #: menu
    next(broken)  #: menu
    broken.throw(ValueError)  #: menu
    broken.close()  #: menu
    caught()  #: menu
    in_one_line()  #: menu
    comprehended([0, 1])  #: menu
    run_thread("menu")  #: menu


def cart():  #: start
    assert early.called()  #: cart
    assert list(rows(2)) == [0, 1]  #: cart
    comprehended([0, 1])  #: cart
    with Page().opened() as page:  #: cart
        page.shown.strip()  #: cart
    in_one_line()  #: cart
    run_thread("cart")  #: cart


def run_thread(context):  #: start
    thread = threading.Thread(target=in_a_thread, args=[context])  #: menu cart
    thread.start()  #: menu cart
    thread.join()  #: menu cart


def nested(recorder):  #: start
    with recorder.record_feature("cart"):  #: menu cart
        early.called()  #: cart
    return early.called()  #: menu
