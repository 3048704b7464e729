"""``manage.py auth0_rotate_keys``: the kept refresh tokens, sealed under the newest key."""

from django.core.management.base import BaseCommand, CommandError

from auth0_oauth_client import tokens
from auth0_oauth_client.errors import Auth0OauthClientError
from auth0_oauth_client.models import AccountToken


class Command(BaseCommand):
    help = (
        "After SECRET_KEY was changed, the old one standing in SECRET_KEY_FALLBACKS: seals the "
        "refresh tokens that are kept of users under the new one. docs/django.md says when the "
        "old key may go."
    )

    def handle(self, *args, **options):
        sealed, lost = 0, []
        for user_id in AccountToken.objects.order_by("pk").values_list("user_id", flat=True).iterator():
            try:
                sealed += tokens.seal_anew(user_id)
            except Auth0OauthClientError as error:
                lost.append(f"{user_id}: {error}")
        self.stdout.write(f"{sealed} sealed under the newest key")
        if lost:
            raise CommandError("not all could be opened:\n" + "\n".join(lost))
