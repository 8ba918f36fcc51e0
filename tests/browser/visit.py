"""A visit of a browser: it must load files only from the site, and report no error."""

from typing import Any, Self

from playwright.sync_api import Browser, ConsoleMessage, Request


class Visit:
    """A new browser context. At the end, the context manager checks requests and messages."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        """Open a page. The options are those of Browser.new_context."""
        self.url = url
        self.foreign_urls: list[str] = []
        self.errors: list[str] = []
        self.context = browser.new_context(base_url=url, **options)
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("request", self._check_request)
        self.page.on("console", self._check_message)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _check_request(self, request: Request) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self.foreign_urls.append(request.url)

    def _check_message(self, message: ConsoleMessage) -> None:
        # Chromium logs an error for every 4xx page; the tests request such pages on purpose.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            self.errors.append(message.text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.context.close()
        assert not self.foreign_urls, f"loaded from other sites: {self.foreign_urls}"
        assert not self.errors, f"errors of the browser: {self.errors}"
