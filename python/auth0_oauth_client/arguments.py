"""Arguments of the operations as the core takes them. What can not be taken raises
:class:`.InvalidArgumentOauthClientError` or :class:`.MissingRequiredArgumentOauthClientError`
with its name."""

import math

from .errors import InvalidArgumentOauthClientError, MissingRequiredArgumentOauthClientError


def required(value, name):
    """The value, unless it is None or empty."""
    if value is None or value == "":
        raise MissingRequiredArgumentOauthClientError(name)
    return value


def parameters(params):
    """Parameters as the core takes them: texts, without those that are None."""
    if params is None:
        return None
    if not isinstance(params, dict):
        raise InvalidArgumentOauthClientError("authorization_params", "it must be a dict")
    found = {}
    for name, value in params.items():
        if isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, int):
            found[name] = str(value) if abs(value) < 2**63 else value
        elif value is not None:
            found[name] = value
    return found


def texts(values, name):
    """A list of texts as a tuple of them."""
    try:
        found = tuple(values)
    except TypeError:
        found = (None,)
    if isinstance(values, str) or not all(isinstance(text, str) for text in found):
        raise InvalidArgumentOauthClientError(name, "it must be a list of str")
    return found


def words(values, name):
    """A list of words, or a text of them, as one text; None when there are none."""
    if values is None or isinstance(values, str):
        return values or None
    return " ".join(texts(values, name)) or None


def milliseconds(seconds, name):
    """A time in seconds (int or float, an hour at the most) as whole milliseconds."""
    try:
        number = float(seconds)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(seconds, bool) or not 0 < number <= 3600:
        raise InvalidArgumentOauthClientError(name, "it must be seconds above 0, 3600 at the most")
    return max(1, int(number * 1000))
