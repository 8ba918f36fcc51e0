"""The forms of the site; the larder knows their rules."""

from functools import partial

from django import forms

from larder import larder
from shared_db.errors import InvalidInputError, WrongPasswordError

# The larder rejects an empty text, and removes blanks where they do not count.
Text = partial(forms.CharField, required=False, strip=False)


class ReviewForm(forms.Form):
    """A review of a dish."""

    author = Text()
    rating = Text()
    body = Text()

    def clean(self):
        """Ask the larder whether it would accept the review."""
        try:
            larder.reviews.check(self.cleaned_data)
        except InvalidInputError as error:
            raise forms.ValidationError(error.fields) from error


class PortionsForm(forms.Form):
    """A dish in the cart."""

    dish_id = Text()
    quantity = Text()


class OrderForm(forms.Form):
    """An order of the cart's dishes."""

    guest = Text()
    idempotency_key = Text()


class SignInForm(forms.Form):
    """The name and the password of a member of staff."""

    username = Text()
    password = Text()

    def clean(self):
        """Find the member of staff."""
        try:
            self.staff = larder.staff.sign_in(self.cleaned_data)
        except WrongPasswordError as error:
            raise forms.ValidationError(str(error)) from error
