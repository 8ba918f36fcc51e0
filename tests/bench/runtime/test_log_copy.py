"""New lines of a log are printed once."""

from bench.runtime.log_copy import LogCopy


def test_only_complete_new_lines_are_printed(tmp_path, capsys):
    log = tmp_path / "log"
    log.write_text("old\n")
    copy = LogCopy(log)
    with log.open("a") as file:
        for text, printed in (("", ""), ("one\ntw", "one\n"), ("o\n", "two\n"), ("en", "")):
            file.write(text)
            file.flush()
            copy.print_new()
            assert capsys.readouterr().err == printed
    copy.print_new(whole_lines=False)
    assert capsys.readouterr().err == "en"


def test_a_new_or_truncated_log_is_printed_from_its_beginning(tmp_path, capsys):
    log = tmp_path / "log"
    copy = LogCopy(log)
    copy.print_new()
    log.write_text("a first line\n")
    copy.print_new()
    log.write_text("anew\n")
    copy.print_new()
    assert capsys.readouterr().err == "a first line\nanew\n"
