"""64 guests and programs want more than is left: nobody gets what is not there."""

from tests.concurrency.brigade import Brigade
from tests.concurrency.buyers import sell_the_last_portions

DISH = 2


def test_exactly_the_last_portions_are_sold(hosts: Brigade) -> None:
    sell_the_last_portions([hosts], DISH)
