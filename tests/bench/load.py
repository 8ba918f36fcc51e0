"""Send a constant load to one address, and count the replies."""

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Tally:
    """The number of replies by sender, and one line for each failed request."""

    answered: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


def body_of(reply: http.client.HTTPResponse, body: bytes) -> str:
    return body.decode()


@contextmanager
def constant_load(
    url: str,
    path: str = "/",
    threads: int = 4,
    pause_seconds: float = 0.0,
    keep_alive: bool = False,
    who: Callable[[http.client.HTTPResponse, bytes], str] = body_of,
) -> Iterator[Tally]:
    """Send requests while the block runs; yield a tally, which is complete afterwards.

    Each thread pauses between requests, and without `keep_alive` opens a connection for each.
    `who` returns the sender of a reply.
    """
    tally, stop = Tally(), threading.Event()
    address = urlsplit(url).netloc

    def send_requests() -> None:
        connection = http.client.HTTPConnection(address, timeout=20)
        while not stop.wait(pause_seconds):
            try:
                connection.request("GET", path)
                reply = connection.getresponse()
                body = reply.read()
            except (OSError, http.client.HTTPException) as error:
                tally.failed.append(f"{type(error).__name__}: {error}")
                connection.close()
                continue
            if reply.status == 200:
                tally.answered[who(reply, body)] += 1
            else:
                tally.failed.append(f"{reply.status}: {body[:200]!r}")
            if not keep_alive:
                connection.close()
        connection.close()

    workers = [threading.Thread(target=send_requests) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield tally
    finally:
        stop.set()
        for worker in workers:
            worker.join()
