"""Seals the refresh tokens that stood there in the clear, and gives links their key."""

import base64

from django.db import migrations

from ._overwriting import overwriting


class OneRow:
    """A store for a single row: what the core would write, or has written."""

    unavailable = ()

    def __init__(self, row=None):
        self.row = row

    def get(self, kind, key, now):
        return self.row

    def find(self, kind, index, value, now, limit):
        return []

    def commit(self, ops, now):
        self.row = ops[-1][3]
        return True

    def sweep(self, now, limit, cap_kind, cap):
        return 0


def core_on(store):
    from auth0_oauth_client import _core, settings

    return _core.Client(settings.as_json(), store, None, None)


def seal(apps, editor):
    tokens = apps.get_model("auth0_oauth_client", "AccountToken").objects.using(editor.connection.alias)
    core, store = None, OneRow()
    for token in tokens.exclude(sealed="").iterator():
        core = core or core_on(store)
        store.row = None
        core.keep_refresh_token(token.user_id, token.sealed)
        _, _, sealed_at, _, _, _, _, data = store.row
        sealed = base64.b64encode(data).decode()
        tokens.filter(pk=token.pk).update(sealed=sealed, sealed_at=sealed_at, version=1)


def unseal(apps, editor):
    tokens = apps.get_model("auth0_oauth_client", "AccountToken").objects.using(editor.connection.alias)
    core, store = None, OneRow()
    for token in tokens.exclude(sealed="").iterator():
        core = core or core_on(store)
        data = base64.b64decode(token.sealed)
        store.row = (token.user_id, token.version, token.sealed_at, 0, "", token.user_id, "", data)
        tokens.filter(pk=token.pk).update(sealed=opened(core, token.user_id))


def opened(core, user_id):
    """The token; empty when it opens under no key, so that nobody could use it here either."""
    from auth0_oauth_client.errors import Auth0OauthClientError

    try:
        return core.refresh_token_of(user_id)
    except Auth0OauthClientError as error:
        if error.id != "refresh_token_missing":
            raise
        return ""


def give_keys(apps, editor):
    from auth0_oauth_client.tables import linking_key

    links = apps.get_model("auth0_oauth_client", "AccountLinking").objects.using(editor.connection.alias)
    for link in links.filter(key="").iterator():
        key = linking_key(link.primary_user_id, link.secondary_provider, link.secondary_user_id)
        links.filter(pk=link.pk).update(key=key)


class Migration(migrations.Migration):
    dependencies = [("auth0_oauth_client", "0002_sealed")]

    operations = [
        overwriting(),
        migrations.RunPython(seal, unseal),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
    ]
