"""Probes of unusual uploads."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import BOUNDARY, build_file, build_part, upload
from bench.behaviour.standards import CLIENT_ERROR, asvs, rfc

probe = partial(Probe, group="uploads", describe=outcomes.describe_body)
odd = partial(probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error)
HAS_FIVE_BYTES = predicates.has_json_value("bytes", 5)
PREAMBLE = b"This is a message of several parts.\r\n"
LF_ONLY = build_file().replace(b"\r\n", b"\n")


def one_name_is_safe(replies: Replies) -> bool | None:
    """Return whether `name` or `safe` is a file name without a path; None without a success."""
    if replies[-1].status != 200:
        return None
    names = [
        predicates.get_json_member(replies, "name"),
        predicates.get_json_member(replies, "safe"),
    ]
    return any(isinstance(name, str) and not set(name) & set("/\\") for name in names)


PROBES = (
    probe("upload-plain", "One file of five bytes.", requests=upload(build_file()), grade="should",
          clause=rfc(7578, "4"), meets=HAS_FIVE_BYTES),
    probe("upload-empty-file", "An empty file.", requests=upload(build_file(content=b"")),
          grade="should", clause=rfc(7578, "4"), meets=predicates.has_json_value("bytes", 0)),
    probe("upload-truncated",
          "An upload whose body stops in the middle of the file, with a correct length.",
          requests=upload(build_file()[:-4], end=b""), grade="should", clause=rfc(2046, "5.1.1"),
          meets=predicates.is_not_accepted),
    probe("upload-without-its-end", "A complete file without the closing boundary.",
          requests=upload(build_file(), end=b""), grade="should", clause=rfc(2046, "5.1.1"),
          meets=predicates.is_not_accepted),
    probe("upload-without-a-boundary", "A content type without a boundary.",
          requests=upload(build_file(), boundary=""), grade="should", clause=rfc(7578, "4.1"),
          meets=predicates.is_refused),
    probe("upload-with-another-boundary", "Another boundary in the body than in the header.",
          requests=upload(build_file(), boundary="soup"), grade="should",
          clause=rfc(2046, "5.1.1"), meets=predicates.is_refused),
    probe("upload-with-a-preamble", "Text before the first boundary, which parsers must ignore.",
          requests=upload(PREAMBLE, build_file()), grade="must", clause=rfc(2046, "5.1.1"),
          meets=HAS_FIVE_BYTES),
    probe("upload-with-an-epilogue", "Text after the last boundary, which parsers must ignore.",
          requests=upload(build_file(), f"--{BOUNDARY}--\r\n".encode(), PREAMBLE, end=b""),
          grade="must", clause=rfc(2046, "5.1.1"), meets=HAS_FIVE_BYTES),
    probe("upload-with-bare-line-feeds", "Lines that end in LF without CR.",
          requests=upload(LF_ONLY, end=f"--{BOUNDARY}--\n".encode())),
    probe("upload-lower-case-field", "The part's header field in lower case.",
          requests=upload(build_file().replace(b"Content-Disp", b"content-disp")), grade="must",
          clause=rfc(2045, "2"), meets=HAS_FIVE_BYTES),
    probe("upload-name-with-a-path", "A file name with a path: ../../etc/menu.txt.",
          requests=upload(build_file("../../etc/menu.txt")), grade="should", clause=asvs("5.3.2"),
          meets=one_name_is_safe),
    probe("upload-name-with-backslashes", "A file name with a Windows path.",
          requests=upload(build_file("C:\\soup\\menu.txt")), grade="should", clause=asvs("5.3.2"),
          meets=one_name_is_safe),
    probe("upload-name-of-dots", "A file whose name is two dots.",
          requests=upload(build_file(".."))),
    probe("upload-name-in-utf-8", "A file name in UTF-8.",
          requests=upload(build_file("smörgås.txt")), grade="should", clause=rfc(7578, "5.1"),
          meets=predicates.has_json_value("name", "smörgås.txt")),
    probe("upload-name-with-a-star",
          "A file name in the encoding of RFC 5987, which forms must not use.",
          requests=upload(build_part("name=\"file\"; filename*=UTF-8''caf%C3%A9.txt")),
          clause=rfc(7578, "4.2")),
    probe("upload-name-with-a-quote", "A quote in the file name, escaped by a backslash.",
          requests=upload(build_file('a\\"b.txt'))),
    probe("upload-name-with-a-percent-quote",
          "A quote in the file name, as browsers escape it: %22.",
          requests=upload(build_file("a%22b.txt"))),
    odd("upload-name-empty", "A file field without a chosen file.",
        requests=upload(build_file("", b""))),
    odd("upload-no-file-name", "A part without a file name instead of a file.",
        requests=upload(build_part('name="file"'))),
    odd("upload-missing", "An upload without the file that the handler reads.",
        requests=upload(build_part('name="other"'))),
    probe("upload-in-base64",
          "A part with the transfer encoding base64, which forms must not use.",
          requests=upload(build_file("menu.txt", b"c291cAo=",
                                     "Content-Transfer-Encoding: base64")),
          clause=rfc(7578, "4.7")),
    probe("upload-two-files", "Two files in the same field.",
          requests=upload(build_file("one.txt"), build_file("two.txt", b"bread"))),
    probe("upload-2000-parts", "An upload of 2,000 parts.",
          requests=upload(*(build_part(f'name="f{n}"', b"") for n in range(1999)), build_file())),
    probe("upload-of-100-kib", "A file of 100 KiB.",
          requests=upload(build_file(content=b"a" * 102_400)), grade="should",
          clause=rfc(7578, "4"), meets=predicates.has_json_value("bytes", 102_400)),
)  # fmt: skip
