"""The worker restores a session and its cart before each call of a page that needs a session."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import shared_db
from bench.agent.timing_worker import TimingWorker
from tests.shared_db.helpers import put, quantities

DATA = {"flash": ["Thank you."], "csrf_token": "t"}


def test_a_session_and_its_cart_are_restored(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'larder.sqlite3'}"
    shared_db.create(url)
    larder = shared_db.open_larder(url, tmp_path)
    token = larder.sessions.save(None, DATA)
    for dish_id, quantity in ((1, 1), (2, 2)):
        put(larder, token, dish_id, quantity)
    settings = {"database_url": url, "photos_dir": str(tmp_path)}
    worker = cast(TimingWorker, SimpleNamespace(spec={"settings": settings}))
    restore = TimingWorker.create_session_restorer(worker, token)

    for _ in range(2):
        larder.orders.place(token, {"guest": "A", "idempotency_key": larder.orders.new_key()})
        put(larder, token, 2, 5)
        put(larder, token, 3, 3)
        larder.begin_request()
        larder.sessions.save(token, {"csrf_token": "u", "staff_id": 1})
        restore()
        assert larder.sessions.load(token) == DATA
        assert quantities(larder, token) == {1: 1, 2: 2}
    larder.close()
