"""Probes of multipart bodies: boundaries, and the lengths, header fields and types of parts."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import BOUNDARY as BOUND
from bench.behaviour.raw_requests import (
    FORM_TYPE,
    build_file,
    build_part,
    build_request,
    post_form,
    upload,
)
from bench.behaviour.standards import CLIENT_ERROR, rfc

HAS_FIVE_BYTES = predicates.has_json_value("bytes", 5)
BOUNDARY = rfc(2046, "5.1.1")
OTHER_FIELDS = rfc(7578, "4.8")
START = f"--{BOUND}\r\n".encode()
END = f"--{BOUND}--\r\n".encode()
MULTIPART = "Content-Type: multipart/form-data; boundary="


def upload_with_boundary(boundary: str, parameter: str | None = None) -> tuple[bytes, ...]:
    """Return an upload with this boundary; `parameter` is the form of it in the header field."""
    used = boundary.encode("utf-8")
    body = (build_file() + END).replace(BOUND.encode(), used)
    value = (parameter or f'"{boundary}"').encode("utf-8").decode("latin-1")
    return (build_request("POST", "/upload", MULTIPART + value, body=body),)


def upload_with_headers(headers: bytes, content: bytes = b"soup\n") -> tuple[bytes, ...]:
    """Return an upload of a part with exactly these header lines, and a file."""
    return upload(START + headers + b"\r\n\r\n" + content + b"\r\n", build_file())


def upload_with_type(kind: str, content: bytes = b"soup\n") -> tuple[bytes, ...]:
    """Return an upload of a file with this content type."""
    return upload(build_file("menu.txt", content, f"Content-Type: {kind}"))


probe = partial(Probe, group="uploads", describe=outcomes.describe_body)
boundary = partial(probe, grade="must", clause=BOUNDARY, meets=HAS_FIVE_BYTES)
length = partial(probe, grade="must", clause=OTHER_FIELDS, meets=HAS_FIVE_BYTES)
odd = partial(probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error)
typed_file = partial(probe, grade="should", clause=rfc(7578, "4.4"), meets=HAS_FIVE_BYTES)
INNER = b'--in\r\nContent-Disposition: file; filename="a.txt"\r\n\r\nsoup\r\n--in--\r\n'
TEXT = build_part('name="file"', b"text")

PROBES = (
    boundary("upload-boundary-quoted", "A boundary in quotes, as .NET clients send it.",
             requests=upload_with_boundary(BOUND)),
    boundary("upload-boundary-of-signs",
             "A boundary with characters that need quotes: '()+,/=? and :.",
             requests=upload_with_boundary("larder'()+_,-./:=?")),
    boundary("upload-boundary-with-a-blank", "A boundary with a space in it, in quotes.",
             requests=upload_with_boundary("larder boundary")),
    boundary("upload-boundary-of-hyphens", "A boundary of hyphens only.",
             requests=upload_with_boundary("----", "----")),
    boundary("upload-boundary-of-70", "A boundary of 70 characters, the maximum.",
             requests=upload_with_boundary("x" * 70, "x" * 70)),
    boundary("upload-boundary-of-1", "A boundary of one character.",
             requests=upload_with_boundary("x", "x")),
    probe("upload-boundary-of-71", "A boundary of 71 characters, one more than the maximum.",
          requests=upload_with_boundary("x" * 71, "x" * 71), clause=BOUNDARY),
    odd("upload-boundary-of-5000", "A boundary of 5,000 characters.",
        requests=upload_with_boundary("x" * 5000, "x" * 5000)),
    odd("upload-boundary-empty", "An empty boundary in quotes.",
        requests=upload_with_boundary("", '""')),
    odd("upload-boundary-in-utf-8", "A boundary with bytes above 127.",
        requests=upload_with_boundary("lärder", "lärder")),
    boundary("upload-boundary-in-upper-case", "The parameter's name in upper case: BOUNDARY.",
             requests=(build_request("POST", "/upload",
                                     f"Content-Type: multipart/form-data; BOUNDARY={BOUND}",
                                     body=build_file() + END),),
             clause=rfc(9110, "5.6.6")),
    boundary("upload-boundary-after-a-charset", "A boundary after another parameter.",
             requests=(build_request(
                           "POST", "/upload",
                           f"Content-Type: multipart/form-data; charset=utf-8; boundary={BOUND}",
                           body=build_file() + END),)),
    odd("upload-boundary-twice", "Two boundary parameters, of which the body uses the first.",
        requests=upload_with_boundary(BOUND, f"{BOUND}; boundary=soup")),
    odd("upload-boundary-in-two-pieces", "A boundary in two pieces, in the syntax of RFC 2231.",
        requests=(build_request(
                      "POST", "/upload",
                      "Content-Type: multipart/form-data; boundary*0=larder-; boundary*1=boundary",
                      body=build_file() + END),)),
    odd("form-of-parts-without-a-body", "A multipart form with neither a length nor a body.",
        requests=(build_request("POST", "/clash", MULTIPART + BOUND),), group="forms"),
    odd("form-of-parts-of-length-0", "A multipart form whose body is empty.",
        requests=(build_request("POST", "/clash", MULTIPART + BOUND, body=b""),), group="forms"),
    odd("form-of-parts-without-a-boundary", "A multipart form without a boundary parameter.",
        requests=post_form(build_part('name="a"', b"1") + END, content_type="multipart/form-data"),
        group="forms"),
    odd("form-of-parts-of-another-kind", "A form with the type multipart/mixed.",
        requests=post_form(build_part('name="a"', b"1") + END,
                           content_type=f"multipart/mixed; boundary={BOUND}"),
        group="forms"),
    length("upload-part-length-too-short", "A part whose Content-Length is 3, with 5 bytes.",
           requests=upload(build_file("menu.txt", b"soup\n", "Content-Length: 3"))),
    length("upload-part-length-too-long", "A part whose Content-Length is 500, with 5 bytes.",
           requests=upload(build_file("menu.txt", b"soup\n", "Content-Length: 500"))),
    length("upload-part-length-no-number", "A part whose Content-Length is a word.",
           requests=upload(build_file("menu.txt", b"soup\n", "Content-Length: soup"))),
    length("upload-part-length-negative", "A part whose Content-Length is negative.",
           requests=upload(build_file("menu.txt", b"soup\n", "Content-Length: -1"))),
    odd("upload-part-header-without-a-value", "A part whose only header line is a name.",
        requests=upload_with_headers(b"Content-Disposition")),
    odd("upload-part-header-with-an-empty-value", "A part whose Content-Disposition is empty.",
        requests=upload_with_headers(b"Content-Disposition:")),
    odd("upload-part-without-a-header", "A part without any header line.",
        requests=upload(START + b"\r\nsoup\r\n", build_file())),
    odd("upload-part-without-a-disposition", "A part with a Content-Type only.",
        requests=upload_with_headers(b"Content-Type: text/plain")),
    odd("upload-part-without-a-name", "A part whose Content-Disposition has no name.",
        requests=upload_with_headers(b"Content-Disposition: form-data")),
    odd("upload-part-of-another-disposition", "A part whose disposition is attachment.",
        requests=upload_with_headers(b'Content-Disposition: attachment; name="x"')),
    odd("upload-part-header-not-in-utf-8", "A part whose name is not UTF-8.",
        requests=upload_with_headers(b'Content-Disposition: form-data; name="\xff"')),
    odd("upload-part-header-of-100-kib", "A part with a header line of 100 KiB.",
        requests=upload_with_headers(b'Content-Disposition: form-data; name="' + b"x" * 102_400
                                     + b'"')),
    odd("upload-part-header-folded",
        "A part with a folded header line, which continues on the next line.",
        requests=upload_with_headers(b'Content-Disposition: form-data;\r\n name="x"')),
    odd("upload-part-text-after-file", "A text field after the file, with the same field name.",
        requests=upload(build_file(), TEXT)),
    odd("upload-part-text-before-file", "A text field before the file, with the same field name.",
        requests=upload(TEXT, build_file())),
    typed_file("upload-typed-as-a-form", "A file with the type of a form.",
               requests=upload_with_type(FORM_TYPE)),
    typed_file("upload-typed-as-json", "A file with the type of JSON.",
               requests=upload_with_type("application/json")),
    typed_file("upload-typed-as-parts", "A file with the type multipart/mixed.",
               requests=upload_with_type("multipart/mixed")),
    typed_file("upload-typed-as-a-message", "A file with the type message/rfc822.",
               requests=upload_with_type("message/rfc822")),
    typed_file("upload-with-an-empty-type", "A file whose type is empty.",
               requests=upload_with_type("")),
    odd("upload-of-parts",
        "A file that is multipart/mixed itself, which RFC 7578 no longer allows.",
        requests=upload_with_type("multipart/mixed; boundary=in", INNER)),
    odd("upload-of-parts-with-the-same-boundary",
        "A multipart file with the same boundary as the form.",
        requests=upload_with_type(f"multipart/mixed; boundary={BOUND}")),
    odd("form-part-typed-as-a-form", "A text field with the type of a form.",
        requests=post_form(build_part('name="a"', b"1", f"Content-Type: {FORM_TYPE}") + END,
                           content_type=f"multipart/form-data; boundary={BOUND}"),
        group="forms"),
    odd("form-part-typed-as-parts", "A text field with the type multipart/mixed.",
        requests=post_form(build_part('name="a"', b"1", "Content-Type: multipart/mixed") + END,
                           content_type=f"multipart/form-data; boundary={BOUND}"),
        group="forms"),
)  # fmt: skip
