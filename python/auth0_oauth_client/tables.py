"""Which table a row of the core stands in, in which columns, and the statements about it.

Four kinds of rows have tables of their own that projects may read. Of two of them the core
writes JSON that it has signed: it is kept as it came, in ``record``, and that alone counts
when it is read again; the other columns repeat it for people and queries.

The statements are SQL and not querysets: a sign-in has thirty of them, and to put a
queryset together takes ten times as long as to run it. Their parameters are the columns,
and ``kind``, ``key``, ``value``, ``now``, ``limit`` and ``expected`` (a version).
"""

import base64
import datetime
import hashlib
import json
import uuid

from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property

from .models import AccountLinking, AccountToken, ConnectedAccount, SealedRow

ACCOUNT_TOKEN, CONNECTED_ACCOUNT, ACCOUNT_LINKING = 4, 7, 8
OWNER, USER_ID, SID = 1, 2, 3


def _names(columns):
    return ", ".join(f'"{column}"' for column in columns)


class SealedRows:
    """Rows that are what they look like."""

    model = SealedRow
    key = "key"
    created = "created_at"
    indexes = {OWNER: "owner", USER_ID: "user_id", SID: "sid"}
    columns = ("key", "version", "created_at", "expires_at", "owner", "user_id", "sid", "data")

    of_kind = '"kind" = %(kind)s'
    live = '("expires_at" = 0 OR "expires_at" > %(now)s)'
    dead = '("expires_at" <> 0 AND "expires_at" <= %(now)s)'
    at_version = '(%(expected)s = 0 OR "version" = %(expected)s)'

    @cached_property
    def of_key(self):
        return f'{self.of_kind} AND "{self.key}" = %(key)s'

    @cached_property
    def of_live_key(self):
        return f"{self.of_key} AND {self.live}"

    def with_index(self, index):
        return f'"{self.indexes[index]}" = %(value)s'

    @cached_property
    def table(self):
        return f'"{self.model._meta.db_table}"'

    @cached_property
    def get(self):
        return f"SELECT {_names(self.columns)} FROM {self.table} WHERE {self.of_live_key}"

    def find(self, wanted, *order):
        """A list, in that order."""
        return (
            f"SELECT {_names(self.columns)} FROM {self.table} WHERE {self.of_kind} AND {self.live}"
            f" AND {wanted} ORDER BY {_names(order)} LIMIT %(limit)s"
        )

    def insert(self, values):
        """Inserts nothing where the key is taken."""
        places = ", ".join(f"%({column})s" for column in values)
        return (
            f'INSERT INTO {self.table} ({_names(values)}, "version") VALUES ({places}, 1)'
            " ON CONFLICT DO NOTHING"
        )

    def update(self, values, version, condition):
        changes = "".join(f'"{column}" = %({column})s, ' for column in values)
        return f'UPDATE {self.table} SET {changes}"version" = {version} WHERE {condition}'

    def delete(self, condition):
        return f"DELETE FROM {self.table} WHERE {condition}"

    def row(self, values, connection):
        """What the core reads, out of the values of `columns`."""
        return (*values[:-1], bytes(values[-1]))

    def values(self, kind, row, connection):
        """What is written, without the version, out of a row of the core."""
        values = dict(zip(self.columns, row), kind=kind)
        del values["version"]
        return values

    def made(self, values, connection):
        """All values of a row that is new."""
        return values


class TableRows(SealedRows):
    """Rows of one kind that never expire, in a table of their own."""

    of_kind = live = "1 = 1"
    dead = "1 = 0"

    def _prepared(self, values, connection):
        """Values as the database takes them."""
        field = self.model._meta.get_field
        return {name: field(name).get_db_prep_save(value, connection) for name, value in values.items()}

    def made(self, values, connection):
        fields = self.model._meta.concrete_fields
        lacking = {field.attname: field.get_default() for field in fields if field.attname not in values}
        del lacking["version"]
        return values | self._prepared(lacking, connection)


class Tokens(TableRows):
    """The newest refresh token of a user; of the core's row nothing but the sealed bytes."""

    model = AccountToken
    key = "user_id"
    created = "sealed_at"
    indexes = {USER_ID: "user_id"}
    columns = ("user_id", "version", "sealed_at", "sealed")

    live = '"sealed" <> \'\''
    dead = '"sealed" = \'\''

    def row(self, values, connection):
        user_id, version, sealed_at, sealed = values
        return (user_id, version, sealed_at, 0, "", user_id, "", base64.b64decode(sealed))

    def values(self, kind, row, connection):
        user_id, _, sealed_at, _, _, _, _, data = row
        sealed = base64.b64encode(data).decode()
        values = {
            "user_id": user_id, "sealed_at": sealed_at, "sealed": sealed, "updated_at": timezone.now()
        }
        return self._prepared(values, connection)


def _moment(seconds):
    """Unix seconds as Django's date."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment if settings.USE_TZ else timezone.make_naive(moment)


class SignedRows(TableRows):
    """Rows of signed JSON. Those of a former package have none: they are told to the core
    without a signature, which makes them no evidence of anything."""

    members = {}  # column -> member that it repeats

    def row(self, values, connection):
        known = dict(zip(self.columns, values))
        record = known["record"] or json.dumps(self.unsigned(self._converted(known, connection)))
        return self.addressed(known, record.encode())

    def _converted(self, known, connection):
        """Values of the database as Python's."""
        converted = {}
        for name, value in known.items():
            field = self.model._meta.get_field(name)
            column = field.get_col(self.model._meta.db_table)
            for convert in (*connection.ops.get_db_converters(column), *field.get_db_converters(connection)):
                value = convert(value, column, connection)
            converted[name] = value
        return converted

    def values(self, kind, row, connection):
        record = json.loads(row[-1])
        values = {column: record[member] for column, member in self.members.items() if member in record}
        values |= self.address(row)
        values |= {
            "record": row[-1].decode(),
            "row_created_at": row[2],
            "created_at": _moment(record["created_at"]),
            "updated_at": _moment(record["updated_at"]),
        }
        return self._prepared(values, connection)

    def made(self, values, connection):
        of_record = {"id": uuid.UUID(json.loads(values["record"])["id"])}
        return super().made(values | self._prepared(of_record, connection), connection)


class Accounts(SignedRows):
    """Connected accounts; the key is Auth0's id."""

    model = ConnectedAccount
    key = "connected_account_id"
    created = "row_created_at"
    indexes = {OWNER: "identity_index", USER_ID: "user_id_owner", SID: "email_index"}
    columns = (
        "connected_account_id", "version", "row_created_at", "identity_index", "user_id_owner",
        "email_index", "record", "id", "provider", "email", "is_account_linked",
    )
    members = {
        "provider": "provider",
        "connection": "connection",
        "subject": "subject",
        "email": "email",
        "email_verified": "email_verified",
        "scopes": "scopes",
        "is_account_linked": "is_account_linked",
    }

    def unsigned(self, known):
        return {
            "id": str(known["id"]),
            "connection": known["provider"],
            "provider": known["provider"],
            "email": known["email"],
            "is_account_linked": known["is_account_linked"],
        }

    def addressed(self, known, data):
        return (
            known["connected_account_id"], known["version"], known["row_created_at"], 0,
            known["identity_index"], known["user_id_owner"], known["email_index"], data,
        )

    def address(self, row):
        return {
            "connected_account_id": row[0],
            "identity_index": row[4],
            "user_id_owner": row[5],
            "email_index": row[6],
        }


def linking_key(*names):
    """The key of a link (docs/formats.md): the hash of its three names."""
    packed = b"".join(len(name.encode()).to_bytes(4, "big") + name.encode() + b"\0" for name in names)
    return base64.urlsafe_b64encode(hashlib.sha256(packed).digest()).decode().rstrip("=")


class Linkings(SignedRows):
    """Links that stand; every one is in the list of all."""

    model = AccountLinking
    key = "key"
    created = "row_created_at"
    indexes = {OWNER: "secondary_user_id", USER_ID: "primary_user_id", SID: "key"}
    columns = (
        "key", "version", "row_created_at", "secondary_user_id", "primary_user_id", "record",
        "id", "secondary_provider", "created_at",
    )
    members = {
        "primary_user_id": "primary_user_id",
        "secondary_provider": "secondary_provider",
        "secondary_user_id": "secondary_user_id",
        "secondary_connection_name": "secondary_connection_name",
        "rule": "rule",
    }

    def insert(self, values):
        """Takes the place of a row about the same link that nobody signed, key or none."""
        names = _names(("primary_user_id", "secondary_provider", "secondary_user_id"))
        changes = ", ".join(f'"{column}" = excluded."{column}"' for column in values if column != "id")
        statement, _, _ = super().insert(values).partition(" ON CONFLICT")
        return (
            f'{statement} ON CONFLICT ({names}) DO UPDATE SET {changes}, "version" = 1'
            f" WHERE {self.table}.\"record\" = ''"
        )

    def with_index(self, index):
        return "%(value)s = 'all'" if index == SID else super().with_index(index)

    def unsigned(self, known):
        return {
            "id": str(known["id"]),
            "primary_user_id": known["primary_user_id"],
            "secondary_provider": known["secondary_provider"],
            "secondary_user_id": known["secondary_user_id"],
            "created_at": int(known["created_at"].timestamp()),
        }

    def addressed(self, known, data):
        return (
            known["key"], known["version"], known["row_created_at"], 0,
            known["secondary_user_id"], known["primary_user_id"], "all", data,
        )

    def address(self, row):
        return {"key": row[0]}


_SEALED = SealedRows()
_TABLES = {ACCOUNT_TOKEN: Tokens(), CONNECTED_ACCOUNT: Accounts(), ACCOUNT_LINKING: Linkings()}


def table_of(kind):
    return _TABLES.get(kind, _SEALED)


def sealed_rows():
    return _SEALED
