"""A guest with a browser, and the actions of guests."""

from tests.contract.browser import COOKIE, Browser
from tests.contract.reply import Reply

__all__ = ["COOKIE", "PASSWORDS", "STEPS_TO", "Guest"]
PASSWORDS = {"ada": "leek-and-potato", "grace": "apple-crumble"}
# The steps that lead a new order to each status.
STEPS_TO = {"placed": (), "cooking": ("cooking",), "served": ("cooking", "served"),
            "cancelled": ("cancelled",)}  # fmt: skip

# The kitchen shows the oldest 100 open orders.
ROOM = 80


class Guest(Browser):
    """One guest."""

    def sign_in(self, username: str = "ada", **fields: str) -> Reply:
        """Sign in as a member of staff."""
        fields = {"username": username, "password": PASSWORDS.get(username, ""), **fields}
        return self.post("/login", fields)

    def put(self, dish_id: int, quantity: object = 1) -> Reply:
        """Put portions of a dish in the cart."""
        return self.post("/cart", {"dish_id": str(dish_id), "quantity": str(quantity)})

    def make_room(self) -> None:
        """As staff, cancel the open orders if the kitchen may have no room for new orders."""
        forms = [node.attributes["action"] for node in self.page("/kitchen").all(".ticket form")]
        for action in forms if len(forms) > ROOM else ():
            self.post(str(action), {"status": "cancelled"})

    def order_form(self, **fields: str) -> dict[str, str]:
        """Return the order form of the cart's page, filled in."""
        form = self.page("/cart").form("/orders")
        return {**form.fields, "guest": "Grete", **fields}

    def place(self, **fields: str) -> Reply:
        """Place an order for the contents of the cart."""
        return self.post_bare("/orders", self.order_form(**fields))

    def order(self, dish_id: int, quantity: int = 1, guest: str = "Grete") -> str:
        """Order portions of a dish, and return the order's code."""
        self.put(dish_id, quantity)
        reply = self.place(guest=guest)
        assert reply.status == 303, f"the order was not placed: {reply.status}"
        return reply.headers["Location"].rpartition("/")[2]
