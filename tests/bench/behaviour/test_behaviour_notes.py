"""A note is told only while the run bears it out."""

import pytest

from bench.behaviour import notes, result
from bench.behaviour.channel import CHANNELS
from bench.behaviour.notes import Evidence, Note, NotesError
from bench.behaviour.probes import PROBES
from bench.cli import behaviour_output
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks

NOTE = Note(
    "head",
    "HEAD, two ways",
    "Flask answers, Falcon does not, and nobody else fails.",
    (
        Evidence("head", "waitress", "405", ("falcon",)),
        Evidence("head", "waitress", "200", ("*",)),
        Evidence("head", "wsgiref", "200", ("flask",)),
    ),
)
AS_TOLD = {
    ("flask", "head", "waitress"): "200",
    ("flask", "head", "wsgiref"): "200",
    ("falcon", "head", "waitress"): "405",
}


def test_a_note_holds_where_every_outcome_is_as_it_says():
    assert notes.find_contradiction(NOTE, AS_TOLD) == ""


@pytest.mark.parametrize(
    ("changed", "outcome", "why"),
    [
        (("falcon", "head", "waitress"), "200", "falcon to head, waitress: 200, and not 405"),
        (("flask", "head", "wsgiref"), "hangs", "flask to head, wsgiref: hangs, and not 200"),
        (("newcomer", "head", "waitress"), "500", "newcomer to head, waitress: 500, and not 200"),
    ],
)
def test_an_outcome_that_is_another_speaks_against_the_note(changed, outcome, why):
    assert notes.find_contradiction(NOTE, {**AS_TOLD, changed: outcome}) == why


def test_what_was_not_asked_does_not_speak_against_a_note():
    assert notes.find_contradiction(NOTE, {("flask", "head", "waitress"): "200"}) == ""


def test_a_note_that_is_no_longer_so_is_left_out_and_named(monkeypatch, capsys):
    monkeypatch.setattr(notes, "read_notes", lambda: [NOTE])
    assert result.build_notes(AS_TOLD)["notes"] == [
        {"probe": NOTE.probe, "title": NOTE.title, "prose": NOTE.prose}
    ]
    later = result.build_notes({**AS_TOLD, ("flask", "head", "waitress"): "405"})
    assert later["notes"] == []
    behaviour_output.print_results({**result.build_part([], {}, []), **later}, as_json=False)
    assert "'HEAD, two ways' is left out" in capsys.readouterr().out


def test_every_note_rests_on_outcomes_of_probes_and_frameworks_that_are_there():
    names = set(discover_frameworks(Paths().apps).frameworks) | {notes.OTHERS}
    for note in notes.read_notes():
        assert note.probe in {seen.probe for seen in note.evidence}
        for seen in note.evidence:
            assert seen.probe in {probe.id for probe in PROBES}
            assert seen.channel in CHANNELS
            assert set(seen.frameworks) <= names


def test_every_framework_that_a_note_speaks_of_is_among_its_outcomes():
    for note in notes.read_notes():
        for name, framework in discover_frameworks(Paths().apps).frameworks.items():
            title = framework.title if name != "bare" else "bare application"
            told = any(name in seen.frameworks for seen in note.evidence)
            everybody = any(seen.frameworks == (notes.OTHERS,) for seen in note.evidence)
            assert title not in note.prose or told or everybody, (note.title, title)


def test_a_note_that_rests_on_nothing_is_refused_in_one_line(tmp_path):
    file = tmp_path / "notes.toml"
    file.write_text('[[notes]]\nprobe = "head"\ntitle = "HEAD"\nprose = "So."\n')
    with pytest.raises(NotesError, match="seen"):
        notes.read_notes(file)
