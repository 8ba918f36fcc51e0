"""What the commands of cost and load say to bad input, and how they end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COOKOFF = Path(sys.executable).with_name("cookoff")


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("cost bare --page soup", 2, "no page is called 'soup'; one of: plaintext, "),
        ("cost bair", 2, "did you mean bare"),
        ("cost bare --baseline soup", 2, "the baseline 'soup' is not among bare"),
        ("cost --diff no.json no.json", 2, "does not exist"),
        ("load bare", 2, "give one of --closed, --rate R, --share 0.5 and --servers"),
        ("load bare --closed --rate 5", 2, "give one of"),
        ("load bare --rate 0", 2, "'--rate'"),
        ("load bare --closed --page order-by-form", 2, "no page under load is called"),
        ("load bare --servers --growth", 2, "--growth goes with --closed"),
        ("load bare --closed", 3, "wrk is missing"),
        ("load bare --share 0.5", 3, "wrk is missing"),
        ("cost bare --instructions", 3, "valgrind is missing"),
    ],
)
def test_bad_input_and_missing_tools_get_one_clear_line(tmp_path, line, code, says):
    environ = {**os.environ, "PATH": "/nowhere"}
    environ |= {"COOKOFF_STATE": str(tmp_path), "COOKOFF_REPORT": str(tmp_path / "report")}
    done = subprocess.run(
        [COOKOFF, *line.split()], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "report").exists()
