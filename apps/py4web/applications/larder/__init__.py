"""The Larder, an application of py4web: importing the controllers publishes their actions."""

from . import common as common
from . import controllers as controllers
