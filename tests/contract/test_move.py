"""The status of orders: the allowed steps, and the portions of a cancelled order."""

import pytest

from tests.contract.expect import is_error_page, is_page, leads_to
from tests.contract.guest import STEPS_TO, Guest
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, at_once

pytestmark = pytest.mark.feature("move-an-order-along")
ALLOWED = {("placed", "cooking"), ("placed", "cancelled"), ("cooking", "served"),
           ("cooking", "cancelled")}  # fmt: skip
STEPS = [(old, new) for old in STEPS_TO for new in STEPS_TO]


def move(cook: Guest, code: str, *steps: str) -> None:
    for step in steps:
        leads_to(cook.post(f"/kitchen/orders/{code}", {"status": step}), "/kitchen")


def status(guest: Guest, code: str) -> str:
    return is_page(guest.get(f"/orders/{code}")).text(".status strong")


@pytest.mark.parametrize(
    ("old", "new"), [pytest.param(*step, id=" to ".join(step)) for step in STEPS]
)
def test_only_these_steps_may_follow(
    guest: Guest, cook: Guest, dish: OwnDish, old: str, new: str
) -> None:
    code = guest.order(dish.id)
    move(cook, code, *STEPS_TO[old])
    before = dish.now()["portions"]
    reply = cook.post(f"/kitchen/orders/{code}", {"status": new})
    if (old, new) in ALLOWED:
        leads_to(reply, "/kitchen")
        assert status(guest, code) == new
    else:
        is_error_page(reply, 409)
        assert status(guest, code) == old
        assert dish.now()["portions"] == before


@pytest.mark.parametrize("step", ["", "eaten", "Cooking", "cooking ", "placed\x00", None])
def test_a_step_nobody_knows_is_refused(
    guest: Guest, cook: Guest, dish: OwnDish, step: str | None
) -> None:
    code = guest.order(dish.id)
    form = {} if step is None else {"status": step}
    is_error_page(cook.post(f"/kitchen/orders/{code}", form), 422)
    assert status(guest, code) == "placed"


@pytest.mark.parametrize("steps", [(), ("cooking",)], ids=["placed", "cooking"])
def test_a_cancelled_order_gives_its_portions_back(
    guest: Guest, cook: Guest, dish: OwnDish, steps: tuple[str, ...]
) -> None:
    before = dish.now()
    code = guest.order(dish.id, 4)
    move(cook, code, *steps)
    assert dish.now()["portions"] == before["portions"] - 4
    move(cook, code, "cancelled")
    assert dish.now()["portions"] == before["portions"]
    assert dish.now()["version"] == before["version"] + 2


def test_a_served_order_keeps_its_portions(guest: Guest, cook: Guest, dish: OwnDish) -> None:
    before = dish.now()["portions"]
    move(cook, guest.order(dish.id, 4), "cooking", "served")
    assert dish.now()["portions"] == before - 4


def test_an_order_cancelled_by_four_cooks_at_once_gives_back_once(
    guest: Guest, cook: Guest, dish: OwnDish
) -> None:
    before = dish.now()["portions"]
    action = f"/kitchen/orders/{guest.order(dish.id, 3)}"
    form = {**cook.csrf(action), "status": "cancelled"}
    replies = at_once(4, lambda _: cook.post_bare(action, form))
    assert sorted(reply.status for reply in replies) == [303, 409, 409, 409]
    assert dish.now()["portions"] == before


def test_a_sold_out_dish_can_be_ordered_after_a_cancellation(
    guest: Guest, cook: Guest, dish: OwnDish
) -> None:
    dish.change(portions=1)
    move(cook, guest.order(dish.id), "cancelled")
    guest.order(dish.id)
    assert dish.now()["portions"] == 0


@pytest.mark.parametrize("code", ["no-such-order", "1", "%00", "%F0%9F%8D%B2"])
@hardening("identifiers", "%00")
def test_an_order_that_is_not_there_cannot_be_moved(cook: Guest, code: str) -> None:
    is_error_page(cook.post(f"/kitchen/orders/{code}", {"status": "cooking"}), 404)
