"""The pages for staff."""

from applications.larder.modules.access import not_stored, staff_only
from applications.larder.modules.forms import guest_form
from shared_db.errors import InvalidInputError

TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@not_stored
@staff_only
def show_kitchen():
    """Show the kitchen."""
    staff = larder.staff.get(session.staff_id)
    return dict(staff=staff, orders=larder.orders.open(), form=guest_form())


@staff_only
def move_order():
    """Move an order along."""
    larder.orders.move(request.args(0), request.post_vars.status)
    redirect(URL("show_kitchen"))


@staff_only
def change_photo():
    """Change a dish's photo."""
    photo = request.post_vars.photo
    if not hasattr(photo, "file"):
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = larder.photos.keep(request.args(0), photo.file)
    session.flash = [*(session.flash or []), "The new photo is up."]
    redirect(URL("default", "show_dish", args=dish.id))


def show_photo():
    """Serve a photo."""
    photo = settings.photos_dir / request.args(0)
    # web2py's own table of types does not contain WebP.
    response.headers["Content-Type"] = TYPES[photo.suffix]
    return response.stream(str(photo))


@not_stored
@staff_only
def export_orders():
    """Export the orders."""
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
    return (text.encode() for text in larder.orders.export_csv())
