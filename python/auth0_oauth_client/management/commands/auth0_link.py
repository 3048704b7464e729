"""``manage.py auth0_link``: what account linking did, how it is taken back, and whom it would
concern."""

import csv
import json
import sqlite3
import sys
from argparse import RawDescriptionHelpFormatter

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter

from auth0_oauth_client.client import auth_client
from auth0_oauth_client.errors import (
    Auth0OauthClientError,
    Auth0OauthClientImproperlyConfigured,
    InvalidArgumentOauthClientError,
    MissingRequiredArgumentOauthClientError,
)

USAGE = (
    Auth0OauthClientImproperlyConfigured,
    InvalidArgumentOauthClientError,
    MissingRequiredArgumentOauthClientError,
)
CLASSES = ("safe", "confirm", "refused", "suspicious")
COLUMNS = ("email", "class", "user_id", "outcome", "rule", "reason", "primary_user_id")
UNREADABLE = "nothing can be made of their id, their address or their identities"
# Of the core: as many accounts of one address as it looks at.
GROUP_MAX = 64

HELP = """\
What account linking did, how it is taken back, and whom it would concern. Asks Auth0's
Management API and the database of this project; prints JSON.

  explain USER_ID              what the next sign-in of a user would do, and why
  list [USER_ID]               the links that were made and stand
  undo PRIMARY_ID PROVIDER ID  takes an account out of a user again, with its metadata;
                               needs --yes
  repair                       finishes, or takes back, what a crash left half-way
  audit                        all accounts of the tenant that share an address, by what
                               the rules would do at their next sign-in:
                                 safe        linked
                                 confirm     the person is asked to sign in with the other
                                 refused     left apart; `reason` says why
                                 suspicious  an address that was not proved, or an account
                                             that holds more than its address

Exit codes: 0 done, 1 not done (repair: something is left), 2 a fault of usage or of the
settings. docs/linking.md has the rules and the reasons."""

EXAMPLES = """\
Look first, then let people be linked as they sign in:
  manage.py auth0_link audit --csv > found.csv
  manage.py auth0_link explain "google-oauth2|1084"
Somebody was linked who should not have been:
  manage.py auth0_link list "auth0|64f0"
  manage.py auth0_link undo "auth0|64f0" google-oauth2 1084 --yes"""


class Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the texts above."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name, subcommand, **kwargs):
        return super().create_parser(
            prog_name, subcommand, formatter_class=Formatter, epilog=EXAMPLES, **kwargs
        )

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        explain = actions.add_parser("explain", help="what the next sign-in of a user would do, and why")
        explain.add_argument("user_id", metavar="USER_ID", help='for example "auth0|64f0"')
        listing = actions.add_parser("list", help="the links that were made and stand")
        listing.add_argument("user_id", metavar="USER_ID", nargs="?", help="of a primary or a secondary only")
        undo = actions.add_parser("undo", help="takes an account out of a user again")
        undo.add_argument("user_id", metavar="PRIMARY_ID", help="whom it was linked to")
        undo.add_argument("provider", metavar="PROVIDER", help='for example "google-oauth2"')
        undo.add_argument("identity_user_id", metavar="ID", help="of the account at the provider")
        undo.add_argument("--yes", action="store_true", help="undo, without asking back")
        actions.add_parser("repair", help="finishes, or takes back, what a crash left half-way")
        audit = actions.add_parser("audit", help="accounts that share an address")
        audit.add_argument("--csv", dest="as_table", action="store_true", help="a table instead of JSON")

    def handle(self, *args, action, **options):
        try:
            code = getattr(self, action)(**options)
        except Auth0OauthClientError as error:
            code = 2 if isinstance(error, USAGE) else 1
            raise CommandError(f"{error.id or error.code}: {error}", returncode=code) from error
        if code:
            sys.exit(code)

    def print(self, answer):
        self.stdout.write(json.dumps(answer, ensure_ascii=False))

    # ---- the actions: each gives an exit code, or None ----

    def explain(self, user_id, **options):
        self.print(auth_client.explain_account_linking(user_id))

    def list(self, user_id, **options):
        self.print({"links": auth_client.list_account_linkings(user_id)})

    def undo(self, user_id, provider, identity_user_id, yes, **options):
        if not yes:
            raise CommandError(
                "this takes the account out of the user again; write --yes if that is meant", returncode=2
            )
        self.print(auth_client.unlink_account(user_id, provider, identity_user_id))

    def repair(self, **options):
        answer = auth_client.repair_account_linking()
        self.print(answer)
        return 1 if answer["left"] else 0

    def audit(self, as_table, **options):
        users, unreadable, groups = _all_users()
        found = [group for email, user_ids in groups if (group := _judged(email, user_ids))]
        if unreadable:
            self.stderr.write(f"{unreadable} users were left out: {UNREADABLE}")
        if as_table:
            self.print_table(found)
            return
        counts = {name: sum(group["class"] == name for group in found) for name in CLASSES}
        self.print({"users": users, "unreadable": unreadable, **counts, "groups": found})

    def print_table(self, groups):
        table = csv.writer(self.stdout, quoting=csv.QUOTE_ALL)
        table.writerow(COLUMNS)
        for group in groups:
            for account in group["accounts"]:
                row = account | {"email": group["email"], "class": group["class"]}
                table.writerow([_cell(row[name]) for name in COLUMNS])


def _all_users():
    """How many users the tenant has, how many more nothing can be made of, and those that share
    an address: (address, ids) each. They are put into a temporary database, because there may be
    millions."""
    database = sqlite3.connect("")
    database.execute("CREATE TABLE account (email, user_id, PRIMARY KEY (email, user_id)) WITHOUT ROWID")
    users, unreadable, after = 0, 0, None
    while True:
        page, after, left_out = auth_client._list_users(after)
        users, unreadable = users + len(page), unreadable + left_out
        rows = [(_canonical(user["email"]), user["user_id"]) for user in page if user.get("email")]
        database.executemany("INSERT OR IGNORE INTO account VALUES (?, ?)", rows)
        if after is None:
            break
    shared = database.execute("SELECT email FROM account GROUP BY email HAVING count(*) > 1 ORDER BY email")
    return users, unreadable, [(email, _of(database, email)) for (email,) in shared]


def _of(database, email):
    rows = database.execute(
        "SELECT user_id FROM account WHERE email = ? ORDER BY user_id LIMIT ?", (email, GROUP_MAX)
    )
    return [user_id for (user_id,) in rows]


def _canonical(email):
    """As the rules compare: without white space around it, ASCII letters in lower case."""
    return email.strip().encode().lower().decode()


def _judged(email, user_ids):
    """What the rules say of accounts that share an address; None when nothing would happen."""
    audited = auth_client.audit_account_linking(user_ids)
    return {"email": email, **audited} if audited["class"] else None


def _cell(value):
    """A spreadsheet takes what begins like a formula for one."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(tuple("=+-@\t\r")) else text
