"""Django's own user for the person who signed in with Auth0."""

import base64
import hashlib

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, router, transaction

from .client import auth_client
from .models import LocalIdentity


class Auth0Backend(ModelBackend):
    """Finds or makes the local user of exactly (``iss``, ``sub``).

    Never by address or name: those can be taken over, or shared, or changed [SESS-16].
    The claims come from the session of the request and from nowhere else, so no form
    field can name a person. Permissions are those of Django's own backend.

    A project with rules of its own for new users overrides :meth:`create_user`.
    """

    def authenticate(self, request, auth0=False, **credentials):
        """The user of the person who is signed in with Auth0 in this request.

        Args:
            request (HttpRequest): after ``complete_login``.
            auth0 (bool): that this backend is meant: ``authenticate(request, auth0=True)``.

        Returns:
            The user; None when nobody is signed in, or the user is not active.
        """
        if request is None or auth0 is not True:
            return None
        claims = auth_client.get_user_info(request)
        if claims is None:
            return None
        user = self._find(claims) or self._make(claims)
        return user if user is not None and self.user_can_authenticate(user) else None

    async def aauthenticate(self, request, auth0=False, **credentials):
        """As :meth:`authenticate`, with ``await``."""
        from asgiref.sync import sync_to_async

        return await sync_to_async(self.authenticate, thread_sensitive=True)(request, auth0=auth0)

    def create_user(self, claims):
        """Makes the local user of a person who is here for the first time.

        Args:
            claims (dict): verified; ``email`` only counts with ``email_verified``.

        Returns:
            A saved user, or None to let nobody in.
        """
        model = get_user_model()
        user = model()
        if model.USERNAME_FIELD == model.get_email_field_name():
            address = verified_address(claims)
            if not address or model._default_manager.filter(**{model.USERNAME_FIELD: address}).exists():
                return None
            user_name = address
        else:
            user_name = name_of(claims["iss"], claims["sub"])
            _fill(user, model.get_email_field_name(), verified_address(claims))
        setattr(user, model.USERNAME_FIELD, user_name)
        _fill(user, "first_name", claims.get("given_name"))
        _fill(user, "last_name", claims.get("family_name"))
        user.set_unusable_password()
        user.save()
        return user

    def _find(self, claims):
        identity = (
            LocalIdentity.objects.using(router.db_for_write(LocalIdentity))  # no replica, which may lag
            .filter(issuer=claims["iss"], subject=claims["sub"])
            .select_related("user")
            .first()
        )
        return identity.user if identity else None

    def _make(self, claims):
        """Two sign-ins of a new person at once end in one user."""
        try:
            with transaction.atomic(using=router.db_for_write(LocalIdentity)):
                user = self.create_user(claims)
                if user is not None:
                    LocalIdentity.objects.create(user=user, issuer=claims["iss"], subject=claims["sub"])
                return user
        except IntegrityError:
            return self._find(claims)


def name_of(issuer, subject):
    """A user name that belongs to exactly one (issuer, subject): nothing is cut off or
    replaced, so that two people can not get the same."""
    digest = hashlib.sha256(f"{issuer}\0{subject}".encode()).digest()
    return "auth0-" + base64.b32encode(digest[:20]).decode().lower()


def verified_address(claims):
    """The address, if Auth0 says that it is the person's; else an empty text."""
    return claims.get("email", "") if claims.get("email_verified") is True else ""


def _fill(user, field, value):
    if not isinstance(value, str) or field is None or not hasattr(user, field):
        return
    longest = user._meta.get_field(field).max_length
    setattr(user, field, value[:longest] if longest else value)
