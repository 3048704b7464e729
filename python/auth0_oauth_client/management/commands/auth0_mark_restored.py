"""``manage.py auth0_mark_restored``: after a backup of the database was put back."""

from django.core.management.base import BaseCommand
from django.db import router, transaction
from django.db.models import Q

from auth0_oauth_client.models import SealedRow

# Of the core (docs/formats.md): sessions, open sign-ins, their refresh tokens, locks, marks.
FORGOTTEN = (1, 2, 3, 5, 6)
# Sign-ins of the former package that were converted: Django's sessions were restored too.
KEPT = Q(kind=6, key__startswith="adopted|")


class Command(BaseCommand):
    help = (
        "After a backup was restored, before the site is started: forgets sessions and open "
        "sign-ins, which may have ended since the backup was made. People sign in again; kept "
        "refresh tokens, connected accounts and links stay."
    )

    def handle(self, *args, **options):
        with transaction.atomic(using=router.db_for_write(SealedRow)):
            removed, _ = SealedRow.objects.filter(kind__in=FORGOTTEN).exclude(KEPT).delete()
        self.stdout.write(f"{removed} rows forgotten")
