"""Define which steps are sent, and which facts are compared: on hardened sites and as taught."""

from dataclasses import dataclass, replace
from typing import Any

from bench.conformance.differential.expected import NormalizedReply, Step
from bench.conformance.differential.model import Rows, session_text
from bench.conformance.levels import CORE, HARDENING

# The data of a session that a site as taught may store, or not, before it needs a session.
IDLE_DATA = {"csrf_token": "[token]"}
IDLE_COOKIES = ("new", "replaced", "deleted", "deleted, new")  # of such a session
Sessions = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Profile:
    """The rules of a comparison."""

    hardened: bool
    levels: frozenset[str]  # of the steps that are sent

    def includes(self, step: Step) -> bool:
        """Return whether a step is sent."""
        return step.level in self.levels

    def normalize_reply(self, reply: NormalizedReply, step: Step) -> NormalizedReply:
        """Return a reply to a step without the facts that only hardening clauses ask for.

        These are the methods in Allow, the number of statements, and the cookies of a session that
        the site did not need before.
        """
        if self.hardened:
            return reply
        headers = {name: text for name, text in reply.headers.items() if name != "allow"}
        has_session = step.request.user in step.model.sessions and step.expected.cookie != "new"
        had_session = has_session or step.expected.cookie == "deleted"
        cookie = "" if reply.cookie in IDLE_COOKIES and not had_session else reply.cookie
        return replace(reply, headers=headers, cookie=cookie, query_count=None)

    def normalize_rows(self, rows: Rows) -> Rows:
        """Return rows without the CSRF tokens of sessions, and without sessions that hold nothing.

        As taught, a site may create sessions and tokens before it needs them.
        """
        if self.hardened:
            return rows
        return {**rows, "sessions": remove_idle_data(rows["sessions"])}


def remove_idle_data(sessions: Sessions) -> Sessions:
    """Return sessions without CSRF tokens, and without those that have only such a token."""
    token = repr(next(iter(IDLE_DATA.items())))
    texts = [(user, text.replace(f"{token}, ", ""), *rest) for user, text, *rest in sessions]
    return [row for row in texts if row[1] not in (session_text({}), session_text(IDLE_DATA))]


HARDENED_PROFILE = Profile(hardened=True, levels=frozenset({CORE, HARDENING}))
TAUGHT_PROFILE = Profile(hardened=False, levels=frozenset({CORE}))
