"""``manage.py auth0_rotate_keys``: what lives long, under the newest key."""

from django.core.management.base import BaseCommand, CommandError

from auth0_oauth_client import log, settings
from auth0_oauth_client.client import make_core
from auth0_oauth_client.errors import Auth0OauthClientError
from auth0_oauth_client.models import AccountLinking, AccountToken, ConnectedAccount, SealedRow

# Of the core: how many rows of one kind it looks at in one sweep (src/flows/renew.c).
ROWS_AT_ONCE = 100
MODELS = (AccountToken, ConnectedAccount, AccountLinking, SealedRow)


class Command(BaseCommand):
    help = (
        "After SECRET_KEY was changed, the old one standing in SECRET_KEY_FALLBACKS: moves kept "
        "refresh tokens, connected accounts and links to the new one. The processes of the "
        "site do it too, bit by bit; this does it now. docs/django.md says when the old key may go."
    )

    def handle(self, *args, **options):
        keys = settings.configured().get("encryption_keys") or settings.encryption_keys()
        if len(keys) < 2:
            raise CommandError("there is one key; put the new one in front of it")
        renewed = []

        def event(level, name, fields):
            log.event(level, name, fields)
            if name == "store.renewed":
                renewed.extend(value for field, kind, value in fields if field == "rows")

        try:
            core = make_core(event)
            for _ in range(sum(1 + model.objects.count() // ROWS_AT_ONCE for model in MODELS)):
                core.sweep()
        except Auth0OauthClientError as error:
            raise CommandError(f"{error.id}: {error}") from error
        if not renewed:
            raise CommandError("not all rows were looked at; the log says why. Run it again")
        self.stdout.write(f"{renewed[0]} rows moved to the newest key")
