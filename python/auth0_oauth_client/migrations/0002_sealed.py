"""Rows of the core, and room in the three tables for what it keeps there: sealed tokens of
any length, the identity at the provider, signed records. No row goes, no id changes.
"""

import django.utils.timezone
from django.db import migrations, models

from ._overwriting import overwriting


class Migration(migrations.Migration):

    dependencies = [
        ("auth0_oauth_client", "0001_initial"),
    ]

    operations = [
        overwriting(),
        migrations.CreateModel(
            name="SealedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.SmallIntegerField()),
                ("key", models.CharField(max_length=255)),
                ("version", models.BigIntegerField()),
                ("created_at", models.BigIntegerField()),
                ("expires_at", models.BigIntegerField()),
                ("owner", models.CharField(blank=True, max_length=255)),
                ("user_id", models.CharField(blank=True, max_length=255)),
                ("sid", models.CharField(blank=True, max_length=255)),
                ("data", models.BinaryField()),
            ],
            options={
                "verbose_name": "sealed row",
                "verbose_name_plural": "sealed rows",
            },
        ),
        migrations.AlterModelOptions(
            name="accountlinking",
            options={"verbose_name": "account linking", "verbose_name_plural": "account linkings"},
        ),
        migrations.AlterModelOptions(
            name="accounttoken",
            options={"verbose_name": "account token", "verbose_name_plural": "account tokens"},
        ),
        migrations.AlterModelOptions(
            name="connectedaccount",
            options={"verbose_name": "connected account", "verbose_name_plural": "connected accounts"},
        ),
        migrations.RemoveConstraint(
            model_name="connectedaccount",
            name="unique_connected_account",
        ),
        migrations.AddField(
            model_name="accountlinking",
            name="key",
            field=models.CharField(db_index=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="accountlinking",
            name="record",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.AddField(
            model_name="accountlinking",
            name="row_created_at",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="accountlinking",
            name="rule",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="Rule"),
        ),
        migrations.AddField(
            model_name="accountlinking",
            name="secondary_connection_name",
            field=models.CharField(blank=True, default="", max_length=255, verbose_name="Connection"),
        ),
        migrations.AddField(
            model_name="accountlinking",
            name="version",
            field=models.BigIntegerField(default=1, editable=False),
        ),
        migrations.RenameField(
            model_name="accounttoken",
            old_name="refresh_token",
            new_name="sealed",
        ),
        migrations.AlterField(
            model_name="accounttoken",
            name="sealed",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.AddField(
            model_name="accounttoken",
            name="sealed_at",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="accounttoken",
            name="version",
            field=models.BigIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="connection",
            field=models.CharField(blank=True, default="", max_length=255, verbose_name="Connection"),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="email_index",
            field=models.CharField(blank=True, db_index=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="email_verified",
            field=models.BooleanField(default=False, verbose_name="Email verified"),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="identity_index",
            field=models.CharField(blank=True, db_index=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="record",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="row_created_at",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="scopes",
            field=models.TextField(blank=True, default="", verbose_name="Scopes"),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="subject",
            field=models.TextField(blank=True, default="", verbose_name="User ID at the provider"),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="version",
            field=models.BigIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name="accountlinking",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Created at"),
        ),
        migrations.AlterField(
            model_name="accountlinking",
            name="primary_user_id",
            field=models.CharField(db_index=True, max_length=255, verbose_name="Primary User ID"),
        ),
        migrations.AlterField(
            model_name="accountlinking",
            name="secondary_provider",
            field=models.CharField(max_length=255, verbose_name="Provider"),
        ),
        migrations.AlterField(
            model_name="accountlinking",
            name="secondary_user_id",
            field=models.CharField(db_index=True, max_length=255, verbose_name="Secondary User ID"),
        ),
        migrations.AlterField(
            model_name="accountlinking",
            name="updated_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Updated at"),
        ),
        migrations.AlterField(
            model_name="accounttoken",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Created at"),
        ),
        migrations.AlterField(
            model_name="accounttoken",
            name="updated_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Updated at"),
        ),
        migrations.AlterField(
            model_name="accounttoken",
            name="user_id",
            field=models.CharField(max_length=255, unique=True, verbose_name="User ID"),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="connected_account_id",
            field=models.CharField(max_length=255, unique=True, verbose_name="Connected Account ID"),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Created at"),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="email",
            field=models.TextField(blank=True, verbose_name="Email"),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="is_account_linked",
            field=models.BooleanField(default=False, verbose_name="Linked"),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="provider",
            field=models.CharField(max_length=255, verbose_name="Provider"),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="updated_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Updated at"),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="user_id_owner",
            field=models.CharField(db_index=True, max_length=255, verbose_name="User ID Owner"),
        ),
        migrations.AddIndex(
            model_name="sealedrow",
            index=models.Index(condition=models.Q(("owner", ""), _negated=True), fields=["kind", "owner"], name="auth0_row_owner"),
        ),
        migrations.AddIndex(
            model_name="sealedrow",
            index=models.Index(condition=models.Q(("user_id", ""), _negated=True), fields=["kind", "user_id"], name="auth0_row_user"),
        ),
        migrations.AddIndex(
            model_name="sealedrow",
            index=models.Index(condition=models.Q(("sid", ""), _negated=True), fields=["kind", "sid"], name="auth0_row_sid"),
        ),
        migrations.AddIndex(
            model_name="sealedrow",
            index=models.Index(condition=models.Q(("expires_at", 0), _negated=True), fields=["expires_at"], name="auth0_row_end"),
        ),
        migrations.AddIndex(
            model_name="sealedrow",
            index=models.Index(fields=["kind", "created_at"], name="auth0_row_age"),
        ),
        migrations.AddConstraint(
            model_name="sealedrow",
            constraint=models.UniqueConstraint(fields=("kind", "key"), name="auth0_row_key"),
        ),
    ]
