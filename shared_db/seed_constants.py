"""The seed rows of the staff, of the API token, and of TechEmpower's fortunes."""

# The passwords are leek-and-potato and apple-crumble. Their salts are fixed and their hashes
# computed beforehand, so that every new database has the same contents, and is created quickly.
STAFF = (
    (
        "ada",
        "scrypt$16384$8$1$61646127732066697865642073616c74$"
        "a2f5738099e3619886821725edcc17dcc185b8b4da4f9b7ad9b0446af8601730",
    ),
    (
        "grace",
        "scrypt$16384$8$1$67726163652066697865642073616c74$"
        "d44b93c121a34a8b91b471ab31f3e0d84d5a56c741199e97928370f436ee846d",
    ),
)

# The SHA-256 hash of kitchen-token-for-trying-out, and the id of ada.
TOKENS = (("661a837130964abe9ad6abda73b6d602e21f418d2f3d0bf5b4b3e80434bdeba7", 1),)

# As TechEmpower publishes them, with the script element and the Japanese text.
FORTUNES = (
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link. — Donald Knuth",
    "Feature: A bug with seniority.",
    "Computers make very fast, very accurate mistakes.",
    '<script>alert("This should not be displayed in a browser alert box.");</script>',
    "フレームワークのベンチマーク",
)
