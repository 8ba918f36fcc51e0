"""Write the requests of a workbench as a script, as curl commands, and as a clause."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.conformance.differential.http_client import PLACEHOLDER, Request
from bench.conformance.differential.replay_script import join_script

SCRIPT_HEAD = '''"""Send the requests of a workbench to one site, or to two sites.

Replay: make database-reset; make serve-flask
        python3 journey.py http://127.0.0.1:8000
The script needs only Python. With two addresses it prints the difference of the last replies.
"""
'''
CURL_HEAD = r"""#!/bin/sh
# Sends the requests of a workbench to a site: sh journey.sh http://127.0.0.1:8000
site=${1:-http://127.0.0.1:8000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
page=$folder/page head=$folder/head jar=$folder/jar
: >"$page"
# Sends one request, keeps the cookies and the last page, and prints the status.
send() {
    curl -s -b "$jar" -c "$jar" -D "$head" -o "$folder/body" -w '%{http_code} ' "$@"
    echo "$@" | tail -c 70
    grep -qi '^content-type: text/html' "$head" && ! grep -qi '^location:' "$head" && cp "$folder/body" "$page"
    code=$(sed -n 's|^[Ll]ocation:.*/orders/\([0-9a-f]*\).*|\1|p' "$head")
    orders="$orders${code:+ $code}"
}
# Prints the hidden fields of the last page's form with this action, as the option $2 takes them.
hidden() {
    tr -d '\n' <"$page" | sed 's/<form/\n<form/g' | grep -F "action=\"$1\"" | head -n 1 |
        grep -o '<input[^>]*>' | grep -E 'type="?hidden' |
        sed -E -n 's/.*name="?([^" >]+)"?.*value="([^"]*)".*/\1=\2/p; t; s/.*value="([^"]*)".*name="?([^" >]+)"?.*/\2=\1/p' |
        grep -v -E '^(dish_id|quantity|next|status)=' | while read -r field; do printf '%s\n%s\n' "$2" "$field"; done
}
# Sends a form with its hidden fields: form ACTION OPTION ARGUMENTS.
form() {
    action=$1 option=$2
    shift 2
    hidden "$action" "$option" >"$folder/fields"
    while read -r word; do set -- "$@" "$word"; done <"$folder/fields"
    send -H "Origin: $site" "$@" "$site$action"
}
order() { echo ${orders# } | cut -d ' ' -f "$1"; }
photo() { grep -o '/photos/[0-9a-z.]*' "$page" | head -n 1 | sed 's|.*/||'; }

"""  # noqa: E501
CLAUSE_HEAD = '''"""A journey of the workbench as a clause; put the file into tests/contract/."""

from tests.contract.guest import Guest


def test_the_journey(guest: Guest) -> None:
'''


def write_script(requests: Sequence[Request], statuses: Sequence[int]) -> str:
    """Return a Python script that needs only the standard library."""
    return join_script(SCRIPT_HEAD, requests)


def write_curl(requests: Sequence[Request], statuses: Sequence[int]) -> str:
    """Return a shell script with a curl command for each request."""
    return CURL_HEAD + "".join(f"{format_curl(request)}\n" for request in requests)


def format_curl(request: Request) -> str:
    """Return one request as a line of the shell script."""
    path = fill_placeholders(request.path)
    if request.fields is None:
        words = [f"-X {request.method}"] if request.method != "GET" else []
        words = ["--head"] if request.method == "HEAD" else words
        words += [f"-H {shlex.quote(f'{name}: {text}')}" for name, text in request.headers]
        if request.body:
            words.append(f"--data-binary {shlex.quote(request.body.decode('utf-8', 'replace'))}")
        return " ".join(["send", *words, f'"$site"{path}'])
    option = "--data-urlencode" if request.photo is None else "-F"
    words = [f"{option} {shlex.quote(f'{k}={text}')}" for k, text in request.fields.items()]
    words += ["-F photo=@photo.png  # a photo of your own"] if request.photo is not None else []
    return " ".join(["form", path, option, *words])


def write_clause(requests: Sequence[Request], statuses: Sequence[int]) -> str:
    """Return a test in the form of the contract's clauses."""
    lines = [*format_clause(requests, statuses)] or ["pass"]
    return CLAUSE_HEAD + "".join(f"    {line}\n" for line in lines)


def format_clause(requests: Sequence[Request], statuses: Sequence[int]) -> Iterator[str]:
    """Yield the lines of the clause."""
    orders = 0
    for request, status in zip(requests, statuses, strict=True):
        if "{photo}" in request.path:
            yield f"# {request.method} {request.path}: the page before has the name of the photo"
            continue
        path = format_path(request.path)
        if (request.path, request.method, status) == ("/orders", "POST", 303):
            orders += 1
            guest = (request.fields or {}).get("guest", "")
            yield f"reply = guest.place(guest={guest!r})"
            yield f"assert reply.status == {status}"
            yield f'order_{orders} = reply.headers["Location"].rpartition("/")[2]'
        elif request.fields is not None:
            photo = f', {{"photo": ("p.png", {request.photo[:64]!r})}}' if request.photo else ""
            yield f"assert guest.post({path}, {dict(request.fields)!r}{photo}).status == {status}"
        else:
            arguments = [repr(request.method), path]
            arguments += [repr(dict(request.headers))] if request.headers or request.body else []
            arguments += [repr(request.body)] if request.body else []
            yield f"assert guest.request({', '.join(arguments)}).status == {status}"


def format_path(path: str) -> str:
    """Return a path as Python: with an order's code from the reply to the order's form."""
    named = PLACEHOLDER.sub(lambda match: f"{{order_{match[2]}}}", path)
    return repr(path) if named == path else f"f{named!r}"


def fill_placeholders(path: str) -> str:
    """Return a path as one word of a shell, with a command in place of a code or a photo."""
    pieces, start = [], 0
    for match in PLACEHOLDER.finditer(path):
        command = f"order {match[2]}" if match[1] == "order" else "photo"
        pieces += [shlex.quote(path[start : match.start()]), f'"$({command})"']
        start = match.end()
    rest = path[start:]
    return "".join([*pieces, shlex.quote(rest) if rest else ""])


WRITERS: Mapping[str, tuple[str, Callable[[Sequence[Request], Sequence[int]], str]]] = {
    "script": ("journey.py", write_script),
    "curl": ("journey.sh", write_curl),
    "clause": ("test_journey.py", write_clause),
}
