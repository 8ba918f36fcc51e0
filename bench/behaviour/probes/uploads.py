"""What is read out of an odd upload?"""

from functools import partial

from bench.behaviour import meet, send, tell
from bench.behaviour.clauses import CLIENT_ERROR, asvs, rfc
from bench.behaviour.probe import Probe, Replies

probe = partial(Probe, group="uploads", tell=tell.body)
odd = partial(probe, grade="should", clause=CLIENT_ERROR, meets=meet.not_a_failure)
FIVE = meet.json_value("bytes", 5)
PREAMBLE = b"This is a message of several parts.\r\n"
LF_ONLY = send.file().replace(b"\r\n", b"\n")


def one_name_is_safe(replies: Replies) -> bool | None:
    """A name without a path is offered, as the name itself or beside it."""
    if replies[-1].status != 200:
        return None
    names = [meet.member(replies, "name"), meet.member(replies, "safe")]
    return any(isinstance(name, str) and not set(name) & set("/\\") for name in names)


PROBES = (
    probe("upload-plain", "One file of five bytes.", requests=send.upload(send.file()),
          grade="should", clause=rfc(7578, "4"), meets=FIVE),
    probe("upload-empty-file", "A file without a byte.",
          requests=send.upload(send.file(content=b"")), grade="should", clause=rfc(7578, "4"),
          meets=meet.json_value("bytes", 0)),
    probe("upload-truncated", "An upload that stops in the middle, its length being right.",
          requests=send.upload(send.file()[:-4], end=b""), grade="should",
          clause=rfc(2046, "5.1.1"), meets=meet.not_accepted),
    probe("upload-without-its-end", "All of the file, but no closing boundary.",
          requests=send.upload(send.file(), end=b""), grade="should", clause=rfc(2046, "5.1.1"),
          meets=meet.not_accepted),
    probe("upload-without-a-boundary", "The type without the boundary that it needs.",
          requests=send.upload(send.file(), boundary=""), grade="should", clause=rfc(7578, "4.1"),
          meets=meet.refused),
    probe("upload-with-another-boundary", "Another boundary than the one that is announced.",
          requests=send.upload(send.file(), boundary="soup"), grade="should",
          clause=rfc(2046, "5.1.1"), meets=meet.refused),
    probe("upload-with-a-preamble", "Text before the first boundary, which is to be ignored.",
          requests=send.upload(PREAMBLE, send.file()), grade="must", clause=rfc(2046, "5.1.1"),
          meets=FIVE),
    probe("upload-with-an-epilogue", "Text after the last boundary, which is to be ignored.",
          requests=send.upload(send.file(), f"--{send.BOUNDARY}--\r\n".encode(), PREAMBLE, end=b""),
          grade="must", clause=rfc(2046, "5.1.1"), meets=FIVE),
    probe("upload-with-bare-line-feeds", "Lines that end in LF alone.",
          requests=send.upload(LF_ONLY, end=f"--{send.BOUNDARY}--\n".encode())),
    probe("upload-lower-case-field", "The part's header field in lower case.",
          requests=send.upload(send.file().replace(b"Content-Disp", b"content-disp")),
          grade="must", clause=rfc(2045, "2"), meets=FIVE),
    probe("upload-name-with-a-path", "A file name with a path: ../../etc/menu.txt.",
          requests=send.upload(send.file("../../etc/menu.txt")), grade="should",
          clause=asvs("5.3.2"), meets=one_name_is_safe),
    probe("upload-name-with-backslashes", "A file name with a path as Windows writes it.",
          requests=send.upload(send.file("C:\\soup\\menu.txt")), grade="should",
          clause=asvs("5.3.2"), meets=one_name_is_safe),
    probe("upload-name-of-dots", "A file that is called only .. .",
          requests=send.upload(send.file(".."))),
    probe("upload-name-in-utf-8", "A file name in UTF-8.",
          requests=send.upload(send.file("smörgås.txt")), grade="should", clause=rfc(7578, "5.1"),
          meets=meet.json_value("name", "smörgås.txt")),
    probe("upload-name-with-a-star", "A name as RFC 5987 encodes it, which forms may not use.",
          requests=send.upload(send.part("name=\"file\"; filename*=UTF-8''caf%C3%A9.txt")),
          clause=rfc(7578, "4.2")),
    probe("upload-name-with-a-quote", "A quote in the name, escaped by a backslash.",
          requests=send.upload(send.file('a\\"b.txt'))),
    probe("upload-name-with-a-percent-quote", "A quote in the name, as browsers escape it: %22.",
          requests=send.upload(send.file("a%22b.txt"))),
    odd("upload-name-empty", "A file field for which nobody chose a file.",
        requests=send.upload(send.file("", b""))),
    odd("upload-no-file-name", "A part without a file name where a file is wanted.",
        requests=send.upload(send.part('name="file"'))),
    odd("upload-missing", "An upload without the file that the handler reads.",
        requests=send.upload(send.part('name="other"'))),
    probe("upload-in-base64", "A part with the transfer encoding base64, which forms may not use.",
          requests=send.upload(send.file("menu.txt", b"c291cAo=",
                                         "Content-Transfer-Encoding: base64")),
          clause=rfc(7578, "4.7")),
    probe("upload-two-files", "Two files in the same field.",
          requests=send.upload(send.file("one.txt"), send.file("two.txt", b"bread"))),
    probe("upload-2000-parts", "An upload of 2,000 parts.",
          requests=send.upload(*(send.part(f'name="f{n}"', b"") for n in range(1999)),
                               send.file())),
    probe("upload-of-100-kib", "A file of 100 KiB.",
          requests=send.upload(send.file(content=b"a" * 102_400)), grade="should",
          clause=rfc(7578, "4"), meets=meet.json_value("bytes", 102_400)),
)  # fmt: skip
