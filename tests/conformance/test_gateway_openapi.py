"""docs/openapi.json against the running gateway: every operation, every status that it
lists, every body by its schema."""

import json
import re
import urllib.parse

import pytest
from conftest import CALENDAR, ROOT, free_port
from jsonschema import Draft202012Validator
from test_gateway_broker import ask, broker_settings
from visitors import BEN, Visitor, run_gateway, send
from visitors import shared_tenant  # noqa: F401

API = json.loads((ROOT / "docs/openapi.json").read_text())
PAGES = {"/", "/internal/", "/signed-out"}
JSON = {"Accept": "application/json"}

# Each gives the answer of one operation with one status: (operationId, status) -> function.
SCENARIOS = {}


def scenario(operation, status):
    def register(function):
        SCENARIOS[operation, status] = function
        return function
    return register


@pytest.fixture(scope="module")
def gateways(tmp_path_factory, shared_tenant):  # noqa: F811
    """The usual one, and one that allows nothing twice."""
    health = free_port()
    broker, settings = broker_settings(shared_tenant)
    usual = run_gateway(tmp_path_factory.mktemp("usual"), shared_tenant,
                        health_listen=f"127.0.0.1:{health}", **settings)
    usual.health_port, usual.broker_port = health, broker
    broker, settings = broker_settings(shared_tenant, broker_rate=1)
    strict = run_gateway(tmp_path_factory.mktemp("strict"), shared_tenant, login_rate=1, **settings)
    strict.broker_port = broker
    visitor = Visitor(strict, shared_tenant)
    visitor.sign_in()  # the one sign-in that it lets start
    strict.cookies = visitor.cookies
    linking = run_gateway(tmp_path_factory.mktemp("linking"), shared_tenant,
                          connections_for_account_linking=["Username-Password-Authentication", "google-oauth2"],
                          management_client_id="demo-m2m", management_client_secret="demo-m2m-secret")
    yield usual, strict, linking
    assert [usual.stop(), strict.stop(), linking.stop()] == [0, 0, 0]


class World:
    """What a scenario works with."""

    def __init__(self, gateways, tenant):
        self.usual, self.strict, self.linking = gateways
        self.tenant = tenant
        tenant.delete("faults")
        # The application that the last gateway registered has its addresses; give it all.
        tenant.add_client([f"{g.url}/auth/callback" for g in gateways], [f"{g.url}/" for g in gateways])
        self.nobody = Visitor(self.usual, tenant)

    @property
    def person(self):
        visitor = Visitor(self.usual, self.tenant)
        visitor.sign_in()
        return visitor

    @property
    def connected(self):
        """A person, and an account of theirs."""
        visitor = self.person
        for account in visitor.accounts:
            visitor.disconnect(account["id"])
        visitor.connect(scope=CALENDAR)
        return visitor, visitor.accounts[0]["id"]

    def fault(self, name, value):
        self.tenant.control("faults", {"name": name, "value": value, "times": 0})


@pytest.fixture
def world(gateways, shared_tenant):  # noqa: F811
    return World(gateways, shared_tenant)


# ---- the session ----

scenario("login", 303)(lambda w: w.nobody.go("/auth/login"))
scenario("login", 400)(lambda w: w.nobody.go("/auth/login?scope=x"))
scenario("login", 401)(lambda w: w.nobody.fetch("/auth/login"))
scenario("login", 403)(lambda w: w.nobody.go("/auth/login", headers={"Sec-Purpose": "prefetch"}))
scenario("callback", 303)(lambda w: w.nobody.go(w.nobody.authorize(w.nobody.start())))
scenario("callback", 400)(lambda w: w.nobody.fetch("/auth/callback?code=a&state=b"))
scenario("callback", 403)(lambda w: w.nobody.go("/auth/callback", headers={"Purpose": "prefetch"}))
scenario("callback", 414)(lambda w: w.nobody.fetch("/auth/callback?code=" + "a" * 8192))
scenario("callback", 401)(lambda w: refused_by_auth0(w, "login_required"))
scenario("callback", 502)(lambda w: refused_by_auth0(w, "server_error"))
scenario("me", 200)(lambda w: w.person.fetch("/auth/me"))
scenario("me", 401)(lambda w: w.nobody.fetch("/auth/me"))
scenario("askLogout", 200)(lambda w: w.person.go("/auth/logout"))
scenario("askLogout", 303)(lambda w: w.nobody.go("/auth/logout"))
scenario("logout", 303)(lambda w: w.person.sign_out())
scenario("logout", 403)(lambda w: w.person.post_logout({"csrf_token": "x"}))


def refused_by_auth0(world, code):
    world.fault("authz.error", {"error": code, "error_description": "words"})
    return world.nobody.fetch(world.nobody.authorize(world.nobody.start()))


@scenario("login", 429)
def _(w):
    visitor = Visitor(w.strict, w.tenant)
    visitor.go("/auth/login")
    return visitor.go("/auth/login")


def answer_question(world, path, **fields):
    """Ana signs in by password where her Google account was first, and answers."""
    visitor = Visitor(world.linking, world.tenant)
    visitor.sign_in()
    question = visitor.fetch("/auth/link").json()["id"]
    return post_answer(visitor, path, **{"csrf_token": visitor.csrf_token, "id": question} | fields)


def post_answer(visitor, path, **fields):
    return visitor.go(path, method="POST", accept=JSON, body=urllib.parse.urlencode(fields).encode(), headers={
        "Content-Type": "application/x-www-form-urlencoded", "Origin": visitor.gateway.url})


scenario("askLink", 200)(lambda w: w.person.fetch("/auth/link"))
scenario("askLink", 303)(lambda w: w.nobody.go("/auth/link"))
for operation, path in [("confirmLink", "/auth/link/confirm"), ("cancelLink", "/auth/link/cancel")]:
    scenario(operation, 303)(lambda w, path=path: answer_question(w, path))
    scenario(operation, 401)(lambda w, path=path: post_answer(w.nobody, path))
    scenario(operation, 403)(lambda w, path=path: answer_question(w, path, csrf_token="x"))


@scenario("confirmLink", 429)
def _(w):
    visitor = Visitor(w.strict, w.tenant)
    return [post_answer(visitor, "/auth/link/confirm") for _ in range(3)][-1]



@pytest.mark.parametrize("path", ["/auth/link/confirm", "/auth/link/cancel"])
def test_link_20_an_answer_takes_the_token_and_the_question_of_its_own_session(world, path):
    for fields in ({"csrf_token": "x"}, {"csrf_token": ""}, {"id": "x"}, {"id": ""}):
        assert answer_question(world, path, **fields).status == 403, fields
    assert world.person.go(path).status == 405


def post_fragment(visitor, body, **headers):
    return visitor.go("/auth/callback", method="POST", accept=JSON, body=body.encode(), headers={
        "Content-Type": "application/x-www-form-urlencoded", "Origin": visitor.gateway.url} | headers)


@scenario("callbackFragment", 303)
def _(w):
    person = w.person
    return post_fragment(person, urllib.parse.urlsplit(person.start_connect()).query)


scenario("callbackFragment", 400)(lambda w: post_fragment(w.person, "state=a&connect_code=b"))
scenario("callbackFragment", 401)(lambda w: post_fragment(w.nobody, "state=a&connect_code=b"))
scenario("callbackFragment", 405)(lambda w: post_fragment(w.person, "", Origin="https://evil.test"))

# ---- accounts ----

scenario("connect", 303)(lambda w: w.person.post_connect(scope=CALENDAR))
scenario("connect", 400)(lambda w: w.person.post_connect(connection="facebook", headers=JSON))
scenario("connect", 401)(lambda w: w.nobody.post_connect(csrf_token="x", headers=JSON))
scenario("connect", 403)(lambda w: w.person.post_connect(csrf_token="x", headers=JSON))
scenario("connect", 415)(lambda w: w.person.post_connect(headers=JSON | {"Content-Type": "application/json"}))
scenario("connectedAccounts", 200)(lambda w: w.connected[0].fetch("/auth/connected-accounts"))
scenario("connectedAccounts", 401)(lambda w: w.nobody.fetch("/auth/connected-accounts"))
scenario("connections", 200)(lambda w: w.person.fetch("/auth/connected-accounts/connections"))
scenario("connections", 401)(lambda w: w.nobody.fetch("/auth/connected-accounts/connections"))
scenario("disconnect", 400)(lambda w: w.person.disconnect("a%20b"))
scenario("disconnect", 401)(lambda w: w.nobody.disconnect("x", {"Origin": w.usual.url}))
scenario("disconnect", 403)(lambda w: w.person.disconnect("x", {}))
scenario("tryOut", 401)(lambda w: w.nobody.try_out("x", {"Origin": w.usual.url}))
scenario("tryOut", 403)(lambda w: w.person.try_out("not-mine"))


@scenario("connect", 429)
def _(w):
    visitor = Visitor(w.strict, w.tenant)
    for _ in range(3):
        answer = visitor.post_connect(csrf_token="x", headers=JSON)
    return answer


def broken(operation, call):
    @scenario(operation, 502)
    def _(w):
        visitor, account = w.connected
        w.fault("me.body_raw", "<p>no JSON</p>")
        return call(visitor, account)


broken("connect", lambda visitor, account: visitor.post_connect(headers=JSON))
broken("connectedAccounts", lambda visitor, account: visitor.fetch("/auth/connected-accounts"))
broken("connections", lambda visitor, account: visitor.fetch("/auth/connected-accounts/connections"))


@scenario("disconnect", 502)
def _(w):
    visitor, account = w.connected
    w.fault("me.status", 403)
    return visitor.disconnect(account)


@scenario("disconnect", 204)
def _(w):
    visitor, account = w.connected
    return visitor.disconnect(account)


@scenario("tryOut", 200)
def _(w):
    visitor, account = w.connected
    return visitor.try_out(account)


@scenario("tryOut", 404)
def _(w):
    person = w.person
    for account in person.accounts:
        person.disconnect(account["id"])
    person.connect("github|1000003", connection="github")
    return person.try_out(person.accounts[0]["id"])


def vault_says(status, error):
    @scenario("tryOut", status)
    def _(w):
        visitor, account = w.connected
        w.fault("vault.error", error)
        return visitor.try_out(account)


vault_says(409, "not_found")
vault_says(502, "unauthorized_client")
vault_says(503, {"status": 500, "error": "server_error", "error_description": "x"})

# ---- machines ----

scenario("verify", 200)(lambda w: w.person.verify())
scenario("verify", 401)(lambda w: w.nobody.verify())
scenario("health", 200)(lambda w: send("127.0.0.1", w.usual.health_port, "GET", "/healthz"))


def post_logout_token(w, token):
    return w.nobody.go("/auth/backchannel-logout", method="POST", accept=JSON,
                       headers={"Content-Type": "application/x-www-form-urlencoded"},
                       body=urllib.parse.urlencode({"logout_token": token}).encode())


scenario("backchannelLogout", 400)(lambda w: post_logout_token(w, "x"))
scenario("backchannelLogout", 405)(lambda w: w.nobody.fetch("/auth/backchannel-logout"))
scenario("backchannelLogout", 413)(lambda w: post_logout_token(w, "a" * 16384))
scenario("backchannelLogout", 415)(lambda w: w.nobody.fetch(
    "/auth/backchannel-logout", method="POST", body=b"{}", headers={"Content-Type": "application/json"}))


@scenario("backchannelLogout", 200)
def _(w):
    made = w.tenant.control("backchannel-logout", {
        "client_id": "under-test", "user_id": BEN, "send": False})  # who is not signed in anywhere
    return post_logout_token(w, made["logout_token"])


# ---- the broker ----


def asks(status, **more):
    @scenario("token", status)
    def _(w):
        visitor, _account = w.connected
        return ask(visitor, **more)


asks(200, scope=CALENDAR)
asks(400, audience="x")
asks(401, secret="x")
asks(403, headers={"Origin": "https://app.example.com"})
asks(421, headers={"X-Forwarded-Host": "other.test"})


def vault_says_to_broker(status, error):
    @scenario("token", status)
    def _(w):
        visitor, _account = w.connected
        w.fault("vault.error", error)
        return ask(visitor)


vault_says_to_broker(409, "not_found")
vault_says_to_broker(502, "unauthorized_client")
vault_says_to_broker(503, {"status": 500, "error": "server_error", "error_description": "x"})


@scenario("token", 429)
def _(w):
    visitor = Visitor(w.strict, w.tenant, cookies=dict(w.strict.cookies))
    return [ask(visitor) for _ in range(3)][-1]


@scenario("me", 503)
def _(w):
    return with_broken_store(w, lambda visitor, gateway: visitor.fetch("/auth/me"))


@scenario("verify", 503)
def _(w):
    return with_broken_store(w, lambda visitor, gateway: visitor.verify())


@scenario("health", 503)
def _(w):
    return with_broken_store(w, lambda visitor, gateway: send(
        "127.0.0.1", gateway.health_port, "GET", "/healthz", JSON))


def with_broken_store(w, ask):
    """A gateway of its own whose database is overwritten."""
    folder = w.usual.config.parent / "broken"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    port = free_port()
    gateway = run_gateway(folder, w.tenant, health_listen=f"127.0.0.1:{port}")
    gateway.health_port = port
    visitor = Visitor(gateway, w.tenant)
    try:
        visitor.sign_in()
        for file in folder.glob("a0.sqlite*"):
            file.write_bytes(b"\xff" * file.stat().st_size)
        return ask(visitor, gateway)
    finally:
        gateway.stop()


# ---- the document ----


def operations():
    for path, methods in API["paths"].items():
        for method, operation in methods.items():
            if method != "servers":
                yield method.upper(), path, operation


def resolved(node):
    """The node a $ref stands for."""
    while "$ref" in node:
        target = API
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def schemas(node):
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            yield node["schema"]
        for child in node.values():
            yield from schemas(child)
    elif isinstance(node, list):
        for child in node:
            yield from schemas(child)


def validator(schema):
    return Draft202012Validator({"components": API["components"]} | schema)


def documented_statuses():
    return {(operation["operationId"], int(status)) for _, _, operation in operations()
            for status in operation["responses"] if status != "default"}


def test_the_document_is_sound():
    assert API["openapi"].startswith("3.1.")
    for schema in [*schemas(API["paths"]), *API["components"]["schemas"].values()]:
        Draft202012Validator.check_schema(resolved(schema))
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for _, path, operation in operations():
        parameters = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert parameters == set(re.findall(r"\{(\w+)\}", path))
        for response in operation["responses"].values():
            assert resolved(response)["description"]


def test_every_route_is_documented_and_nothing_else():
    source = (ROOT / "gateway/site.c").read_text()
    rows = re.findall(r'^    \{ "([A-Z]+)", "([^"]+)", (true|false),', source, re.M)
    routes = {(method, path if absolute == "true" else f"/auth{path}") for method, path, absolute in rows
              if path not in PAGES and not path.startswith("/assets/")}
    routes |= {("GET", path) for path in re.findall(r'\.path = "(/healthz)"', source)}
    broker = (ROOT / "gateway/broker.c").read_text()
    routes |= {("POST", f"/auth{path}") for path in re.findall(r'"(/token/\S+?)"', broker)}

    assert routes == {(method, path) for method, path, _ in operations()}


def test_every_documented_status_is_seen_below():
    assert set(SCENARIOS) == documented_statuses()


@pytest.mark.parametrize("operation_id,status", sorted(SCENARIOS))
def test_the_gateway_answers_as_documented(world, operation_id, status):
    operation = next(o for _, _, o in operations() if o["operationId"] == operation_id)
    response = resolved(operation["responses"][str(status)])
    answer = SCENARIOS[operation_id, status](world)

    assert answer.status == status, answer.body
    for name, header in response.get("headers", {}).items():
        value = answer.headers[name]
        assert value is not None, name
        if header["schema"].get("type") == "integer":
            value = int(value)
        validator(header["schema"]).validate(value)
    content = response.get("content", {})
    media_type = (answer.headers["Content-Type"] or "").split(";")[0]
    if not content or not answer.body:
        assert answer.body == b"" and not content
        return
    assert media_type in content
    if media_type.endswith("json"):
        validator(content[media_type]["schema"]).validate(answer.json())
