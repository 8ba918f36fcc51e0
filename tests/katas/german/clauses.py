"""German: the guests' pages in a second language, by Accept-Language and by choice."""

import pytest

from tests.contract.expect import is_error_page, is_json, is_page, leads_to
from tests.contract.guest import STEPS_TO, Guest
from tests.contract.page import Page
from tests.contract.site import OwnDish, Site

MENU = pytest.mark.feature("show-the-menu")
CHOICE = pytest.mark.feature("show-the-menu", "show-the-cart")
GERMAN = {"Accept-Language": "de"}


def show(guest: Guest, path: str, language: str = "de-AT,de;q=0.9,en;q=0.5") -> Page:
    """Return a page as a browser with this Accept-Language gets it."""
    return is_page(guest.get(path, {"Accept-Language": language} if language else {}))


def language_of(page: Page) -> str:
    """Return the language that a page says it has; its heading must agree."""
    language = page.one("html").attributes["lang"] or ""
    assert page.text("h1") == {"en": "The menu", "de": "Die Karte"}[language]
    return language


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("en", "en"),
        ("fr", "en"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR,fr;q=0.9,de;q=0.8,en;q=0.7", "de"),
    ],
    ids=["none", "German", "Austrian", "English", "French", "English first", "German first",
         "French first"],
)  # fmt: skip
@MENU
def test_the_browser_chooses_the_language(guest: Guest, accept: str, language: str) -> None:
    assert language_of(show(guest, "/", accept)) == language


@MENU
def test_the_menu_is_in_german(guest: Guest) -> None:
    page = show(guest, "/")
    assert page.text("title") == "Die Karte · The Larder"
    assert page.texts("main h2") == ["Vorspeisen", "Hauptgerichte", "Nachspeisen", "Getränke"]
    assert page.texts("nav a") == ["Karte", "Gericht suchen", "Korb", "Küche"]
    assert page.texts("footer a") == ["Der Weg einer Anfrage", "API", "Sprache"]


@pytest.mark.feature("search-the-dishes")
def test_the_search_is_in_german(guest: Guest) -> None:
    page = show(guest, "/dishes?page=2")
    assert page.texts("label") == ["Wörter", "Gang", "Sortieren nach"]
    assert page.texts("#course option")[:2] == ["Jeder Gang", "Vorspeisen"]
    assert page.texts("#sort option") == ["Name", "Günstigste zuerst", "Teuerste zuerst"]
    assert page.text("main h2").endswith(" gefunden")
    assert page.text("nav.pages p").startswith("Seite 2 von ")
    assert page.text("nav.pages [rel=prev]") == "Vorige Seite"
    assert page.text("form.search button") == "Gerichte suchen"


@pytest.mark.feature("show-one-dish")
def test_a_dish_is_in_german_and_its_texts_are_as_written(guest: Guest, dish: OwnDish) -> None:
    dish.change(allergens=["milk", "nuts"])
    guest.post(f"{dish.page}/reviews", {"author": "Ida", "rating": "4", "body": "Good."})
    page = show(guest, dish.page)
    assert page.text("h1") == dish.name
    assert page.text(".description") == dish.description
    assert page.text(".allergens") == "Enthält milk, nuts."
    assert page.texts("main h2") == ["Bewertungen", "Bewertung schreiben"]
    assert page.texts(".review .rating")[0] == "4 von 5"
    assert page.texts("#rating option")[:2] == ["Bitte wählen", "5 von 5"]
    assert page.texts("form.write label") == ["Ihr Name", "Bewertung", "Wie war es?"]
    assert page.texts("main button") == ["In den Korb legen", "Bewertung senden"]


@pytest.mark.feature("show-one-dish")
def test_a_sold_out_dish_is_ausverkauft(guest: Guest, dish: OwnDish) -> None:
    dish.change(portions=0)
    assert show(guest, dish.page).text(".sold-out") == "Ausverkauft"
    assert "Ausverkauft" in show(guest, "/").texts(".sold-out")


@pytest.mark.feature("show-the-cart")
def test_the_cart_is_in_german(guest: Guest, dish: OwnDish) -> None:
    assert show(guest, "/cart").text("main p") == "In Ihrem Korb ist noch nichts. Zur Karte."
    guest.put(dish.id)
    page = show(guest, "/cart")
    assert page.text("h1") == "Ihr Korb"
    assert page.texts("thead th") == ["Gericht", "Preis", "Portionen", "Summe", "Ändern"]
    assert page.text("tfoot th") == "Gesamt"
    assert page.texts("main button") == ["Portionen ändern", "Aus dem Korb nehmen", "Bestellen"]


@pytest.mark.parametrize(
    ("status", "shown"),
    [("placed", "bestellt"), ("cooking", "in Arbeit"), ("served", "serviert"),
     ("cancelled", "storniert")],
    ids=STEPS_TO,
)  # fmt: skip
@pytest.mark.feature("show-one-order")
def test_an_order_is_in_german(
    guest: Guest, cook: Guest, dish: OwnDish, status: str, shown: str
) -> None:
    code = guest.order(dish.id, guest="Ewa <3")
    for step in STEPS_TO[status]:
        cook.post(f"/kitchen/orders/{code}", {"status": step})
    page = show(guest, f"/orders/{code}")
    assert page.text("h1") == "Ihre Bestellung"
    assert page.texts("main p")[0] == (
        "Danke, Ewa <3. Merken Sie sich die Adresse dieser Seite: "
        "Sie führt zu Ihrer Bestellung zurück."
    )
    assert page.text(".status") == f"Stand: {shown}"
    assert all(text.startswith(("Die Küche ", "Ihre Best")) for text in page.texts(".next"))
    assert page.text("main > .lines + p").startswith("Bestellt am 20")
    assert page.text(".onward") == "Zurück zur Karte"


@CHOICE
def test_a_guest_chooses_german(guest: Guest) -> None:
    page = is_page(guest.get("/language"))
    assert page.texts("form.language button") == ["Deutsch", "English"]
    form = {**page.form("/language").csrf, "language": "de"}
    leads_to(guest.post_bare("/language", form), "/")
    assert language_of(show(guest, "/", "")) == "de"
    assert is_page(guest.get("/language")).text("h1") == "Sprache"


@CHOICE
def test_the_choice_counts_more_than_the_browser(guest: Guest) -> None:
    choose(guest, "en")
    assert language_of(show(guest, "/")) == "en"


def choose(guest: Guest, language: str) -> None:
    """Choose a language."""
    form = is_page(guest.get("/language")).form("/language")
    leads_to(guest.post_bare("/language", {**form.csrf, "language": language}), "/")


@CHOICE
def test_a_choice_can_be_changed_and_is_of_one_guest(guest: Guest, site: Site) -> None:
    choose(guest, "de")
    choose(guest, "en")
    assert language_of(show(guest, "/", "")) == "en"
    choose(guest, "de")
    assert language_of(show(guest, "/", "")) == "de"
    assert language_of(show(site.guest(), "/", "")) == "en"


@pytest.mark.feature("sign-in")
def test_a_choice_stays_at_sign_in(guest: Guest) -> None:
    choose(guest, "de")
    leads_to(guest.sign_in(), "/kitchen")
    assert language_of(show(guest, "/", "")) == "de"


@CHOICE
def test_an_unknown_language_is_refused(guest: Guest) -> None:
    form = is_page(guest.get("/language")).form("/language")
    is_error_page(guest.post_bare("/language", {**form.csrf, "language": "xx"}), 422)
    assert language_of(show(guest, "/", "")) == "en"


@pytest.mark.feature("list-the-dishes-for-programs")
def test_the_api_stays_in_english(site: Site) -> None:
    reply = site.program.get("/api/dishes?course=main", GERMAN)
    assert is_json(reply) == is_json(site.program.get("/api/dishes?course=main"))
