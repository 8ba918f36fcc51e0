"""The API: the site's data as JSON."""

import hashlib
import json
from urllib.parse import urlencode

import grok
from zope.browserresource.file import etag_matches, parse_etags, quote_etag
from zope.component import getUtility
from zope.publisher.interfaces import BadRequest

from conditional import is_held
from house import ProgramDish, ProgramDishes, ProgramsSide
from interfaces import IGet, ILarder, IPatch, IPost, ISettings
from refusals import NoCondition, NotJSON
from reply import as_json
from shared_db.errors import StaleVersionError


def document_of(view):
    """Return the JSON of the request."""
    media_type = view.request.getHeader("Content-Type", "").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise NotJSON
    try:
        return json.loads(view.body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(str(error)) from error


def dish_document(request, dish):
    """Return a dish as JSON, or an empty 304 if the client has this version."""
    return None if is_held(request, str(dish.version)) else as_json(request, dish.as_dict())


class ListDishes(grok.View):
    """List the dishes for programs."""

    grok.context(ProgramDishes)
    grok.name("index")
    grok.layer(IGet)

    def render(self):
        found = getUtility(ILarder).dishes.search(self.request.form)
        pages = (("prev", found.previous), ("next", found.next))
        links = [f'</api/dishes?{urlencode(query)}>; rel="{rel}"' for rel, query in pages if query]
        if links:
            self.response.setHeader("Link", ", ".join(links))
        return as_json(self.request, found.as_dict())


class ShowDishToProgram(grok.View):
    """Show one dish to a program."""

    grok.context(ProgramDish)
    grok.name("index")
    grok.layer(IGet)

    def render(self):
        dish = getUtility(ILarder).dishes.get(self.context.dish_id)
        return dish_document(self.request, dish)


class PlaceOrderByProgram(grok.View):
    """Place an order by program."""

    grok.context(ProgramsSide)
    grok.name("orders")
    grok.layer(IPost)

    def render(self):
        key = self.request.getHeader("Idempotency-Key") or None
        order = getUtility(ILarder).orders.place_from_json(document_of(self), key)
        self.response.setStatus(201)
        self.response.setHeader("Location", f"/orders/{order.code}")
        return as_json(self.request, order.as_dict())


class ChangeDish(grok.View):
    """Change a dish by program."""

    grok.context(ProgramDish)
    grok.name("index")
    grok.layer(IPatch)

    def render(self):
        larder = getUtility(ILarder)
        larder.staff.check_token(self.token())
        dish = larder.dishes.get(self.context.dish_id)
        versions = self.request.getHeader("If-Match")
        if not versions:
            raise NoCondition
        tag = quote_etag(str(dish.version))
        held = parse_etags(self.request.getHeader("If-None-Match", "").replace("W/", ""))
        if not etag_matches(tag, parse_etags(versions)) or etag_matches(tag, held):
            raise StaleVersionError
        dish = larder.dishes.change(dish.id, document_of(self), dish.version)
        self.response.setHeader("ETag", quote_etag(str(dish.version)))
        return as_json(self.request, dish.as_dict())

    def token(self):
        """Return the bearer token; Zope moves the header from the environ to this name."""
        scheme, _, token = (self.request._auth or "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class DescribeAPI(grok.View):
    """Describe the programs' side."""

    grok.context(ProgramsSide)
    grok.name("openapi.json")
    grok.layer(IGet)

    def render(self):
        self.response.setHeader("Content-Type", "application/json")
        document = (getUtility(ISettings).static_dir / "openapi.json").read_bytes()
        tag = hashlib.sha1(document, usedforsecurity=False).hexdigest()
        return None if is_held(self.request, tag) else document
