"""Hardening: requests that the plain site misreads, or on which it fails."""

import re
from email.utils import parsedate_to_datetime

from multipart import MultipartError, parse_form_data, parse_options_header

from problems import Problem
from request import Request

CHARSETS = ("utf-8", "utf8", "us-ascii")
FIELD_LIMIT = 1000
PHOTO_NAME = re.compile(r"/photos/[0-9a-f]{32}\.(png|jpg|webp)")
TAG = re.compile(r'(W/)?("[^"]*")')


def harden(site):
    """Let the site read requests strictly."""
    site.request_class = StrictRequest
    site.checks.append(check_photo_name)


def check_photo_name(request):
    """Serve only photos that the larder stored (identifiers)."""
    if request.path.startswith("/photos/") and not PHOTO_NAME.fullmatch(request.path):
        raise Problem(404)


class StrictRequest(Request):
    """A request, read as the standards say."""

    def decode_path(self, path):
        """Return the path as text (charsets, addresses); a full URL may have no path."""
        return path.decode("utf-8", "replace") or "/"

    @property
    def content_length(self):
        """The number of bytes in the body (limits)."""
        length = self.environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise Problem(400)
        return int(length)

    @property
    def media_type(self):
        """The media type of the body, which may be written in capitals (media-types)."""
        return super().media_type.lower()

    def json(self):
        """Return the decoded JSON body (json); a document nested too deep is malformed."""
        try:
            return super().json()
        except RecursionError as error:
            raise Problem(400) from error

    def parse_form(self):
        """Return the fields and the files of the form (forms, charsets)."""
        _, options = parse_options_header(self.environ.get("CONTENT_TYPE", ""))
        if options.get("charset", "utf-8").lower() not in CHARSETS:
            raise Problem(400)
        try:
            return parse_form_data(self.environ, ignore_errors=False, part_limit=FIELD_LIMIT)
        except (MultipartError, UnicodeError, LookupError) as error:  # LookupError: bad charset
            raise Problem(400) from error

    @property
    def cookies(self):
        """The cookies by name (limits); SimpleCookie drops all if one of them is malformed."""
        pairs = (pair.partition("=") for pair in self.header("Cookie").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def prefers_json(self):
        """Whether Accept ranks JSON above HTML (media-types; RFC 9110, section 12.5.1)."""
        accept = self.header("Accept")
        return find_quality(accept, "application/json") > find_quality(accept, "text/html")

    def holds(self, etag, modified=None):
        """Return whether the client has this version (conditions; RFC 9110, section 13)."""
        header = self.header("If-None-Match")
        if header:
            return header.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(header))
        since = self.header("If-Modified-Since")
        try:
            return bool(modified and since) and (
                parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
            )
        except (TypeError, ValueError, OverflowError):  # no date, no zone, or a year out of range
            return False

    def may_change(self, etag):
        """Return whether If-Match names this version, and If-None-Match does not (conditions)."""
        header = self.header("If-Match")
        is_named = header.strip() == "*" or ("", etag) in TAG.findall(header)
        return is_named and not self.holds(etag)


def find_quality(accept, wanted):
    """Return the weight of a media type in an Accept header, that of the most specific range."""
    best_rank, best_quality = -1, 0.0
    for entry in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in entry.split(";"))
        rank = find_rank(media_range, wanted)
        if rank > best_rank:
            best_rank, best_quality = rank, read_quality(parameters)
    return best_quality


def find_rank(media_range, wanted):
    """Return how specific a media range is, -1 if it does not include the media type."""
    ranges = ("*/*", wanted.partition("/")[0] + "/*", wanted)
    return ranges.index(media_range) if media_range in ranges else -1


def read_quality(parameters):
    """Return the weight among the parameters of a media range: 1 if there is none."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
