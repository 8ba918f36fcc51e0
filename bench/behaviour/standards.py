"""Cite clauses of standards by title and link."""

from dataclasses import dataclass

ASVS_URL = "https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/"
ASVS_CHAPTERS = {
    "1": "0x10-V1-Encoding-and-Sanitization.md",
    "3": "0x12-V3-Web-Frontend-Security.md",
    "4": "0x13-V4-API-and-Web-Service.md",
    "5": "0x14-V5-File-Handling.md",
    "7": "0x16-V7-Session-Management.md",
    "13": "0x22-V13-Configuration.md",
    "16": "0x25-V16-Security-Logging-and-Error-Handling.md",
}


@dataclass(frozen=True)
class Clause:
    """One clause of a standard: its title and its address."""

    title: str
    link: str


def rfc(number: int, section: str) -> Clause:
    """Return a section of an RFC."""
    link = f"https://www.rfc-editor.org/rfc/rfc{number}.html#section-{section}"
    return Clause(f"RFC {number}, {section}", link)


def pep3333(title: str) -> Clause:
    """Return a section of PEP 3333 by its heading."""
    anchor = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
    return Clause(f"PEP 3333, {title}", f"https://peps.python.org/pep-3333/#{anchor}")


def url_standard(title: str, anchor: str) -> Clause:
    """Return a section of the WHATWG URL standard."""
    return Clause(f"WHATWG URL, {title}", f"https://url.spec.whatwg.org/#{anchor}")


def asvs(requirement: str) -> Clause:
    """Return a requirement of OWASP's ASVS 5.0.0, such as "3.3.2"."""
    link = ASVS_URL + ASVS_CHAPTERS[requirement.partition(".")[0]]
    return Clause(f"OWASP ASVS 5.0.0, {requirement}", link)


# Clauses that several probes name.
FORM_PARSER = url_standard("5.1 urlencoded parsing", "urlencoded-parsing")
CLIENT_ERROR = rfc(9110, "15.5")
