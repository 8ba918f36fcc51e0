"""Build a valid request of every feature of the site, which the grammar corrupts."""

from bench.conformance import site_constants
from bench.conformance.fuzz.clients import PASSWORD
from bench.conformance.fuzz.drafts import JSON_TYPE, Draft
from bench.conformance.fuzz.probes import CART, GUEST, STAFF
from bench.conformance.pictures import SHORT_PNG

API_AUTHORIZATION = site_constants.API_AUTHORIZATION.encode()
ORDER_DOCUMENT = b'{"guest": "Robot", "lines": [{"dish_id": 2, "quantity": 1}]}'
CHANGE_DOCUMENT = b'{"price_cents": 990}'
SIGN_IN_TARGET = b"/login?next=/kitchen"

PAGE_TARGETS = (
    *(b"/", b"/dishes", b"/dishes?q=soup&course=starter&sort=price&page=1", b"/dishes?page=2"),
    *(b"/dishes/1", b"/dishes/24", b"/cart", b"/orders/{{order}}", b"/login", SIGN_IN_TARGET),
    *(b"/kitchen", b"/kitchen/orders.csv", b"/photos/{{photo}}", b"/api/dishes?page=2"),
    *(b"/api/dishes/1", b"/api/openapi.json", b"/about", b"/health", b"/static/site.css"),
    *(b"/static/favicon.svg", b"/none", b"/api/none", b"/static/none"),
)


def build_requests() -> list[Draft]:
    """Return a valid request of every feature, the more important ones several times."""
    pages = [Draft(b"GET", target) for target in PAGE_TARGETS]
    forms = [
        Draft(b"POST", b"/cart", fields=[(b"dish_id", b"2"), (b"quantity", b"1")]),
        Draft(
            b"POST",
            b"/dishes/2/reviews",
            fields=[(b"author", b"Zo\xc3\xab"), (b"rating", b"4"), (b"body", b"Good soup.")],
        ),
        Draft(b"POST", b"/orders", fields=[(b"guest", b"Ann"), (b"idempotency_key", b"k" * 24)]),
        Draft(b"POST", b"/logout", fields=[]),
        Draft(b"POST", b"/kitchen/orders/{{order}}", fields=[(b"status", b"cooking")]),
        Draft(b"POST", b"/kitchen/dishes/1/photo", fields=[], file=SHORT_PNG),
    ]
    # Sent once only: a site needs a tenth of a second to check a password.
    names = [(b"username", b"ada"), (b"password", PASSWORD.encode()), (b"next", b"/cart")]
    sign_in = Draft(b"POST", b"/login", fields=names)
    programs = [
        Draft(b"POST", b"/api/orders", body=ORDER_DOCUMENT, content_type=JSON_TYPE),
        Draft(
            b"PATCH",
            b"/api/dishes/1",
            headers=[(b"Authorization", API_AUTHORIZATION), (b"If-Match", b"{{etag-api}}")],
            body=CHANGE_DOCUMENT,
            content_type=JSON_TYPE,
        ),
    ]
    for draft in (*pages, *forms, sign_in, *programs):
        path = draft.target.partition(b"?")[0].decode()
        draft.labels.append(f"{draft.method.decode()} {path}")
    return [*pages, *forms * 3, sign_in, *programs * 4]


def select_clients(draft: Draft) -> tuple[str, ...]:
    """Return the clients that send a request; clients that reach its handler occur more often."""
    if draft.target.startswith(b"/kitchen"):
        return (STAFF, STAFF, STAFF, CART, GUEST)
    if draft.target.startswith((b"/api", b"/static", b"/photos", b"/health")):
        return (GUEST, GUEST, GUEST, STAFF)
    return (GUEST, CART, CART, STAFF) if draft.fields is None else (CART, CART, STAFF, GUEST)
