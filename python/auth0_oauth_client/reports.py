"""What reports of errors show of a callback: how long its values are, and no value [SEC-03].

Django's mails to the admins and its pages of DEBUG ask the request for a filter. The one that
is put there stands in front of the project's own.
"""

from urllib.parse import parse_qsl, unquote_plus, urlencode

from django.http import QueryDict
from django.template.defaultfilters import pprint
from django.views.debug import get_exception_reporter_filter

# A shorter value is no secret, and stands in other texts by chance.
SECRET_MIN = 8


def conceal(request, callback_url=None):
    """Keeps the values of a request, and those of a callback, out of reports.

    Args:
        request (HttpRequest): or whatever else a project gave for one.
        callback_url (str | None): an address with a query.
    """
    request = getattr(request, "_request", request)  # of Django REST framework
    if not hasattr(request, "META"):
        return
    there = get_exception_reporter_filter(request)
    if not isinstance(there, _Filter):
        there = request.exception_reporter_filter = _Filter(there)
    if isinstance(callback_url, str):
        there.queries.add(callback_url.partition("?")[2].partition("#")[0])


def looks_like_callback(request):
    """Whether somebody may come back from Auth0 with this request, to whatever address."""
    query = request.META.get("QUERY_STRING", "")
    return "state=" in query and ("code=" in query or "error=" in query)


class _Filter:
    """A filter of Django in front of another one."""

    def __init__(self, behind):
        self._behind = behind
        self.queries = set()

    def __getattr__(self, name):
        # What copies a request asks for these before there is anything behind.
        if name == "_behind" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._behind, name)

    def get_safe_request_meta(self, request):
        _show_once(request)
        meta = self._behind.get_safe_request_meta(request)
        shown = {"QUERY_STRING": _shown(_query(request))} if "QUERY_STRING" in meta else {}
        return _without(self._secrets(request), meta) | shown

    def get_post_parameters(self, request):
        fields = self._behind.get_post_parameters(request)
        return {name: _length(value) for name, value in fields.items()}

    def get_traceback_frame_variables(self, request, tb_frame):
        secrets = self._secrets(request)
        variables = self._behind.get_traceback_frame_variables(request, tb_frame)
        return [(name, _printed(secrets, value)) for name, value in variables]

    def _secrets(self, request):
        """Texts and what is shown for them, the longest first: it may hold another."""
        found = {}
        for query in {_query(request), *self.queries}:
            found[query] = _shown(query)
            for part in query.split("&"):
                value = part.partition("=")[2]
                found |= {text: _length(text) for text in (value, unquote_plus(value))}
        for _name, values in vars(request).get("_post", QueryDict()).lists():
            found |= {text: _length(text) for text in values}
        known = [pair for pair in found.items() if len(pair[0]) >= SECRET_MIN]
        return sorted(known, key=lambda pair: -len(pair[0]))


class _Printed:
    """A variable as it is shown."""

    def __init__(self, text):
        self._text = text

    def __repr__(self):
        return self._text


def _query(request):
    return request.META.get("QUERY_STRING", "")


def _length(value):
    return f"{len(value)}-characters"


def _shown(query):
    return urlencode([(name, _length(value)) for name, value in parse_qsl(query, keep_blank_values=True)])


def _replaced(secrets, text):
    for secret, shown in secrets:
        text = text.replace(secret, shown)
    return text


def _without(secrets, meta):
    return {
        name: _replaced(secrets, value) if isinstance(value, str) else value for name, value in meta.items()
    }


def _printed(secrets, value):
    text = pprint(value)
    shown = _replaced(secrets, text)
    return value if shown == text else _Printed(shown)


def _show_once(request):
    """A reporter reads the query from the request itself, after it has asked for META: first
    GET, then the whole address. The request goes on as it was, for who only logs something."""
    if "get_full_path" in vars(request):
        return
    asked = request.GET

    def get_full_path(*args, **kwargs):
        request.GET = asked
        del request.get_full_path
        path, mark, query = request.get_full_path(*args, **kwargs).partition("?")
        return path + mark + _shown(query)

    request.GET = QueryDict(_shown(_query(request)))
    request.get_full_path = get_full_path
