"""The house: what an address leads to, name by name. Views answer at what is found there."""

import grok
from zope.authentication.interfaces import IAuthentication
from zope.component import getUtility
from zope.location.interfaces import IRoot

from interfaces import ILarder
from security import StaffAuthentication


class Dishes(grok.Context):
    """The dishes; what stands there is the larder's own record."""

    def traverse(self, name):
        """Return the dish with this id."""
        return getUtility(ILarder).dishes.get(name)


# All others know only their name: the larder is asked once it is known how, and by whom, one asks.


class Order(grok.Context):
    """An order as its guest sees it."""

    def __init__(self, code):
        self.code = code


class Orders(grok.Context):
    def traverse(self, name):
        """Return the order with this code."""
        return Order(name)


class KitchenOrder(grok.Context):
    """An order as the kitchen sees it."""

    def __init__(self, code):
        self.code = code


class KitchenOrders(grok.Context):
    def traverse(self, name):
        """Return the order with this code."""
        return KitchenOrder(name)


class KitchenDish(grok.Context):
    """A dish as the kitchen sees it."""

    def __init__(self, dish_id):
        self.dish_id = dish_id


class KitchenDishes(grok.Context):
    def traverse(self, name):
        """Return the dish with this id."""
        return KitchenDish(name)


class Kitchen(grok.Context):
    grok.traversable("dishes")
    grok.traversable("orders")
    dishes = KitchenDishes
    orders = KitchenOrders


class ProgramDish(grok.Context):
    """A dish as programs see it."""

    def __init__(self, dish_id):
        self.dish_id = dish_id


class ProgramDishes(grok.Context):
    def traverse(self, name):
        """Return the dish with this id."""
        return ProgramDish(name)


class ProgramsSide(grok.Context):
    """Where programs are served."""

    grok.traversable("dishes")
    dishes = ProgramDishes


class Photo(grok.Context):
    """An uploaded picture, by its file's name."""

    def __init__(self, name):
        self.name = name


class Photos(grok.Context):
    def traverse(self, name):
        """Return the photo with this name."""
        return Photo(name)


class House(grok.Application, grok.Model):
    """The root of the site, and all that is in the ZODB."""

    grok.implements(IRoot)
    grok.local_utility(StaffAuthentication, provides=IAuthentication)
    grok.traversable("dishes")
    grok.traversable("orders")
    grok.traversable("kitchen")
    grok.traversable("photos")
    grok.traversable("api")
    dishes = Dishes
    orders = Orders
    kitchen = Kitchen
    photos = Photos
    api = ProgramsSide
