"""What is read out of an odd upload?"""

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
    """A name without a path is offered, as the name itself or beside it."""
    if replies[-1].status != 200:
        return None
    names = [
        predicates.get_json_member(replies, "name"),
        predicates.get_json_member(replies, "safe"),
    ]
    return any(isinstance(name, str) and not set(name) & set("/\\") for name in names)


PROBES = (
    probe("upload-plain", "One file of five bytes.", requests=upload(build_file()),
          grade="should", clause=rfc(7578, "4"), meets=HAS_FIVE_BYTES),
    probe("upload-empty-file", "A file without a byte.",
          requests=upload(build_file(content=b"")), grade="should", clause=rfc(7578, "4"),
          meets=predicates.has_json_value("bytes", 0)),
    probe("upload-truncated", "An upload that stops in the middle, its length being right.",
          requests=upload(build_file()[:-4], end=b""), grade="should",
          clause=rfc(2046, "5.1.1"), meets=predicates.is_not_accepted),
    probe("upload-without-its-end", "All of the file, but no closing boundary.",
          requests=upload(build_file(), end=b""), grade="should", clause=rfc(2046, "5.1.1"),
          meets=predicates.is_not_accepted),
    probe("upload-without-a-boundary", "The type without the boundary that it needs.",
          requests=upload(build_file(), boundary=""), grade="should", clause=rfc(7578, "4.1"),
          meets=predicates.is_refused),
    probe("upload-with-another-boundary", "Another boundary than the one that is announced.",
          requests=upload(build_file(), boundary="soup"), grade="should",
          clause=rfc(2046, "5.1.1"), meets=predicates.is_refused),
    probe("upload-with-a-preamble", "Text before the first boundary, which is to be ignored.",
          requests=upload(PREAMBLE, build_file()), grade="must", clause=rfc(2046, "5.1.1"),
          meets=HAS_FIVE_BYTES),
    probe("upload-with-an-epilogue", "Text after the last boundary, which is to be ignored.",
          requests=upload(build_file(), f"--{BOUNDARY}--\r\n".encode(), PREAMBLE, end=b""),
          grade="must", clause=rfc(2046, "5.1.1"), meets=HAS_FIVE_BYTES),
    probe("upload-with-bare-line-feeds", "Lines that end in LF alone.",
          requests=upload(LF_ONLY, end=f"--{BOUNDARY}--\n".encode())),
    probe("upload-lower-case-field", "The part's header field in lower case.",
          requests=upload(build_file().replace(b"Content-Disp", b"content-disp")),
          grade="must", clause=rfc(2045, "2"), meets=HAS_FIVE_BYTES),
    probe("upload-name-with-a-path", "A file name with a path: ../../etc/menu.txt.",
          requests=upload(build_file("../../etc/menu.txt")), grade="should",
          clause=asvs("5.3.2"), meets=one_name_is_safe),
    probe("upload-name-with-backslashes", "A file name with a path as Windows writes it.",
          requests=upload(build_file("C:\\soup\\menu.txt")), grade="should",
          clause=asvs("5.3.2"), meets=one_name_is_safe),
    probe("upload-name-of-dots", "A file that is called only .. .",
          requests=upload(build_file(".."))),
    probe("upload-name-in-utf-8", "A file name in UTF-8.",
          requests=upload(build_file("smörgås.txt")), grade="should", clause=rfc(7578, "5.1"),
          meets=predicates.has_json_value("name", "smörgås.txt")),
    probe("upload-name-with-a-star", "A name as RFC 5987 encodes it, which forms may not use.",
          requests=upload(build_part("name=\"file\"; filename*=UTF-8''caf%C3%A9.txt")),
          clause=rfc(7578, "4.2")),
    probe("upload-name-with-a-quote", "A quote in the name, escaped by a backslash.",
          requests=upload(build_file('a\\"b.txt'))),
    probe("upload-name-with-a-percent-quote", "A quote in the name, as browsers escape it: %22.",
          requests=upload(build_file("a%22b.txt"))),
    odd("upload-name-empty", "A file field for which nobody chose a file.",
        requests=upload(build_file("", b""))),
    odd("upload-no-file-name", "A part without a file name where a file is wanted.",
        requests=upload(build_part('name="file"'))),
    odd("upload-missing", "An upload without the file that the handler reads.",
        requests=upload(build_part('name="other"'))),
    probe("upload-in-base64", "A part with the transfer encoding base64, which forms may not use.",
          requests=upload(build_file("menu.txt", b"c291cAo=",
                                         "Content-Transfer-Encoding: base64")),
          clause=rfc(7578, "4.7")),
    probe("upload-two-files", "Two files in the same field.",
          requests=upload(build_file("one.txt"), build_file("two.txt", b"bread"))),
    probe("upload-2000-parts", "An upload of 2,000 parts.",
          requests=upload(*(build_part(f'name="f{n}"', b"") for n in range(1999)),
                               build_file())),
    probe("upload-of-100-kib", "A file of 100 KiB.",
          requests=upload(build_file(content=b"a" * 102_400)), grade="should",
          clause=rfc(7578, "4"), meets=predicates.has_json_value("bytes", 102_400)),
)  # fmt: skip
