"""64 clients order more portions than are left: exactly the last portions are sold."""

from tests.concurrency.buyers import sell_last_portions
from tests.concurrency.host_group import HostGroup

DISH = 2


def test_exactly_the_last_portions_are_sold(hosts: HostGroup) -> None:
    sell_last_portions([hosts], DISH)
