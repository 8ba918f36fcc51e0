"""The larder, the session and the error pages; web2py runs models before every action."""

from applications.larder.modules.problems import answer

larder = request.env.larder
settings = request.env.settings
if request.controller not in ("api", "errors"):  # which have no session
    session.connect(request, response, db=larder.sessions)
# web2py itself forbids caches to store any page.
response.headers["Cache-Control"] = "private, no-cache"
# web2py calls every action through this function (the book, chapter 4, "response").
response._caller = answer
