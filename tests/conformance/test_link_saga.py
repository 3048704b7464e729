"""Rows LINK-14 and LINK-15 with real processes: gateways and commands on one database, in
front of a real tenant that loses answers."""

import json
import subprocess
import threading

import pytest
from conftest import PROGRAM, plain_environment
from visitors import ANA_AT_GOOGLE, PERSON, Visitor, run_gateway
from visitors import shared_tenant  # noqa: F401

ROUNDS = 24
RULES = {
    "connections_for_account_linking": ["Username-Password-Authentication", "google-oauth2"],
    "management_client_id": "demo-m2m",
    "management_client_secret": "demo-m2m-secret",
}
GREEN, SMALL = {"colour": "green"}, {"size": "small"}


@pytest.fixture
def gateway(tmp_path, tenant):
    """In front of a tenant where both accounts of Ana have metadata."""
    tenant.control("users", {"user_id": PERSON, "user_metadata": SMALL})
    tenant.control("users", {"user_id": ANA_AT_GOOGLE, "user_metadata": GREEN})
    running = run_gateway(tmp_path, tenant, **RULES)
    yield running
    assert running.stop() == 0


def link(gateway, *arguments):
    """`a0 link`: exit code and answer."""
    done = subprocess.run([PROGRAM, "link", *arguments, "--config", gateway.config], timeout=60,
                          env=plain_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout or "null")


def undo(gateway):
    return link(gateway, "undo", PERSON, *ANA_AT_GOOGLE.split("|"), "--yes")


def repair(gateway):
    code, answer = link(gateway, "repair")
    assert (code, answer["left"]) == (0, 0)
    return answer["repaired"]


def fault(tenant, name, value=None, times=1):
    tenant.control("faults", {"name": name, "times": times} | ({} if value is None else {"value": value}))


def accounts(tenant):
    """What the tenant has of Ana: identities and metadata of each account."""
    return {user["user_id"]: (len(user["identities"]), user.get("user_metadata", {}))
            for user in tenant.control("users") if user["user_id"] in (PERSON, ANA_AT_GOOGLE)}


ONE = {PERSON: (2, SMALL | GREEN)}
TWO = {PERSON: (1, SMALL), ANA_AT_GOOGLE: (1, GREEN)}


def sign_in(gateway, tenant):
    visitor = Visitor(gateway, tenant)
    visitor.sign_in(person=ANA_AT_GOOGLE)
    return visitor


# ---- answers that get lost ----


@pytest.mark.parametrize("lost", [500, None])
def test_link_15_a_link_whose_answer_is_lost_is_whole_at_once(gateway, tenant, lost):
    fault(tenant, "link.commit_then_fail", lost)
    visitor = sign_in(gateway, tenant)

    assert visitor.fetch("/auth/me").json()["user_id"] == PERSON
    assert accounts(tenant) == ONE
    assert repair(gateway) == 0


def leave_half(gateway, tenant):
    """The tenant links, answers 500, and then takes no metadata: the sign-in is let through."""
    fault(tenant, "link.commit_then_fail", 500)
    fault(tenant, "user_patch.status", 503, times=0)
    sign_in(gateway, tenant)
    tenant.delete("faults")
    assert accounts(tenant) == {PERSON: (2, SMALL)}
    assert link(gateway, "list")[1]["links"] == []


def test_link_15_repair_finishes_what_the_tenant_had_done(gateway, tenant):
    leave_half(gateway, tenant)

    assert repair(gateway) == 1
    assert accounts(tenant) == ONE
    assert [made["secondary_user_id"] for made in link(gateway, "list")[1]["links"]] == [ANA_AT_GOOGLE]
    assert repair(gateway) == 0
    assert undo(gateway)[0] == 0
    assert accounts(tenant) == TWO


def test_link_15_the_next_sign_in_finishes_it_as_well(gateway, tenant):
    leave_half(gateway, tenant)

    assert sign_in(gateway, tenant).fetch("/auth/me").json()["user_id"] == PERSON
    assert accounts(tenant) == ONE
    assert repair(gateway) == 0


@pytest.mark.parametrize(("name", "value"), [("link.status", 500), ("link.drop_before", None)])
def test_link_15_what_may_still_arrive_is_not_taken_back(gateway, tenant, name, value):
    """By nobody for half a minute; what comes then is in tests/flow, where time can be made."""
    fault(tenant, name, value)
    visitor = sign_in(gateway, tenant)
    assert visitor.fetch("/auth/me").json()["user_id"] == ANA_AT_GOOGLE

    assert link(gateway, "repair") == (1, {"repaired": 0, "left": 1})
    visitor.sign_in(person=ANA_AT_GOOGLE)
    assert visitor.fetch("/auth/me").json()["user_id"] == ANA_AT_GOOGLE
    assert accounts(tenant) == TWO
    assert link(gateway, "list")[1]["links"] == []


def test_link_15_repair_finishes_an_undo_whose_answer_is_lost(gateway, tenant):
    sign_in(gateway, tenant)
    fault(tenant, "unlink.commit_then_fail", 500)
    fault(tenant, "user_patch.status", 503, times=0)
    code, _ = undo(gateway)
    tenant.delete("faults")
    assert code == 1
    assert accounts(tenant) == {PERSON: (1, SMALL | GREEN), ANA_AT_GOOGLE: (1, {})}

    assert repair(gateway) == 1
    assert accounts(tenant) == TWO
    assert link(gateway, "list")[1]["links"] == []


# ---- two processes at once ----


@pytest.fixture(scope="module")
def gateways(tmp_path_factory, shared_tenant):  # noqa: F811
    """Two processes on one database, for one address."""
    first = run_gateway(tmp_path_factory.mktemp("first"), shared_tenant, **RULES)
    second = run_gateway(
        tmp_path_factory.mktemp("second"), shared_tenant, base_url=first.url, secret=first.secret,
        database=json.loads(first.config.read_text())["database"], **RULES)
    shared_tenant.add_client([f"{first.url}/auth/callback"], [f"{first.url}/"])
    yield first, second
    assert [first.stop(), second.stop()] == [0, 0]


def arrive_at_once(gateways, tenant, person):
    """A sign-in by each of two browsers, completed by each of two processes; who each
    browser is then, None for nobody. The code of the one that comes late may be worth
    nothing any more."""
    visitors = [Visitor(gateways[0], tenant) for _ in gateways]
    callbacks = [visitor.authorize(visitor.start(), person) for visitor in visitors]
    together = threading.Barrier(len(visitors))
    answers = []

    def arrive(visitor, gateway, callback):
        there = Visitor(gateway, tenant, cookies=visitor.cookies)
        together.wait()
        answers.append(there.go(callback, headers={"Host": f"localhost:{gateways[0].port}"}))

    threads = [threading.Thread(target=arrive, args=of_one) for of_one in zip(visitors, gateways, callbacks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) in ([303, 303], [303, 502])
    me = [visitor.fetch("/auth/me") for visitor in visitors]
    return {answer.json()["user_id"] if answer.status == 200 else None for answer in me}


def test_link_14_one_person_in_two_processes_at_once_is_linked_once(gateways, shared_tenant):  # noqa: F811
    for n in range(ROUNDS):
        primary, secondary = f"auth0|race{n}", f"google-oauth2|race{n}"
        for user_id, connection in ((primary, RULES["connections_for_account_linking"][0]),
                                    (secondary, "google-oauth2")):
            shared_tenant.control("users", {"user_id": user_id, "connection": connection, "email_verified": True,
                                            "email": f"race{n}@example.test", "user_metadata": {connection: n}})
        shared_tenant.delete("requests")
        seen = arrive_at_once(gateways, shared_tenant, secondary)

        links = [r for r in shared_tenant.control("requests")
                 if r["method"] == "POST" and r["path"].endswith("/identities")]
        users = {user["user_id"]: user for user in shared_tenant.control("users")}
        assert [r["status"] for r in links] == [201], n
        assert secondary not in users, n
        assert users[primary]["user_metadata"] == {name: n for name in RULES["connections_for_account_linking"]}
        # Whoever came second is the same person, or has to sign in again; unless the
        # machine was so slow that linking was left to the next sign-in.
        is_left = any("link.deferred" in gateway.log.read_text() for gateway in gateways)
        assert primary in seen and (seen <= {primary, None} or is_left), (n, seen)
    assert repair(gateways[0]) == 0
    assert len(link(gateways[0], "list")[1]["links"]) == ROUNDS
