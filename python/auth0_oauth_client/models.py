"""What is kept: three tables that projects may read, and one of sealed rows.

All writing goes through the core, which seals and checks; see :mod:`.store`.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .errors import InvalidArgumentOauthClientError, untraced
from .uuid7 import uuid7

# The longest key of the core, in bytes.
TEXT_MAX = 255


class Standard(models.Model):
    """What the three tables have in common."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, verbose_name=_("Id"))
    created_at = models.DateTimeField(default=timezone.now, editable=False, verbose_name=_("Created at"))
    updated_at = models.DateTimeField(default=timezone.now, editable=False, verbose_name=_("Updated at"))
    # Of the core's row: how often it was written.
    version = models.BigIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Signed(Standard):
    """What the core has written and signed: ``record``, and when. The other columns repeat
    it; whoever changes them changes what people see, not what the core believes."""

    record = models.TextField(blank=True, default="", editable=False)
    row_created_at = models.BigIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class AccountLinking(Signed):
    """One account that was made an identity of another.

    ``rule`` is the number of the rule of docs/linking.md that allowed it.
    """

    primary_user_id = models.CharField(max_length=TEXT_MAX, db_index=True, verbose_name=_("Primary User ID"))
    secondary_provider = models.CharField(max_length=TEXT_MAX, verbose_name=_("Provider"))
    secondary_user_id = models.CharField(max_length=TEXT_MAX, db_index=True, verbose_name=_("Secondary User ID"))
    secondary_connection_name = models.CharField(
        max_length=TEXT_MAX, blank=True, default="", verbose_name=_("Connection")
    )
    rule = models.SmallIntegerField(null=True, blank=True, verbose_name=_("Rule"))
    key = models.CharField(max_length=64, db_index=True, default="", editable=False)

    class Meta:
        verbose_name = _("account linking")
        verbose_name_plural = _("account linkings")
        constraints = [
            models.UniqueConstraint(
                fields=["primary_user_id", "secondary_provider", "secondary_user_id"],
                name="unique_account_linking",
            )
        ]

    def __str__(self):
        return f"{self.secondary_provider}|{self.identity_user_id} → {self.primary_user_id}"

    @property
    def identity_user_id(self):
        """The id of the secondary at its provider (str), as in ``identities``."""
        return self.secondary_user_id.removeprefix(f"{self.secondary_provider}|")


class ConnectedAccount(Signed):
    """An account at a provider that the person let the application use.

    ``subject`` is the person's id at the provider, ``email`` the address of that account;
    both are ``""`` while they are unknown. In rows of the former package ``email`` is the
    owner's address.
    """

    connected_account_id = models.CharField(
        max_length=TEXT_MAX, unique=True, verbose_name=_("Connected Account ID")
    )
    email = models.TextField(blank=True, verbose_name=_("Email"))
    email_verified = models.BooleanField(default=False, verbose_name=_("Email verified"))
    provider = models.CharField(max_length=TEXT_MAX, verbose_name=_("Provider"))
    connection = models.CharField(max_length=TEXT_MAX, blank=True, default="", verbose_name=_("Connection"))
    subject = models.TextField(blank=True, default="", verbose_name=_("User ID at the provider"))
    scopes = models.TextField(blank=True, default="", verbose_name=_("Scopes"))
    user_id_owner = models.CharField(max_length=TEXT_MAX, db_index=True, verbose_name=_("User ID Owner"))
    is_account_linked = models.BooleanField(default=False, verbose_name=_("Linked"))
    identity_index = models.CharField(max_length=64, db_index=True, blank=True, default="", editable=False)
    email_index = models.CharField(max_length=64, db_index=True, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("connected account")
        verbose_name_plural = _("connected accounts")

    def __str__(self):
        return f"{self.provider}: {self.connected_account_id}"


class AccountTokens(models.QuerySet):
    """Rows whose token is sealed by ``save()`` and by nothing else."""

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        if any("_given" in token.__dict__ for token in objs):
            raise InvalidArgumentOauthClientError("refresh_token", "bulk_create does not seal it; save() each")
        return super().bulk_create(objs, *args, **kwargs)


class AccountToken(Standard):
    """The newest refresh token of a person: a secret, sealed in the database."""

    objects = AccountTokens.as_manager()

    user_id = models.CharField(max_length=TEXT_MAX, unique=True, verbose_name=_("User ID"))
    sealed = models.TextField(blank=True, default="", editable=False)
    sealed_at = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("account token")
        verbose_name_plural = _("account tokens")

    def __str__(self):
        return self.user_id

    @property
    def refresh_token(self):
        """The token, a str, as it is kept now; None when there is none that opens."""
        from . import tokens

        given = self.__dict__.get("_given")
        return given if given is not None else tokens.kept(self.user_id)

    @refresh_token.setter
    def refresh_token(self, token):
        self.__dict__["_given"] = token

    def refresh_from_db(self, *args, **kwargs):
        self.__dict__.pop("_given", None)
        super().refresh_from_db(*args, **kwargs)

    @untraced
    def save(self, *args, **kwargs):
        """Seals a token that was assigned."""
        from . import tokens

        given = self.__dict__.get("_given")
        if given is None:
            return super().save(*args, **kwargs)
        tokens.keep(self.user_id, given)
        del self.__dict__["_given"]
        stored = type(self).objects.get(user_id=self.user_id)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(stored, field.attname))
        self._state.adding = False
        return None


class LocalIdentity(models.Model):
    """Which user of the project a person of Auth0 is: exactly (issuer, subject), and no
    other way to find one [SESS-16]. A row of the project's side: the core knows it not."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, verbose_name=_("Id"))
    created_at = models.DateTimeField(default=timezone.now, editable=False, verbose_name=_("Created at"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="auth0_identities",
        verbose_name=_("User"),
    )
    issuer = models.CharField(max_length=TEXT_MAX, verbose_name=_("Issuer"))
    subject = models.CharField(max_length=TEXT_MAX, verbose_name=_("Subject"))

    class Meta:
        verbose_name = _("local identity")
        verbose_name_plural = _("local identities")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="unique_local_identity")
        ]

    def __str__(self):
        return self.subject


class SealedRow(models.Model):
    """A row of the core: a session, an open sign-in, a refresh token, a lock, a mark or an
    entry of the journal. What is inside is sealed; times are Unix seconds."""

    kind = models.SmallIntegerField()
    key = models.CharField(max_length=TEXT_MAX)
    version = models.BigIntegerField()
    created_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    owner = models.CharField(max_length=TEXT_MAX, blank=True)
    user_id = models.CharField(max_length=TEXT_MAX, blank=True)
    sid = models.CharField(max_length=TEXT_MAX, blank=True)
    data = models.BinaryField()

    class Meta:
        verbose_name = _("sealed row")
        verbose_name_plural = _("sealed rows")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="auth0_row_key"),
        ]
        indexes = [
            models.Index(fields=["kind", "owner"], condition=~Q(owner=""), name="auth0_row_owner"),
            models.Index(fields=["kind", "user_id"], condition=~Q(user_id=""), name="auth0_row_user"),
            models.Index(fields=["kind", "sid"], condition=~Q(sid=""), name="auth0_row_sid"),
            models.Index(fields=["expires_at"], condition=~Q(expires_at=0), name="auth0_row_end"),
            models.Index(fields=["kind", "created_at"], name="auth0_row_age"),
        ]

    def __str__(self):
        return f"{self.kind}"
