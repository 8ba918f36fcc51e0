"""The staff: authentication by password or by API token."""

from collections.abc import Mapping
from hashlib import sha256

from sqlalchemy import bindparam, select

from shared_db.connections import Connections
from shared_db.errors import NotFoundError, UnknownTokenError, WrongPasswordError
from shared_db.passwords import DUMMY_HASH, verify_password
from shared_db.records import Staff
from shared_db.schema import api_tokens, staff
from shared_db.text import get_field, is_clean, parse_id

_BY_USERNAME = select(staff.c.id, staff.c.username, staff.c.password_hash).where(
    staff.c.username == bindparam("username")
)
_GET = select(staff.c.id, staff.c.username).where(staff.c.id == bindparam("staff_id"))
_BY_TOKEN = (
    select(staff.c.id, staff.c.username)
    .join(api_tokens, api_tokens.c.staff_id == staff.c.id)
    .where(api_tokens.c.token_hash == bindparam("token"))
)


class StaffAccounts:
    """Authenticate and read the members of staff."""

    def __init__(self, connections: Connections) -> None:
        """Store the connections."""
        self._connections = connections

    def sign_in(self, form: Mapping[str, str]) -> Staff:
        """Return the member of staff with a form's username and password. Raise WrongPasswordError.

        An unknown username takes the same work as a wrong password, so that the response time does
        not reveal which usernames exist.
        """
        username, password = get_field(form, "username"), get_field(form, "password")
        # Some texts fit in no text column; the query uses "" instead, which is nobody's username.
        valid_username = username if is_clean(username) else ""
        row = self._connections.fetch_first(_BY_USERNAME, username=valid_username)
        staff_id, name, password_hash = row or (0, "", DUMMY_HASH)
        if not verify_password(password, password_hash) or row is None:
            raise WrongPasswordError
        return Staff(staff_id, name)

    def get(self, staff_id: int) -> Staff:
        """Return the member of staff with an id. Raise NotFoundError."""
        number = parse_id(staff_id)
        row = None if number is None else self._connections.fetch_first(_GET, staff_id=number)
        if row is None:
            raise NotFoundError("member of staff")
        return Staff._make(row)

    def check_token(self, token: str) -> Staff:
        """Return the member of staff who owns an API token. Raise UnknownTokenError."""
        row = self._connections.fetch_first(_BY_TOKEN, token=hash_token(token))
        if row is None:
            raise UnknownTokenError
        return Staff._make(row)


def hash_token(token: str) -> str:
    """Return the hash under which an API token is stored, in hexadecimal."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
