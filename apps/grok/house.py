"""The objects that addresses lead to, name by name; views answer on these objects."""

import grok
from zope.authentication.interfaces import IAuthentication
from zope.component import getUtility
from zope.location.interfaces import IRoot

from interfaces import ILarder
from security import StaffAuthentication


class Dishes(grok.Context):
    """The dishes; each object is the larder's own record."""

    def traverse(self, name):
        """Return the dish with this id."""
        return getUtility(ILarder).dishes.get(int(name)) if name.isdecimal() else None


# The other objects know only their name: the larder is queried after the access checks.


class Order(grok.Context):
    """An order, for its guest."""

    def __init__(self, code):
        self.code = code


class Orders(grok.Context):
    def traverse(self, name):
        """Return the order with this code."""
        return Order(name)


class KitchenOrder(grok.Context):
    """An order, for staff."""

    def __init__(self, code):
        self.code = code


class KitchenOrders(grok.Context):
    def traverse(self, name):
        """Return the order with this code."""
        return KitchenOrder(name)


class KitchenDish(grok.Context):
    """A dish, for staff."""

    def __init__(self, dish_id):
        self.dish_id = dish_id


class KitchenDishes(grok.Context):
    def traverse(self, name):
        """Return the dish with this id."""
        return KitchenDish(int(name)) if name.isdecimal() else None


class Kitchen(grok.Context):
    grok.traversable("dishes")
    grok.traversable("orders")
    dishes = KitchenDishes
    orders = KitchenOrders


class ProgramDish(grok.Context):
    """A dish, for the API."""

    def __init__(self, dish_id):
        self.dish_id = dish_id


class ProgramDishes(grok.Context):
    def traverse(self, name):
        """Return the dish with this id."""
        return ProgramDish(int(name)) if name.isdecimal() else None


class ProgramsSide(grok.Context):
    """The root of the API."""

    grok.traversable("dishes")
    dishes = ProgramDishes


class House(grok.Application, grok.Model):
    """The root of the site, the only object in the ZODB."""

    grok.implements(IRoot)
    grok.local_utility(StaffAuthentication, provides=IAuthentication)
    grok.traversable("dishes")
    grok.traversable("orders")
    grok.traversable("kitchen")
    grok.traversable("api")
    dishes = Dishes
    orders = Orders
    kitchen = Kitchen
    api = ProgramsSide
