"""SIGHUP: the gateway reads its configuration anew; with a fault in it, it goes on as before."""

import http.client
import json
import signal
import threading

import pytest
from conftest import CLIENT_SECRET, free_port
from visitors import Visitor, log_events, send
from visitors import visit  # noqa: F401

ROUNDS = 2000
OTHER_SECRET = "another-secret-of-32-characters-x"


def configure(gateway, **changes):
    """Writes other settings into its file; one that is None is taken out."""
    settings = json.loads(gateway.config.read_text()) | changes
    gateway.config.write_text(json.dumps({k: v for k, v in settings.items() if v is not None}))


def reload(visitor, event):
    """Asks for it and waits, by requests that take their time, for what is said of it."""
    gateway = visitor.gateway
    before = sum(e["event"] == event for e in log_events(gateway))
    gateway.process.send_signal(signal.SIGHUP)
    for _ in range(ROUNDS):
        said = [e for e in log_events(gateway) if e["event"] == event]
        if len(said) > before:
            return said[before:]
        visitor.verify()
    raise AssertionError(f"{event} did not come")


def test_mgmt_09_a_reload_takes_the_new_secret_and_nobody_is_signed_out_or_turned_away(visit, tenant):  # noqa: F811
    visitor = visit()
    visitor.sign_in()
    url = visitor.gateway.url
    tenant.add_client([f"{url}/auth/callback"], [f"{url}/"], client_secret=OTHER_SECRET)
    stranger = Visitor(visitor.gateway, tenant)
    assert stranger.go(stranger.authorize(stranger.start())).status == 502
    statuses, over = [], threading.Event()

    def keep_asking():
        asking = Visitor(visitor.gateway, tenant, cookies=dict(visitor.cookies))
        while not over.is_set():
            try:
                statuses.append(asking.verify().status)
            except (ConnectionError, http.client.HTTPException) as error:
                statuses.append(repr(error))

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        configure(visitor.gateway, client_secret=OTHER_SECRET)
        reload(visitor, "gateway.stopped")  # of the one before
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert set(statuses) == {200}
    stranger.sign_in()
    assert visitor.verify().status == 200
    visitor.sign_out()  # with a token that the gateway before gave
    assert visitor.session is None


@pytest.mark.parametrize("change, named", [
    ({"clock_leeway": 301}, "clock_leeway"), ({"no_such_setting": 1}, "no_such_setting"),
    ({"client_id": None}, "client_id"), ({"listen": ["192.0.2.1:80"]}, "192.0.2.1:80"),
    ({"database": ":memory:"}, "database"), ({"database": "/nonexistent/a0.sqlite"}, ""),
])
def test_authz_09_a_reload_with_a_fault_keeps_the_old_configuration(visit, change, named):  # noqa: F811
    visitor = visit()
    visitor.sign_in()
    configure(visitor.gateway, **change)
    said = reload(visitor, "gateway.reload_refused")

    assert any(named in e["detail"] for e in said)
    assert {e["level"] for e in said} == {"error"}
    assert CLIENT_SECRET not in json.dumps(said)
    assert visitor.verify().status == 200
    Visitor(visitor.gateway, visitor.tenant).sign_in()


def test_a_reload_opens_and_closes_listeners(visit):  # noqa: F811
    ports = free_port(), free_port()
    visitor = visit(health_listen=f"127.0.0.1:{ports[0]}")
    for port, other in [ports, ports[::-1]]:
        assert send("127.0.0.1", port, "GET", "/healthz").status == 200
        configure(visitor.gateway, health_listen=f"127.0.0.1:{other}")
        reload(visitor, "gateway.stopped")
        with pytest.raises(ConnectionRefusedError):
            send("127.0.0.1", port, "GET", "/healthz")
