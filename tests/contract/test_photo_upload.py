"""Photo uploads: allowed formats and sizes, and the name of the stored file."""

import re

import pytest

from bench.conformance.pictures import GIF, JPEG, MAX_PHOTO_BYTES, PNG, WEBP
from tests.contract.expect import is_error_page, is_page, leads_to
from tests.contract.forms import BOUNDARY, Files, written
from tests.contract.guest import Guest
from tests.contract.house import House
from tests.contract.levels import hardening
from tests.contract.pictures import HTML, SVG, padded_png
from tests.contract.reply import Reply
from tests.contract.site import OwnDish

pytestmark = pytest.mark.feature("change-a-dishs-photo")
NAME = re.compile(r"/photos/[0-9a-f]{32}\.(png|jpg|webp)")


def send(
    cook: Guest, dish: OwnDish, content: bytes, name: str = "p.png", kind: str = "image/png"
) -> Reply:
    files = {"photo": (name, content, kind)}
    return cook.post(f"/kitchen{dish.page}/photo", files=files)


def photo_of(guest: Guest, dish: OwnDish) -> str:
    return str(is_page(guest.get(dish.page)).one(".one-dish img").attributes["src"])


@pytest.mark.parametrize(
    ("content", "ending"), [(PNG, "png"), (JPEG, "jpg"), (WEBP, "webp")], ids=["png", "jpg", "webp"]
)
def test_a_picture_becomes_the_photo(
    guest: Guest, cook: Guest, dish: OwnDish, content: bytes, ending: str
) -> None:
    leads_to(send(cook, dish, content, "x.bin", "application/octet-stream"), dish.page)
    source = photo_of(guest, dish)
    assert NAME.fullmatch(source)
    assert source.endswith(ending)
    assert guest.get(source).content == content


def test_a_new_photo_is_announced_once(cook: Guest, dish: OwnDish) -> None:
    leads_to(send(cook, dish, PNG), dish.page)
    assert is_page(cook.get(dish.page)).texts(".flash") == ["The new photo is up."]
    assert is_page(cook.get(dish.page)).texts(".flash") == []


def test_a_new_photo_is_a_new_version(cook: Guest, dish: OwnDish) -> None:
    leads_to(send(cook, dish, PNG), dish.page)
    now = dish.now()
    assert now["version"] == dish.version + 1
    assert f"/photos/{now['photo']}" == photo_of(cook, dish)


def test_the_old_photo_is_gone(cook: Guest, dish: OwnDish, house: House) -> None:
    leads_to(send(cook, dish, PNG), dish.page)
    old = photo_of(cook, dish)
    leads_to(send(cook, dish, JPEG), dish.page)
    is_error_page(cook.get(old), 404)
    assert old.removeprefix("/photos/") not in house.photos


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.txt", "..\\..\\secret.png", "/etc/passwd", "a\x00.png", "x" * 300 + ".png",
        "кот.png", "<script>.png", "site.css", "", ".htaccess", "p.php", "CON.png",
    ],
)  # fmt: skip
@hardening("forms", "", "a\\x00.png")
def test_the_name_a_client_gives_is_never_used(
    cook: Guest, dish: OwnDish, house: House, name: str
) -> None:
    before = set(house.photos)
    reply = send(cook, dish, PNG, name)
    new = set(house.photos) - before
    if reply.status == 303:
        assert len(new) == 1
        assert NAME.fullmatch(f"/photos/{new.pop()}")
    else:
        assert reply.status in (400, 422)
        assert not new


@pytest.mark.parametrize("over", [0, 1], ids=["2 MiB", "2 MiB and a byte"])
def test_a_photo_may_have_2_mib(cook: Guest, dish: OwnDish, over: int) -> None:
    reply = send(cook, dish, padded_png(MAX_PHOTO_BYTES + over))
    if over:
        page = is_error_page(reply, 413)
        assert "A photo may have 2 MiB at most." in page.texts("main p")
        assert dish.now() == dish.taken
    else:
        leads_to(reply, dish.page)
        assert len(cook.get(photo_of(cook, dish)).content) == MAX_PHOTO_BYTES


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GIF, id="a GIF"),
        pytest.param(SVG, id="an SVG"),
        pytest.param(HTML, id="HTML"),
        pytest.param(b"#!/bin/sh\n", id="a script"),
        pytest.param(b"\x89PN", id="the first bytes of a PNG"),
        pytest.param(b"RIFF\x04\x00\x00\x00WAVE", id="a sound"),
        pytest.param(b" " + PNG, id="a blank before a PNG"),
        pytest.param(b"\0" * 70_000, id="70,000 NULs"),
    ],
)
def test_what_is_no_picture_is_refused(
    cook: Guest, dish: OwnDish, house: House, content: bytes
) -> None:
    before = house.photos
    page = is_error_page(send(cook, dish, content, "photo.png", "image/png"), 415)
    assert "A photo must be a PNG, JPEG or WebP picture." in page.texts("main p")
    assert dish.now() == dish.taken
    assert house.photos == before, "something was left behind"


def test_an_empty_file_is_no_photo(cook: Guest, dish: OwnDish) -> None:
    is_error_page(send(cook, dish, b""), 422)


@pytest.mark.parametrize("files", [{"other": ("p.png", PNG)}, {"photo": (None, b"text")}], ids=str)
@hardening("forms", "{'photo': (None, b'text')}")
def test_a_form_without_a_photo_is_refused(cook: Guest, dish: OwnDish, files: Files) -> None:
    is_error_page(cook.post(f"/kitchen{dish.page}/photo", files=files), 422)


def test_a_form_that_is_not_multipart_has_no_photo(cook: Guest, dish: OwnDish) -> None:
    is_error_page(cook.post(f"/kitchen{dish.page}/photo", {"photo": "p.png"}), 422)


def test_a_form_whose_file_was_not_chosen_is_told(cook: Guest, dish: OwnDish) -> None:
    files = {"photo": ("", b"", "application/octet-stream")}  # as browsers send it
    is_error_page(cook.post(f"/kitchen{dish.page}/photo", files=files), 422)


def test_a_dish_that_is_not_there_takes_no_photo(cook: Guest, house: House) -> None:
    before = house.photos
    files = {"photo": ("p.png", PNG)}
    is_error_page(cook.post("/kitchen/dishes/999999/photo", files=files), 404)
    assert house.photos == before


@hardening("forms")
def test_a_photo_that_ends_too_early_does_no_harm(cook: Guest, dish: OwnDish) -> None:
    action = f"/kitchen{dish.page}/photo"
    kind, body = written(cook.csrf(action), {"photo": ("p.png", PNG)})
    reply = cook.request("POST", action, {"Content-Type": kind}, body[:-40])
    assert 400 <= reply.status < 500
    assert dish.now() == dish.taken


@pytest.mark.parametrize("before", [0, 1, 20], ids=lambda before: f"{before} bytes before 64 KiB")
def test_a_photo_may_end_between_two_blocks(cook: Guest, dish: OwnDish, before: int) -> None:
    action, block = f"/kitchen{dish.page}/photo", 64 * 1024
    token = cook.csrf(action)
    _, shorter = written(token, {"photo": ("p.png", padded_png(block // 2))})
    missing = block - before - shorter.rindex(b"--" + BOUNDARY)
    kind, body = written(token, {"photo": ("p.png", padded_png(block // 2 + missing))})
    assert body.rindex(b"--" + BOUNDARY) == block - before
    leads_to(cook.request("POST", action, {"Content-Type": kind}, body), dish.page)
    assert dish.now()["version"] == dish.version + 1
