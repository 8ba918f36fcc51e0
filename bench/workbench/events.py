"""Send what happens at the workbench to all open pages, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator

MAX_WAITING = 1000  # events of one page; a page that does not read them is disconnected
KEEPALIVE_SECONDS = 15.0


class Broadcaster:
    """Queues of events, one for each open page."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()
        self._closed = asyncio.Event()

    def publish(self, kind: str, **data: object) -> None:
        """Send an event to all pages."""
        text = f"event: {kind}\ndata: {json.dumps(data)}\n\n"
        for queue in list(self._queues):
            try:
                queue.put_nowait(text)
            except asyncio.QueueFull:
                self._queues.discard(queue)

    async def subscribe(self) -> AsyncIterator[str]:
        """Yield the events from now on, until close() or until the page falls behind."""
        queue: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)
        self._queues.add(queue)
        closed = asyncio.create_task(self._closed.wait())
        try:
            yield "retry: 1000\n\n"
            while queue in self._queues and not closed.done():
                getting = asyncio.create_task(queue.get())
                try:
                    done, _ = await asyncio.wait(
                        {getting, closed}, timeout=KEEPALIVE_SECONDS,
                        return_when=asyncio.FIRST_COMPLETED,
                    )  # fmt: skip
                finally:
                    getting.cancel()  # also when the page is closed; no effect after its end
                yield getting.result() if getting in done else ": still here\n\n"
        finally:
            self._queues.discard(queue)
            closed.cancel()

    def close(self) -> None:
        """End all streams."""
        self._closed.set()
