"""The pages of the site, one function each, in the order of features.py."""

import json
import mimetypes
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, SuspiciousFileOperation
from django.http import Http404, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.request import MediaType
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import http_date, parse_etags, quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_protect, requires_csrf_token
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django.views.static import serve

from larder import larder
from problems import PreconditionRequired, UnsupportedMediaType
from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")
# For pages that show a session's own data: neither caches nor browsers may store them.
not_stored = cache_control(no_store=True)


class HttpResponseSeeOther(HttpResponseRedirect):
    """The 303 redirect after a form; Django has 301, 302, 307 and 308."""

    status_code = 303


def staff_only(view):
    """Allow staff only, and redirect other guests to the sign-in form."""

    @wraps(view)
    def guarded(request, **arguments):
        if "staff_id" not in request.session:
            return HttpResponseSeeOther(f"{reverse('login')}?next={reverse('show_kitchen')}")
        return view(request, **arguments)

    return guarded


@require_safe
def show_menu(request):
    """Show the menu."""
    # @conditional_page does the same, but gives HEAD no ETag.
    page = set_response_etag(render(request, "menu.html", {"sections": larder.dishes.menu()}))
    return get_conditional_response(request, page["ETag"], response=page)


@require_safe
def search_dishes(request):
    """Search the dishes."""
    found = larder.dishes.search(request.GET)
    links = neighbours("search_dishes", found)
    return render(request, "search.html", {"found": found, "links": links})


def neighbours(view_name, found):
    """Return the addresses of the previous and the next page of a search."""
    queries = {"prev": found.previous, "next": found.next}
    return {rel: reverse(view_name, query=q) for rel, q in queries.items() if q is not None}


@require_safe
@vary_on_headers("Accept")
def show_dish(request, dish_id):
    """Show one dish."""
    if prefers_json(request):
        return show_dish_to_program(request, dish_id)
    return dish_page(request, larder.dishes.get(dish_id))


def prefers_json(request):
    """Return whether Accept ranks JSON above HTML.

    get_preferred_type() chooses the first type of a tie, and ignores a rejection by q=0.
    """
    try:
        ranges = [MediaType(text) for text in request.headers.get("Accept", "*/*").split(",")]
        return quality("application/json", ranges) > quality("text/html", ranges)
    except ValueError:  # a parameter with an unknown charset
        return False


def quality(media_type, ranges):
    """Return the quality of a media type by the most specific matching range."""
    fitting = [accepted for accepted in ranges if MediaType(media_type).match(accepted)]
    return max(fitting, key=lambda one: (one.specificity, one.quality)).quality if fitting else 0


@requires_csrf_token
def dish_page(request, dish, status=200, typed=None, errors=None):
    """Return a dish's page, with the values and the errors of its review form."""
    context = {
        "dish": dish,
        "reviews": larder.reviews.of(dish.id),
        "staff": "staff_id" in request.session,
        "ratings": ["5", "4", "3", "2", "1"],
        "typed": typed,
        "errors": errors,
    }
    return render(request, "dish.html", context, status=status)


@require_POST
@csrf_protect
def write_review(request, dish_id):
    """Write a review."""
    dish = larder.dishes.get(dish_id)
    try:
        larder.reviews.write(dish.id, request.POST)
    except InvalidInputError as error:
        return dish_page(request, dish, 422, request.POST, error.fields)
    messages.success(request, "Thank you for your review.")
    return HttpResponseSeeOther(reverse("show_dish", args=[dish.id]))


@require_http_methods(["GET", "HEAD", "POST"])
@not_stored
def serve_cart(request):
    """Dispatch by method, which Django's routes do not do."""
    return put_in_cart(request) if request.method == "POST" else show_cart(request)


@csrf_protect
def put_in_cart(request):
    """Put a dish in the cart."""
    try:
        larder.carts.put(request.session.token, request.POST)
    except InvalidInputError as error:
        return cart_page(request, 422, errors=error.fields)
    return HttpResponseSeeOther(reverse("cart"))


def show_cart(request):
    """Show the cart."""
    return cart_page(request)


@requires_csrf_token
def cart_page(request, status=200, typed=None, errors=None):
    """Return the cart's page, with the values and the errors of its order form."""
    context = {
        "cart": larder.carts.show(request.session.token),
        "idempotency_key": larder.orders.new_key(),
        "typed": typed,
        "errors": errors,
    }
    return render(request, "cart.html", context, status=status)


@require_POST
@not_stored
@csrf_protect
def place_order(request):
    """Place the order."""
    try:
        order = larder.orders.place(request.session.token, request.POST)
    except InvalidInputError as error:
        return cart_page(request, 422, request.POST, error.fields)
    except SoldOutError as error:
        return cart_page(request, 409, request.POST, {"cart": str(error)})
    return HttpResponseSeeOther(reverse("show_order", args=[order.code]))


@require_safe
@not_stored
def show_order(request, code):
    """Show one order."""
    return render(request, "order.html", {"order": larder.orders.get(code)})


@require_http_methods(["GET", "HEAD", "POST"])
@not_stored
def serve_login(request):
    """Dispatch by method, which Django's routes do not do."""
    return sign_in(request) if request.method == "POST" else show_sign_in(request)


@requires_csrf_token
def show_sign_in(request):
    """Show the sign-in form."""
    return render(request, "login.html", {"next": request.GET.get("next", "")})


@csrf_protect
def sign_in(request):
    """Sign in."""
    goal = request.POST.get("next", "")
    try:
        staff = larder.staff.sign_in(request.POST)
    except WrongPasswordError as error:
        context = {"next": goal, "username": request.POST.get("username", ""), "error": error}
        return render(request, "login.html", context, status=401)
    request.session["staff_id"] = staff.id
    request.session.cycle_key()
    rotate_token(request)
    return HttpResponseSeeOther(settings.SITE.own_path(goal) or reverse("show_kitchen"))


@require_POST
@csrf_protect
def sign_out(request):
    """Sign out."""
    request.session.flush()
    return HttpResponseSeeOther(reverse("show_menu"))


@require_safe
@not_stored
@staff_only
@requires_csrf_token
def show_kitchen(request):
    """Show the kitchen."""
    staff = larder.staff.get(request.session["staff_id"])
    return render(request, "kitchen.html", {"staff": staff, "orders": larder.orders.open()})


@require_POST
@csrf_protect
@staff_only
def move_order(request, code):
    """Move an order along."""
    larder.orders.move(code, request.POST.get("status", ""))
    return HttpResponseSeeOther(reverse("show_kitchen"))


@require_POST
@csrf_protect
@staff_only
def change_photo(request, dish_id):
    """Change a dish's photo."""
    photo = request.FILES.get("photo")
    if photo is None:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = larder.photos.keep(dish_id, photo)
    messages.success(request, "The new photo is up.")
    return HttpResponseSeeOther(reverse("show_dish", args=[dish.id]))


@require_safe
def show_photo(request, name):
    """Serve a photo."""
    return send_file(request, name, settings.MEDIA_ROOT)


def send_file(request, name, folder):
    """Send a file of a folder by Django's own view, which can fail if the file does not exist."""
    # The view compares dates only; tags come before dates, and "*" is any version (RFC 9110, 13.1).
    if known := request.headers.get("If-None-Match"):
        request.META["HTTP_IF_MODIFIED_SINCE"] = http_date() if known.strip() == "*" else ""
    try:
        return serve(request, name, document_root=folder)
    # Outside the folder, deleted meanwhile, or a name too long for the file system.
    except (SuspiciousFileOperation, OSError) as error:
        raise Http404 from error


@require_safe
@not_stored
@staff_only
def export_orders(request):
    """Export the orders."""
    return StreamingHttpResponse(
        larder.orders.export_csv(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="orders.csv"'},
    )


@require_safe
def list_dishes(request):
    """List the dishes for programs."""
    found = larder.dishes.search(request.GET)
    response = JsonResponse(found.as_dict())
    if links := neighbours("list_dishes", found):
        response["Link"] = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items())
    return response


@require_http_methods(["GET", "HEAD", "PATCH"])
def serve_dish_to_program(request, dish_id):
    """Dispatch by method, which Django's routes do not do."""
    view = change_dish if request.method == "PATCH" else show_dish_to_program
    return view(request, dish_id)


def show_dish_to_program(request, dish_id):
    """Show one dish to a program."""
    response = dish_document(larder.dishes.get(dish_id))
    return get_conditional_response(request, response["ETag"], response=response)


def dish_document(dish):
    """Return a dish as JSON, with its version as the entity tag."""
    return JsonResponse(dish.as_dict(), headers={"ETag": quote_etag(str(dish.version))})


@require_POST
def place_order_by_program(request):
    """Place an order by program."""
    key = request.headers.get("Idempotency-Key") or None
    order = larder.orders.place_from_json(read_json(request), key)
    address = reverse("show_order", args=[order.code])
    return JsonResponse(order.as_dict(), status=201, headers={"Location": address})


def read_json(request):
    """Return the decoded JSON body."""
    if request.content_type != "application/json":
        raise UnsupportedMediaType
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is no JSON.") from error


def change_dish(request, dish_id):
    """Change a dish by program."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
    dish = larder.dishes.get(dish_id)
    condition = request.headers.get("If-Match")
    if not condition:
        raise PreconditionRequired
    # Not get_conditional_response(), which ignores a malformed If-Match.
    tags = {"*", quote_etag(str(dish.version))}
    held = request.headers.get("If-None-Match", "").replace("W/", "")
    if not tags.intersection(parse_etags(condition)) or tags.intersection(parse_etags(held)):
        raise StaleVersionError
    return dish_document(larder.dishes.change(dish.id, read_json(request), dish.version))


@require_safe
def describe_api(request):
    """Describe the programs' side."""
    return send_file(request, "openapi.json", settings.STATIC_ROOT)


@require_safe
def show_journey(request):
    """Tell how a request travels."""
    context = {
        "dishes": larder.dishes.count(),
        "browser": request.headers.get("User-Agent", ""),
        "server": request.META.get("SERVER_SOFTWARE", ""),
        "framework": settings.SITE.framework,
        "database": larder.database,
        "usage": larder.usage,
    }
    return render(request, "about.html", context)


@require_safe
def report_health(request):
    """Report health."""
    try:
        larder.check()
    except Exception:
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
def send_static(request, name):
    """Serve a static file."""
    return send_file(request, name, settings.STATIC_ROOT)
