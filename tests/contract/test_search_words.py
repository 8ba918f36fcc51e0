"""The text of a search: any script and case, and no special characters."""

import pytest

from tests.contract.expect import is_page
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("search-the-dishes")


def finds(site: Site, words: str, name: str) -> bool:
    page = is_page(site.program.get("/dishes", params={"q": words}))
    assert page.value("input[name=q]") == words.strip()
    return name in page.texts(".dish h3")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("Zander in Dill", "zANDER IN d", id="Latin"),
        pytest.param("Ψητός Σολομός", "ψητόσ σολομόσ", id="Greek with its final sigma"),
        pytest.param("ψητή πέστροφα", "ΨΗΤΉ ΠΈΣΤΡΟΦΑ", id="Greek capitals"),
        pytest.param("Weißwurst süß", "WEISSWURST SÜSS", id="German ß as SS"),
        pytest.param("GROSSE SCHÜSSEL", "große schü", id="German SS as ß"),
        pytest.param("Щи по-русски", "щИ ПО-РУС", id="Cyrillic"),
        pytest.param("Pâté à l'orange", "PA\u0302TE\u0301", id="accents apart from letters"),
        pytest.param("Pa\u0302te\u0301 maison", "pâté m", id="accents joined with letters"),
        pytest.param("Sake set", "ＳＡＫＥ　ＳＥＴ", id="full-width letters"),
        pytest.param("Souﬄé of ﬁgs", "SOUFFLÉ OF FIGS", id="ligatures"),
        pytest.param("寿司 盛り合わせ", "盛り合", id="Japanese"),
        pytest.param("شوربة عدس", "عدس", id="Arabic"),
        pytest.param("Ice 🍨 cream", "🍨", id="an emoji"),
    ],
)
def test_words_are_found_in_any_script_and_case(
    site: Site, dish: OwnDish, name: str, words: str
) -> None:
    shown = str(dish.change(name=name)["name"])
    assert finds(site, words, shown)


@pytest.mark.parametrize("character", ["%", "_", "\\", "!", "'", '"', "*", "?", "[", "&", "+"])
def test_an_odd_character_stands_for_itself(site: Site, dish: OwnDish, character: str) -> None:
    assert not finds(site, f"x{character}y", dish.name)
    dish.change(name=f"Ox{character}yz")
    assert finds(site, f"x{character}y", f"Ox{character}yz")
    assert not finds(site, f"x{character}z", f"Ox{character}yz")


def test_a_percent_sign_alone_does_not_find_everything(site: Site, dish: OwnDish) -> None:
    dish.change(name="Half of 100% rye")
    found = is_page(site.program.get("/dishes?q=%25")).texts(".dish h3")
    assert found == ["Half of 100% rye"]


def test_words_are_found_in_the_description(site: Site, dish: OwnDish) -> None:
    dish.change(description="Nobody else has Zibärtle on a menu.")
    assert finds(site, "zibÄRTLE", dish.name)


def test_words_do_not_reach_from_the_name_into_the_description(site: Site, dish: OwnDish) -> None:
    dish.change(name="Quince", description="Quark")
    assert not finds(site, "Quince Quark", "Quince")


def test_blanks_around_the_words_do_not_count(site: Site, dish: OwnDish) -> None:
    dish.change(name="Kohlrabi")
    assert finds(site, "  kohlrabi ", "Kohlrabi")


def test_words_that_are_nowhere_find_nothing(site: Site) -> None:
    page = is_page(site.program.get("/dishes?q=no+such+dish+anywhere"))
    assert page.text("main h2") == "0 found"
    assert page.texts(".dish") == []


def test_words_of_ten_thousand_characters_do_no_harm(site: Site) -> None:
    assert site.program.get("/dishes", params={"q": "ab" * 5000}).status == 200


def test_words_and_course_hold_together(site: Site, dish: OwnDish) -> None:
    dish.change(name="Parsnip")
    other = "drink" if dish.course != "drink" else "main"
    for course, total in ((dish.course, "1 found"), (other, "0 found")):
        page = is_page(site.program.get(f"/dishes?q=parsnip&course={course}"))
        assert page.text("main h2") == total
