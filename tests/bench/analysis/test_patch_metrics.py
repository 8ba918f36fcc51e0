"""The files, the lines and the names of a patch."""

from pathlib import Path

from bench.analysis.patch_metrics import find_names_in_lines, measure_files, read_changes
from bench.results.schema import PatchedFile

PATCH = """diff --git a/apps/x/app.py b/apps/x/app.py
index 1..2 100644
--- a/apps/x/app.py
+++ b/apps/x/app.py
@@ -1,3 +1,3 @@
 import flask
-flask.abort(404)
+flask.redirect("/")
 flask.url_for("x")
@@ -10,3 +10,3 @@ def f():
 x = 1
---- a/y
+++ b/z
 y = 3
diff --git a/apps/x/new.html b/apps/x/new.html
new file mode 100644
--- /dev/null
+++ b/apps/x/new.html
@@ -0,0 +1,2 @@
+one
+two
diff --git a/apps/x/old.html b/apps/x/old.html
deleted file mode 100644
--- a/apps/x/old.html
+++ /dev/null
@@ -1 +0,0 @@
-one
\\ No newline at end of file
diff --git a/apps/x/de.mo b/apps/x/de.mo
new file mode 100644
GIT binary patch
literal 10
Rcmd2K4*&oF00000

literal 0
HcmV?d00001

"""


def test_the_files_and_lines_of_a_patch_are_counted():
    assert measure_files(PATCH) == [
        PatchedFile("apps/x/app.py", 2, 2),
        PatchedFile("apps/x/new.html", 2, 0),
        PatchedFile("apps/x/old.html", 0, 1),
        PatchedFile("apps/x/de.mo", 0, 0),
    ]


def test_a_sentence_without_a_diff_changes_nothing():
    assert measure_files("The pages suffice.\n") == []


def test_only_names_in_added_lines_count(tmp_path: Path):
    file = tmp_path / "app.py"
    file.write_text('import flask\nflask.redirect("/")\nflask.url_for("x")\n')
    lines = read_changes(PATCH)[0].added
    assert lines == {2, 11}
    assert list(find_names_in_lines(file, frozenset({"flask"}), lines)) == ["flask.redirect"]
