"""The actions of a guest and of staff on a site; each action returns the page it leads to."""

from tests.contract.guest import Guest
from tests.contract.reply import Reply
from tests.contract.site import Site


class Visit:
    """A guest and a member of staff of a site with a fresh database."""

    def __init__(self, site: Site) -> None:
        """Create the guest and the member of staff."""
        self.site = site
        self.guest: Guest = site.guest()
        self.cook: Guest = site.guest()
        self.code = ""
        self.form: dict[str, str] = {}

    def review(self, dish_id: int, **fields: str) -> Reply:
        """Write a review, and return the page."""
        form = {"author": "Ida", "rating": "4", "body": "Good.", **fields}
        reply = self.guest.post(f"/dishes/{dish_id}/reviews", form)
        return self.guest.get(f"/dishes/{dish_id}") if reply.status == 303 else reply

    def put(self, dish_id: int, quantity: object = 1) -> Reply:
        """Put a dish in the cart, and return the page."""
        reply = self.guest.put(dish_id, quantity)
        return self.guest.get("/cart") if reply.status == 303 else reply

    def place(self, guest: str) -> Reply:
        """Place the order, and return the page."""
        reply = self.guest.place(guest=guest)
        if reply.status == 303:
            self.code = reply.headers["Location"].rpartition("/")[2]
            return self.guest.get(f"/orders/{self.code}")
        return reply

    def move(self, status: str) -> Reply:
        """Change the order's status, and return the page."""
        reply = self.cook.post(f"/kitchen/orders/{self.code}", {"status": status})
        return self.cook.get("/kitchen") if reply.status == 303 else reply

    def photo(self, content: bytes | None) -> Reply:
        """Change a dish's photo, and return the page."""
        files = {"photo": ("p.png", content)} if content is not None else {"x": ("x", b"x")}
        reply = self.cook.post("/kitchen/dishes/7/photo", files=files)
        return self.cook.get("/dishes/7") if reply.status == 303 else reply

    def change(self, dish_id: int, **fields: object) -> Reply:
        """Change a dish, and return its page."""
        self.site.dish(dish_id).change(**fields)
        return self.guest.get(f"/dishes/{dish_id}")

    def sign_in(self) -> Reply:
        """Sign in, and return the kitchen's page."""
        self.cook.sign_in()
        return self.cook.get("/kitchen")

    def sign_out(self) -> Reply:
        """Sign out, and return the menu."""
        self.cook.post("/logout")
        return self.cook.get("/")
