"""Tests of the settings of an app."""

import dataclasses
import json
from http import HTTPStatus
from pathlib import Path

import pytest

from shared_db import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "problems.json").write_text(json.dumps({"404": "Nothing is served here."}))
    return Settings("sqlite:////x", tmp_path, tmp_path, tmp_path, "Flask 3.1.3", "secret")


def test_the_default_content_security_policy_forbids_framing(settings: Settings) -> None:
    assert settings.content_security_policy == "default-src 'self'; frame-ancestors 'none'"


def test_a_site_is_hardened_and_shows_no_debug_pages_unless_asked(settings: Settings) -> None:
    assert (settings.hardened, settings.debug) == (True, False)


def test_frame_ancestors_can_be_set(settings: Settings) -> None:
    framed = dataclasses.replace(settings, frame_ancestors="http://127.0.0.1:8000")
    assert framed.content_security_policy.endswith("; frame-ancestors http://127.0.0.1:8000")


def test_the_problem_sentences_are_read_once(settings: Settings) -> None:
    assert settings.problems == {404: "Nothing is served here."}
    (settings.static_dir / "problems.json").unlink()
    assert settings.problems[404] == "Nothing is served here."


def test_settings_are_immutable(settings: Settings) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.secret = "known"  # type: ignore[misc]


def test_status_phrases_are_the_same_in_every_version_of_python(settings: Settings) -> None:
    assert settings.phrase(404) == "Not Found"
    assert settings.phrase(413) == "Content Too Large"
    assert settings.phrase(422) == "Unprocessable Content"
    assert {settings.phrase(status) for status in HTTPStatus} >= {"OK", "I'm a Teapot"}
