"""A thousand times the same call leaves nothing behind."""

pytest_plugins = ("django_project",)

import ctypes  # noqa: E402
import gc  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, BEN  # noqa: E402  (sets Django up)
from auth0_oauth_client import _core, auth_client, errors, tokens  # noqa: E402
from auth0_oauth_client.store import DjangoStore  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402
from test_bad_input import GOOD, arguments_of, is_twin, operations  # noqa: E402
from test_raising import GOOGLE, World, logout_token, settings_of  # noqa: E402

TIMES = 1000

# The smallest block of C's heap.
BYTES_MAX = 32
# What comes and goes whatever is called: sqlite3 keeps weak references to 200 cursors.
OBJECTS_FEW, BYTES_FEW = 300, 8192

# Noise comes in some rounds; a leak comes in all.
ROUNDS = 4


class Heap(ctypes.Structure):
    """struct mallinfo2 of glibc."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    )]


def bytes_in_use():
    """Of C's heap, in all threads; None where the C library does not tell."""
    try:
        heap = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return 0
    heap.restype = Heap
    info = heap()
    return info.uordblks + info.hblkhd


def in_use():
    gc.collect()
    held = sum(sys.getrefcount(value) for value in (None, True, _core.Client, _core.Session, ANA))
    return sys.getallocatedblocks(), bytes_in_use(), held


def flat(call, times=TIMES):
    """Calls so often, until a round leaves nothing: half an object a call is none."""
    for _ in range(20):
        call()
    for _ in range(ROUNDS):
        before = in_use()
        for _ in range(times):
            call()
        grown = [after - then for after, then in zip(in_use(), before)]
        limits = max(times // 2, OBJECTS_FEW), max(times * BYTES_MAX, BYTES_FEW), times // 2
        if all(more < limit for more, limit in zip(grown, limits)):
            return
    raise AssertionError(f"after {times} calls: {grown[0]} objects, {grown[1]} bytes, {grown[2]} references")


def swallow(call):
    try:
        call()
    except errors.Auth0OauthClientError:
        pass


# The Management API has a budget of so many requests a second, and connecting asks it too.
BUDGETED = [
    "complete_connect_account", "delete_connected_account", "verify_account_linking", "explain_account_linking",
    "audit_account_linking", "get_users_by_email", "update_user", "list_federated_connections_tokensets",
]
# These take several requests each.
TIMES_OF = dict.fromkeys(BUDGETED, 200) | dict.fromkeys(["complete_login", "logout"], 400)
TIMES_OF |= dict.fromkeys(["complete_connect_account", "delete_connected_account"], 50)


class Traveller(World):
    """Ana, signed in, with a connected account and a provider's token in the vault."""

    def __init__(self, tenant, monkeypatch):
        super().__init__(tenant, monkeypatch)
        self.sign_in()
        self.account = self.connect()["id"]
        self.refresh_token = auth_client.get_refresh_token(self.request)

    def of_request(self, operation, *arguments):
        return lambda: getattr(auth_client, operation)(self.request, *arguments)

    def of_client(self, operation, *arguments):
        return lambda: getattr(auth_client, operation)(*arguments)

    def connected_and_deleted(self):
        auth_client.delete_connected_account(self.request, self.connect()["id"])

    def signed_in_and_out(self):
        self.sign_in()
        auth_client.logout(self.request)

    def signed_out_from_elsewhere(self):
        auth_client.handle_backchannel_logout(logout_token(self))

    def on_a_new_budget(self, call):
        """By a client of its own: that has a budget of its own."""

        def renewed():
            auth_client._follow()
            call()

        return renewed

    def exchanged(self):
        """From the vault itself."""
        cache.clear()
        self.token_for()


@pytest.fixture
def traveller(project, monkeypatch):
    cache.clear()
    # pytest keeps every record that is handled, SQLite every page that it has room for.
    monkeypatch.setattr(logging.getLogger("auth0_oauth_client"), "filters", [lambda record: False])
    connection.cursor().execute("PRAGMA cache_size = 8")
    with override_settings(AUTH0_OAUTH_CLIENT=settings_of(project)):
        yield Traveller(project, monkeypatch)
    connection.close()
    project.control("reset", {})


def ways(t):
    """Each operation, doing what it is for."""
    ways = {
        "start_login": t.begin,
        "complete_login": t.sign_in,
        "logout": t.signed_in_and_out,
        "handle_backchannel_logout": t.signed_out_from_elsewhere,
        "get_idp_username": t.of_request("get_idp_username"),
        "get_user_info": t.of_request("get_user_info"),
        "get_refresh_token": t.of_request("get_refresh_token"),
        "get_access_token": t.ask,
        "start_connect_account": t.begin_to_connect,
        "complete_connect_account": t.connect,
        "delete_connected_account": t.connected_and_deleted,
        "list_connected_accounts": t.of_request("list_connected_accounts"),
        "list_connected_account_connections": t.of_request("list_connected_account_connections"),
        "verify_account_linking": t.of_request("verify_account_linking"),
        "complete_account_linking": t.of_request("complete_account_linking"),
        "pending_account_linking": t.of_request("pending_account_linking"),
        "cancel_account_linking": t.of_request("cancel_account_linking"),
        "explain_account_linking": t.of_client("explain_account_linking", ANA),
        "audit_account_linking": t.of_client("audit_account_linking", [ANA, BEN]),
        "list_account_linkings": t.of_client("list_account_linkings"),
        "unlink_account": t.of_client("unlink_account", ANA, GOOGLE, "1"),
        "repair_account_linking": t.of_client("repair_account_linking"),
        "export_user": t.of_client("export_user", ANA),
        "erase_user": t.of_client("erase_user", BEN),
        "get_access_token_for_connection": t.exchanged,
        "get_access_token_for_connection_using_user_refresh_token":
            t.of_client("get_access_token_for_connection_using_user_refresh_token", t.refresh_token, GOOGLE),
        "get_user_by_id": t.of_client("get_user_by_id", ANA),
        "get_users_by_email": t.of_client("get_users_by_email", "ana@example.test"),
        "update_user": t.of_client("update_user", ANA, {"nickname": "ana"}),
        "list_federated_connections_tokensets": t.of_client("list_federated_connections_tokensets", ANA),
        "ping": t.of_client("ping"),
    }
    return ways | {name: t.on_a_new_budget(ways[name]) for name in BUDGETED}


CALLS = [name for name in operations() if not is_twin(name)]


def takes_more_than_a_request(operation):
    return arguments_of(operations()[operation]) not in ([], ["request"])


@pytest.mark.parametrize("operation", CALLS)
def test_a_thousand_calls_leave_nothing_behind(traveller, operation):
    call = ways(traveller)[operation]
    flat(lambda: swallow(call), TIMES_OF.get(operation, TIMES))


@pytest.mark.parametrize("operation", [name for name in CALLS if takes_more_than_a_request(name)])
def test_a_thousand_refused_calls_leave_nothing_behind(traveller, operation):
    names = arguments_of(getattr(auth_client, operation))
    arguments = {name: traveller.request if name == "request" else b"x" for name in names}
    flat(lambda: swallow(lambda: getattr(auth_client, operation)(**arguments)))


@pytest.mark.parametrize("port", ["get", "find", "commit"])
def test_a_thousand_failures_of_the_database_leave_nothing_behind(traveller, monkeypatch, port):
    def fails(*args):
        raise ValueError("of the database")

    monkeypatch.setattr(DjangoStore, port, fails)
    for call in (traveller.begin, traveller.of_request("get_user_info"), traveller.of_client("export_user", ANA)):
        flat(lambda: swallow(call))


def test_a_hundred_clients_leave_nothing_behind(traveller):
    def renew():
        auth_client._follow()
        auth_client.get_user_by_id(ANA)

    flat(renew, 100)
