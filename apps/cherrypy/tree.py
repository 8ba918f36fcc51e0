"""The addresses of the site: a tree of objects whose attributes are parts of an address."""

import re
from types import SimpleNamespace

import cherrypy

import handlers

# Any other first character could select an attribute of Python itself: /cart/__class__.
ADDRESS = re.compile(r"/|(/[^\W_][^/]*)+")


def grow():
    """Return the root of the tree; _ stands for a full stop.

    A SimpleNamespace is a part of an address without a page of its own. popargs names the variable
    part for the handlers.
    """
    root = handlers.Menu()
    grow_front_of_house(root)
    grow_kitchen(root)
    grow_api(root)
    root.about, root.health, root.static = handlers.Journey(), handlers.Health(), handlers.Static()
    return root


def grow_front_of_house(root):
    """Add the pages for guests."""
    root.dishes, root.orders, root.photos = handlers.Dishes(), handlers.Orders(), SimpleNamespace()
    dish = handlers.Dish()
    dish.reviews = handlers.Reviews()
    root.dishes._cp_dispatch = cherrypy.popargs("dish_id", handler=dish)
    root.cart = handlers.Cart()
    root.orders._cp_dispatch = cherrypy.popargs("code", handler=handlers.Order())
    root.login, root.logout = handlers.SignIn(), handlers.SignOut()
    root.photos._cp_dispatch = cherrypy.popargs("name", handler=handlers.Photo())


def grow_kitchen(root):
    """Add the pages for staff."""
    kitchen = root.kitchen = handlers.Kitchen()
    kitchen.orders, kitchen.dishes = SimpleNamespace(), SimpleNamespace()
    kitchen.orders._cp_dispatch = cherrypy.popargs("code", handler=handlers.Ticket())
    dish = SimpleNamespace(photo=handlers.DishPhoto())
    kitchen.dishes._cp_dispatch = cherrypy.popargs("dish_id", handler=dish)
    kitchen.orders_csv = handlers.OrdersFile()


def grow_api(root):
    """Add the API."""
    api = root.api = SimpleNamespace()
    api.dishes, api.orders = handlers.ProgramsDishes(), handlers.ProgramsOrders()
    api.dishes._cp_dispatch = cherrypy.popargs("dish_id", handler=handlers.ProgramsDish())
    api.openapi_json = handlers.Description()


class WholeAddress(cherrypy.dispatch.MethodDispatcher):
    """CherryPy's dispatcher by method, which requires that the whole address matches."""

    def find_handler(self, path):
        # CherryPy would pass the rest of the address to the last resource that it found.
        resource, rest = super().find_handler(path if ADDRESS.fullmatch(path) else "/-")
        return (None, []) if rest else (resource, rest)

    def __call__(self, path_info):
        super().__call__(path_info)
        handler = cherrypy.request.handler
        if isinstance(handler, cherrypy.dispatch.LateParamPageHandler):
            # Bound here: otherwise a query parameter would replace an argument from the address.
            handler.kwargs = dict(cherrypy.request.params)
