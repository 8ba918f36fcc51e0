"""Staff: who may enter the kitchen, by password or by API token."""

from collections.abc import Mapping
from hashlib import sha256

from sqlalchemy import bindparam, select

from shared_db.connections import Connections
from shared_db.errors import BadToken, NotFound, WrongPassword
from shared_db.passwords import NOBODYS_HASH, is_right
from shared_db.records import Staff
from shared_db.schema import api_tokens, staff
from shared_db.text import field, id_of, is_clean

_BY_USERNAME = select(staff.c.id, staff.c.username, staff.c.password_hash).where(
    staff.c.username == bindparam("username")
)
_GET = select(staff.c.id, staff.c.username).where(staff.c.id == bindparam("staff_id"))
_BY_TOKEN = (
    select(staff.c.id, staff.c.username)
    .join(api_tokens, api_tokens.c.staff_id == staff.c.id)
    .where(api_tokens.c.token_hash == bindparam("token"))
)


class StaffRoom:
    """What can be asked of the staff."""

    def __init__(self, larder: Connections) -> None:
        """Keep the larder's connections."""
        self._larder = larder

    def sign_in(self, form: Mapping[str, str]) -> Staff:
        """Return the member of staff of a form's username and password; raises WrongPassword.

        An unknown name costs the same work as a wrong password, so that time does not tell names.
        """
        username, password = field(form, "username"), field(form, "password")
        # A name no text column can hold is asked for as "", which nobody has.
        asked = username if is_clean(username) else ""
        row = self._larder.row(_BY_USERNAME, username=asked)
        staff_id, name, password_hash = row or (0, "", NOBODYS_HASH)
        if not is_right(password, password_hash) or row is None:
            raise WrongPassword
        return Staff(staff_id, name)

    def get(self, staff_id: int) -> Staff:
        """Return a member of staff; raises NotFound."""
        number = id_of(staff_id)
        row = None if number is None else self._larder.row(_GET, staff_id=number)
        if row is None:
            raise NotFound("member of staff")
        return Staff._make(row)

    def check_token(self, token: str) -> Staff:
        """Return the member of staff an API token was given to; raises BadToken."""
        row = self._larder.row(_BY_TOKEN, token=hash_token(token))
        if row is None:
            raise BadToken
        return Staff._make(row)


def hash_token(token: str) -> str:
    """Return what is kept of an API token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
