"""One browser's visit: everything it loads must come from the house, and nothing may complain."""

from typing import Any, Self

from playwright.sync_api import Browser, ConsoleMessage, Request


class Visit:
    """A browser context of its own; leaving it checks what happened on the way."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        """Open a page; options are those of a browser context."""
        self.url = url
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.context = browser.new_context(base_url=url, **options)
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("request", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _requested(self, request: Request) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self.elsewhere.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        # Chromium writes a line for every 4xx page; those are asked for on purpose.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            self.complaints.append(message.text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.context.close()
        assert not self.elsewhere, f"loaded from elsewhere: {self.elsewhere}"
        assert not self.complaints, f"the browser complained: {self.complaints}"
