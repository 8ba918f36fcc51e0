"""Tests of the commands of shared_db."""

import re
from pathlib import Path

import pytest

import shared_db
from shared_db.__main__ import main
from tests.shared_db.helpers import create_session, quantities


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'larder.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def test_create_scale_and_reset_change_the_database(url: str, tmp_path: Path) -> None:
    larder = shared_db.open_larder(url, tmp_path)
    assert main(["create"]) == 0
    assert larder.dishes.count() == 24
    assert main(["scale", "--dishes", "30", "--orders", "5"]) == 0
    assert (larder.dishes.count(), len(larder.orders.open())) == (30, 5)
    token = create_session(larder, {30: 2})
    assert main(["create"]) == 0
    assert main(["scale", "--dishes", "31"]) == 0
    assert quantities(larder, token) == {30: 2}
    assert main(["reset"]) == 0
    assert (larder.sessions.load(token), quantities(larder, token)) == (None, {})
    assert larder.dishes.count() == 24
    larder.close()


def test_an_error_is_one_line_on_stderr(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scale"]) == 1
    assert (
        capsys.readouterr().err
        == "The database has not been created yet; run: make database-create\n"
    )
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/none?host=/nowhere")
    assert main(["create"]) == 1
    assert re.fullmatch(r"The database does not answer\. .+\n", capsys.readouterr().err)
    monkeypatch.setenv("DATABASE_URL", "mysql://nowhere")
    assert main(["create"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_without_a_url_the_command_fails_with_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SystemExit):
        main(["create"])
    assert "DATABASE_URL is not set" in capsys.readouterr().err
