"""What is kept: three tables that projects may read, and one of sealed rows.

All writing goes through the core, which seals and checks; see :mod:`.store`.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .uuid7 import uuid7

# The longest key of the core, in bytes.
TEXT_MAX = 255


class Standard(models.Model):
    """What the three tables have in common."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, verbose_name=_("Id"))
    created_at = models.DateTimeField(default=timezone.now, editable=False, verbose_name=_("Created at"))
    updated_at = models.DateTimeField(auto_now=True, editable=False, verbose_name=_("Updated at"))

    class Meta:
        abstract = True


class AccountLinking(Standard):
    """One account that was made an identity of another.

    ``secondary_user_id`` is the id at the provider, as in the user's ``identities``.
    """

    primary_user_id = models.CharField(max_length=TEXT_MAX, verbose_name=_("Primary User ID"))
    secondary_provider = models.CharField(max_length=128, verbose_name=_("Provider"))
    secondary_user_id = models.CharField(max_length=TEXT_MAX, verbose_name=_("Secondary User ID"))

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
        return f"{self.secondary_provider}|{self.secondary_user_id} → {self.primary_user_id}"


class ConnectedAccount(Standard):
    """An account at a provider that the person let the application use."""

    connected_account_id = models.CharField(
        max_length=TEXT_MAX, unique=True, verbose_name=_("Connected Account ID")
    )
    email = models.EmailField(blank=True, verbose_name=_("Email"))
    provider = models.CharField(max_length=128, verbose_name=_("Provider"))
    user_id_owner = models.CharField(max_length=TEXT_MAX, db_index=True, verbose_name=_("User ID Owner"))
    is_account_linked = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("connected account")
        verbose_name_plural = _("connected accounts")

    def __str__(self):
        return f"{self.provider}: {self.connected_account_id}"


class AccountToken(Standard):
    """The newest refresh token of a person, sealed."""

    user_id = models.CharField(max_length=TEXT_MAX, unique=True, verbose_name=_("User ID"))
    refresh_token = models.CharField(max_length=128, verbose_name=_("Refresh Token"))

    class Meta:
        verbose_name = _("account token")
        verbose_name_plural = _("account tokens")

    def __str__(self):
        return self.user_id


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
