"""The seed rows of the 24 dishes, by id from 1, and the names of the drawings."""

from typing import NamedTuple


class SeedDish(NamedTuple):
    """A seed dish; drawing names the file static/dishes/<drawing>.svg."""

    drawing: str
    name: str
    price_cents: int
    portions: int
    allergens: str
    description: str


# Two lines for each dish are easier to read.
# fmt: off
STARTERS = (
    SeedDish("leek-soup", "Leek soup", 650, 240, "celery, milk",
             "Leeks softened slowly in butter, potatoes from the garden, a spoon of cream."),
    SeedDish("beet-salad", "Beet salad", 780, 310, "nuts",
             "Beets roasted in their skins, dark and glossy, with walnuts and orange."),
    SeedDish("gravlax", "Gravlax with mustard sauce", 1150, 220, "fish, mustard",
             "Salmon cured for two days in salt, sugar and far too much dill."),
    SeedDish("dolmades", "Dolmades", 820, 260, "",
             "Vine leaves rolled tight around rice, mint and lemon; eaten cold, by hand."),
    SeedDish("burrata", "Burrata and peaches", 1240, 1, "milk",
             "A cream-filled cheese, ripe peaches, basil torn at the last moment."),
    SeedDish("tomato-soup", "Σούπα ντομάτας", 690, 280, "celery",
             "Tomato soup as in Volos: summer tomatoes, olive oil, a little cinnamon."),
)

MAINS = (
    SeedDish("kaesespaetzle", "Käsespätzle", 1390, 330, "eggs, gluten, milk",
             "Fresh egg noodles layered with mountain cheese under a heap of crisp onions."),
    SeedDish("mushroom-risotto", "Mushroom risotto", 1480, 300, "celery, milk, sulphites",
             "Ceps and chestnut mushrooms, stirred for eighteen minutes without a pause."),
    SeedDish("roast-chicken", "Roast chicken for one", 1690, 250, "",
             "Half a chicken with thyme under its skin, and the potatoes it dripped on."),
    SeedDish("ramen", "Ramen with a soft egg", 1520, 270, "eggs, gluten, soya",
             "A broth that simmered all night, springy noodles, spring onions, one soft egg."),
    SeedDish("aubergine-curry", "Aubergine curry", 1350, 340, "mustard",
             "Aubergines melted into coconut milk and tamarind, with a bowl of rice."),
    SeedDish("fish-pie", "Fish pie", 1580, 0, "eggs, fish, milk",
             "Smoked haddock and cod in parsley sauce beneath a golden crust of mash."),
)

DESSERTS = (
    SeedDish("creme-brulee", "Crème brûlée", 720, 290, "eggs, milk",
             "Vanilla custard under burnt sugar: the first crack of the spoon is yours."),
    SeedDish("apple-crumble", "Apple crumble", 680, 360, "gluten, milk",
             "Sharp apples, oats and brown butter, with custard poured at the table."),
    SeedDish("lemon-tart", "Lemon tart", 740, 230, "eggs, gluten, milk",
             "A thin, short crust holding more lemon than seems reasonable."),
    SeedDish("chocolate-mousse", "Chocolate mousse", 760, 320, "eggs, milk, soya",
             "Dark chocolate and air, a few grains of sea salt, nothing else."),
    SeedDish("baklava", "Baklava", 590, 400, "gluten, nuts",
             "Forty leaves of pastry, pistachios, and syrup scented with orange blossom."),
    SeedDish("rice-pudding", "Rice pudding", 560, 300, "milk",
             "Baked for three hours until the skin is brown; you may ask for the corner."),
)

DRINKS = (
    SeedDish("tea", "Tea in a pot", 320, 400, "",
             "Leaves, not bags: Assam, Darjeeling or fresh mint, enough for two cups."),
    SeedDish("coffee", "Coffee", 340, 390, "",
             "Roasted on Tuesdays, ground when you ask; milk comes in a small jug."),
    SeedDish("lemonade", "Lemonade", 380, 350, "",
             "Squeezed this morning, sweetened with honey, cloudy and cold."),
    SeedDish("elderflower", "Elderflower spritz", 450, 330, "sulphites",
             "Elderflower cordial from last June, sparkling water, a slice of lime."),
    SeedDish("red-wine", "Red wine by the glass", 620, 270, "sulphites",
             "A light Blaufränkisch that does not mind being served cool."),
    SeedDish("water", "Tap water with cucumber", 50, 380, "",
             "From the tap, with ice and cucumber; the fifty cents mend the jug."),
)

# fmt: on

COURSES = {"starter": STARTERS, "main": MAINS, "dessert": DESSERTS, "drink": DRINKS}

# The generated dishes of a course share one drawing.
GENERIC_DRAWINGS = {course: f"generic-{course}" for course in COURSES}
