"""Tests of the notes: a note is shown only if the run confirms its evidence."""

import pytest

from bench.behaviour import notes, result
from bench.behaviour.channel import CHANNELS
from bench.behaviour.notes import Evidence, Note, NotesError
from bench.behaviour.probes import PROBES
from bench.cli import behaviour_output
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from bench.results.schema import BehaviourNote

NOTE = Note(
    "head",
    "HEAD, two ways",
    "Flask replies, Falcon does not, and no other framework fails.",
    (
        Evidence("head", "waitress", "405", ("falcon",)),
        Evidence("head", "waitress", "200", ("*",)),
        Evidence("head", "wsgiref", "200", ("flask",)),
    ),
)
CONFIRMING = {
    ("flask", "head", "waitress"): "200",
    ("flask", "head", "wsgiref"): "200",
    ("falcon", "head", "waitress"): "405",
}


def test_a_note_without_a_contradicting_outcome_is_confirmed():
    assert notes.find_contradiction(NOTE, CONFIRMING) == ""


@pytest.mark.parametrize(
    ("name", "channel", "outcome", "expected"),
    [
        ("falcon", "waitress", "200", "405"),
        ("flask", "wsgiref", "hangs", "200"),
        ("newcomer", "waitress", "500", "200"),
    ],
)
def test_another_outcome_contradicts_the_note(name, channel, outcome, expected):
    contradiction = notes.find_contradiction(NOTE, {**CONFIRMING, (name, "head", channel): outcome})
    assert contradiction == (
        f"{name}, head, {channel}: got '{outcome}', the note says '{expected}'"
    )


def test_a_missing_outcome_does_not_contradict_a_note():
    assert notes.find_contradiction(NOTE, {("flask", "head", "waitress"): "200"}) == ""


def test_a_contradicted_note_is_left_out_and_reported(monkeypatch, capsys):
    monkeypatch.setattr(notes, "read_notes", lambda: [NOTE])
    confirmed, _ = result.build_notes(CONFIRMING)
    assert confirmed == [BehaviourNote(NOTE.probe, NOTE.title, NOTE.prose)]
    part = result.build_part([], {}, [])
    part.notes, part.skipped_notes = result.build_notes(
        {**CONFIRMING, ("flask", "head", "waitress"): "405"}
    )
    assert part.notes == []
    behaviour_output.print_results(part, as_json=False)
    output = " ".join(capsys.readouterr().out.split())  # the lines are wrapped
    assert "HEAD, two ways" in output
    assert "flask, head, waitress: got '405', the note says '200'" in output


def test_the_evidence_of_every_note_names_known_probes_channels_and_frameworks():
    names = set(discover_frameworks(Paths().apps).frameworks) | {notes.OTHERS}
    for note in notes.read_notes():
        assert note.probe in {evidence.probe for evidence in note.evidence}
        for evidence in note.evidence:
            assert evidence.probe in {probe.id for probe in PROBES}
            assert evidence.channel in CHANNELS
            assert set(evidence.frameworks) <= names


def test_every_framework_in_the_prose_of_a_note_is_in_its_evidence():
    for note in notes.read_notes():
        for name, framework in discover_frameworks(Paths().apps).frameworks.items():
            title = framework.title if name != "bare" else "bare application"
            named = any(name in evidence.frameworks for evidence in note.evidence)
            others = any(evidence.frameworks == (notes.OTHERS,) for evidence in note.evidence)
            assert title not in note.prose or named or others, (note.title, title)


def test_a_note_without_evidence_is_refused(tmp_path):
    file = tmp_path / "notes.toml"
    file.write_text('[[notes]]\nprobe = "head"\ntitle = "HEAD"\nprose = "So."\n')
    with pytest.raises(NotesError, match="seen"):
        notes.read_notes(file)
