"""The pages of the site, in the order of features.py."""

import json
import mimetypes
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, etag, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django.views.static import serve

from forms import OrderForm, PortionsForm, ReviewForm, SignInForm
from larder import larder
from problems import PreconditionRequired, UnsupportedMediaType
from shared_db.errors import InvalidInputError, SoldOutError

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


def token_only(view):
    """Allow programs with a token of the staff only."""

    @wraps(view)
    def guarded(request, **arguments):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        larder.staff.check_token(token if scheme.lower() == "bearer" else "")
        return view(request, **arguments)

    return guarded


@require_safe
@conditional_page
def show_menu(request):
    """Show the menu."""
    return render(request, "menu.html", {"sections": larder.dishes.menu()})


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
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return DishDocument.as_view()(request, dish_id=dish_id)
    return dish_page(request, larder.dishes.get(dish_id), ReviewForm())


def dish_page(request, dish, form, status=200):
    """Return a dish's page, with its review form."""
    context = {
        "dish": dish,
        "reviews": larder.reviews.of(dish.id),
        "staff": "staff_id" in request.session,
        "ratings": ["5", "4", "3", "2", "1"],
        "form": form,
    }
    return render(request, "dish.html", context, status=status)


@require_POST
def write_review(request, dish_id):
    """Write a review."""
    dish = larder.dishes.get(dish_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return dish_page(request, dish, form, 422)
    larder.reviews.write(dish.id, form.cleaned_data)
    messages.success(request, "Thank you for your review.")
    return HttpResponseSeeOther(reverse("show_dish", args=[dish.id]))


@method_decorator(not_stored, name="dispatch")
class Cart(View):
    """The cart."""

    def post(self, request):
        """Put a dish in the cart."""
        form = PortionsForm(request.POST)
        if form.is_valid():
            try:
                larder.carts.put(request.session.session_key, form.cleaned_data)
            except InvalidInputError as error:
                form.add_error(None, list(error.fields.values()))
            else:
                return HttpResponseSeeOther(reverse("cart"))
        return cart_page(request, form, 422)

    def get(self, request):
        """Show the cart."""
        return cart_page(request, OrderForm())


def cart_page(request, form, status=200):
    """Return the cart's page, with its order form."""
    context = {
        "cart": larder.carts.show(request.session.session_key),
        "idempotency_key": larder.orders.new_key(),
        "form": form,
    }
    return render(request, "cart.html", context, status=status)


@require_POST
@not_stored
def place_order(request):
    """Place the order."""
    form = OrderForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            order = larder.orders.place(request.session.session_key, form.cleaned_data)
        except InvalidInputError as error:
            form.add_error(None, list(error.fields.values()))
        except SoldOutError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            return HttpResponseSeeOther(reverse("show_order", args=[order.code]))
    return cart_page(request, form, status)


@require_safe
@not_stored
def show_order(request, code):
    """Show one order."""
    return render(request, "order.html", {"order": larder.orders.get(code)})


@method_decorator(not_stored, name="dispatch")
class SignIn(View):
    """The sign-in form."""

    def get(self, request):
        """Show the sign-in form."""
        return sign_in_page(request, SignInForm(), request.GET.get("next", ""))

    def post(self, request):
        """Sign in."""
        form = SignInForm(request.POST)
        goal = request.POST.get("next", "")
        if not form.is_valid():
            return sign_in_page(request, form, goal, 401)
        request.session["staff_id"] = form.staff.id
        request.session.cycle_key()
        rotate_token(request)
        return HttpResponseSeeOther(settings.SITE.own_path(goal) or reverse("show_kitchen"))


def sign_in_page(request, form, goal, status=200):
    """Return the page of the sign-in form, which leads to the goal."""
    return render(request, "login.html", {"form": form, "next": goal}, status=status)


@require_POST
def sign_out(request):
    """Sign out."""
    request.session.flush()
    return HttpResponseSeeOther(reverse("show_menu"))


@require_safe
@not_stored
@staff_only
def show_kitchen(request):
    """Show the kitchen."""
    staff = larder.staff.get(request.session["staff_id"])
    return render(request, "kitchen.html", {"staff": staff, "orders": larder.orders.open()})


@require_POST
@staff_only
def move_order(request, code):
    """Move an order along."""
    larder.orders.move(code, request.POST.get("status", ""))
    return HttpResponseSeeOther(reverse("show_kitchen"))


@require_POST
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
    return serve(request, name, document_root=settings.MEDIA_ROOT)


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


@csrf_exempt
@require_safe
def list_dishes(request):
    """List the dishes for programs."""
    found = larder.dishes.search(request.GET)
    response = JsonResponse(found.as_dict())
    if links := neighbours("list_dishes", found):
        response["Link"] = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items())
    return response


def find_dish(request, dish_id):
    """Return the entity tag of a dish: its version. The view uses the same dish: request.dish."""
    request.dish = larder.dishes.get(dish_id)
    return str(request.dish.version)


@method_decorator(csrf_exempt, name="dispatch")
class DishDocument(View):
    """A dish as JSON."""

    @method_decorator(etag(find_dish))
    def get(self, request, dish_id):
        """Show one dish to a program."""
        return JsonResponse(request.dish.as_dict())

    @method_decorator([token_only, etag(find_dish)])
    def patch(self, request, dish_id):
        """Change a dish by program."""
        if not request.headers.get("If-Match"):
            raise PreconditionRequired
        dish = larder.dishes.change(dish_id, read_json(request), request.dish.version)
        return JsonResponse(dish.as_dict(), headers={"ETag": f'"{dish.version}"'})


@csrf_exempt
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
    except ValueError as error:
        raise BadRequest("The body is no JSON.") from error


@csrf_exempt
@require_safe
def describe_api(request):
    """Describe the programs' side."""
    return serve(request, "openapi.json", document_root=settings.STATIC_ROOT)


@require_safe
def show_journey(request):
    """Tell how a request travels."""
    context = {
        "dishes": larder.dishes.count(),
        "browser": request.headers.get("User-Agent", ""),
        "server": request.META.get("SERVER_SOFTWARE", ""),
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
    return serve(request, name, document_root=settings.STATIC_ROOT)
