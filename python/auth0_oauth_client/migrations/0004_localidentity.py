"""Which user of the project a person of Auth0 is."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from auth0_oauth_client.uuid7 import uuid7


class Migration(migrations.Migration):
    dependencies = [
        ("auth0_oauth_client", "0003_seal_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LocalIdentity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False, verbose_name="Id"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="Created at"
                    ),
                ),
                ("issuer", models.CharField(max_length=255, verbose_name="Issuer")),
                ("subject", models.CharField(max_length=255, verbose_name="Subject")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="auth0_identities",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="User",
                    ),
                ),
            ],
            options={
                "verbose_name": "local identity",
                "verbose_name_plural": "local identities",
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "subject"), name="unique_local_identity")
                ],
            },
        ),
    ]
