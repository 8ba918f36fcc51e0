"""Photos: their bytes and type; no other file of the folder is served."""

import pytest

from bench.conformance.pictures import JPEG, PNG, WEBP
from tests.contract.expect import is_error_page, leads_to
from tests.contract.guest import Guest
from tests.contract.house import SECRET, House
from tests.contract.levels import hardening
from tests.contract.site import Site

pytestmark = pytest.mark.feature("serve-a-photo")


@pytest.fixture(scope="session")
def photos(site: Site) -> dict[str, str]:
    """Store a photo of each format once, and return the addresses."""
    hung = {}
    for kind, content in {"png": PNG, "jpeg": JPEG, "webp": WEBP}.items():
        dish = site.kept_dish()
        files = {"photo": ("p", content)}
        leads_to(site.cook.post(f"/kitchen{dish.page}/photo", files=files), dish.page)
        hung[kind] = f"/photos/{dish.now()['photo']}"
    return hung


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_photo_has_its_type(guest: Guest, photos: dict[str, str], kind: str) -> None:
    reply = guest.get(photos[kind])
    assert reply.status == 200
    assert reply.headers["Content-Type"] == f"image/{kind}"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.content == {"png": PNG, "jpeg": JPEG, "webp": WEBP}[kind]


def test_a_guest_who_holds_a_photo_is_not_sent_it_again(
    guest: Guest, photos: dict[str, str]
) -> None:
    first = guest.get(photos["png"])
    conditions = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    held = {ask: first.headers[has] for ask, has in conditions.items() if has in first.headers}
    assert held, "neither ETag nor Last-Modified"
    for ask, value in held.items():
        again = guest.get(photos["png"], headers={ask: value})
        assert (again.status, again.content) == (304, b"")


@hardening("conditions")
def test_any_version_of_a_photo_is_this_one(guest: Guest, photos: dict[str, str]) -> None:
    reply = guest.get(photos["png"], headers={"If-None-Match": "*"})
    assert (reply.status, reply.content) == (304, b"")


@hardening("thrift")
def test_a_photo_needs_no_query(guest: Guest, cook: Guest, photos: dict[str, str]) -> None:
    for client in (guest, cook):
        assert client.get(photos["png"]).headers["Server-Timing"].endswith('"0 queries"')


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32 + ".png", "0" * 32, "0" * 32 + ".svg", "0" * 32 + ".PNG", "0" * 31 + ".png",
        "secret.txt", ".secret", "%00", "%2e%2e", "%C3%A9.png", "0" * 32 + ".png%0A",
    ],
)  # fmt: skip
@hardening(
    "identifiers",
    "00000000000000000000000000000000",
    "00000000000000000000000000000000.svg",
    "00000000000000000000000000000000.PNG",
    "0000000000000000000000000000000.png",
    ".secret",
    "%00",
    "%2e%2e",
    "%C3%A9.png",
    "00000000000000000000000000000000.png%0A",
)
def test_a_photo_that_is_not_there_is_not_found(guest: Guest, name: str) -> None:
    is_error_page(guest.get(f"/photos/{name}"), 404)


def test_the_folder_itself_is_not_shown(guest: Guest) -> None:
    assert guest.get("/photos/").status == 404


@hardening("identifiers")
def test_only_names_that_the_larder_makes_are_served(guest: Guest, house: House) -> None:
    name = "holiday.png"
    (house.folder / "photos" / name).write_bytes(PNG)
    is_error_page(guest.get(f"/photos/{name}"), 404)
    (house.folder / "photos" / name).unlink()


@pytest.mark.parametrize(
    "target",
    [
        "/photos/../secret.txt", "/photos/%2e%2e/secret.txt", "/photos/..%2fsecret.txt",
        "/photos/%2e%2e%2fphotos-old%2fsecret.txt", "/photos/..\\secret.txt",
        "/photos/..%5csecret.txt", "/photos/../photos-old/secret.txt", "/photos//etc/passwd",
        "/photos-old/secret.txt", "/photos/%252e%252e/secret.txt",
    ],
)  # fmt: skip
def test_nothing_outside_the_folder_is_served(site: Site, target: str) -> None:
    reply = site.ask(target)
    assert reply.status in (301, 302, 303, 307, 308, 400, 403, 404)
    assert SECRET.encode() not in reply.content
    assert b"root:" not in reply.content
