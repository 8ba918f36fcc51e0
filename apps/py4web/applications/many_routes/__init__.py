"""One action at COOKOFF_ROUTES addresses."""

import os

from py4web import action


def show_number(number):
    return str(number)


for number in range(int(os.environ["COOKOFF_ROUTES"])):
    action(f"route-{number}/<number:int>", method="GET")(show_number)
