"""What is new in a log is shown once, line by line."""

from bench.runtime.log_copy import LogCopy


def test_only_whole_new_lines_are_shown(tmp_path, capsys):
    log = tmp_path / "log"
    log.write_text("old\n")
    copy = LogCopy(log)
    with log.open("a") as file:
        for text, shown in (("", ""), ("one\ntw", "one\n"), ("o\n", "two\n"), ("en", "")):
            file.write(text)
            file.flush()
            copy.print_new()
            assert capsys.readouterr().err == shown
    copy.print_new(whole_lines=False)
    assert capsys.readouterr().err == "en"


def test_a_log_that_is_not_there_yet_or_was_emptied_is_shown_from_its_beginning(tmp_path, capsys):
    log = tmp_path / "log"
    copy = LogCopy(log)
    copy.print_new()
    log.write_text("a first line\n")
    copy.print_new()
    log.write_text("anew\n")
    copy.print_new()
    assert capsys.readouterr().err == "a first line\nanew\n"
