"""``{% load auth0 %}``: for pages of the project."""

from django import template
from django.utils.http import urlencode
from django.urls import reverse

from .. import asking, login_links, names

register = template.Library()


@register.simple_tag(takes_context=True)
def auth0_login_url(context, next=None, **params):
    """Where a sign-in begins: ``{% auth0_login_url connection="google-oauth2" %}``. Comes back
    to this page unless ``next`` says where. A connection that no setting names is signed, for
    the sign-in takes no other."""
    request = context["request"]
    query = {"next": next or request.get_full_path(), **params}
    if params.get("connection"):
        query["connection"] = login_links.sign(params["connection"])
    return f"{reverse('auth0_oauth_client:login')}?{urlencode(query)}"


@register.simple_tag(takes_context=True)
def auth0_connect_ask(context, connection, scopes="", next=None):
    """The value of the field ``ask`` of a form that is posted to the connect view.

    ``scopes`` is a text of words, beside the ``custom_scopes``.
    """
    request = context["request"]
    return asking.sign(request, connection, scopes.split(), next or request.get_full_path())


@register.filter
def auth0_friendly_name(connection):
    """How people call a connection: ``{{ "google-oauth2"|auth0_friendly_name }}``."""
    return names.friendly_name(connection)
