"""Options that hold for every test."""


def pytest_addoption(parser):
    parser.addoption(
        "--framework",
        action="append",
        default=[],
        metavar="NAME",
        help="test only this framework (may be given several times; without it, every one)",
    )
