# SPDX-License-Identifier: MIT
"""The local tenant's Management API: making, changing, finding and counting users."""

import pytest

from tenant_connect import Person
from tenant_management import USERS, Management, error, segment
from tenant_process import ANA, BEN, CHEN, Browser, Tenant, hidden, tenant_fixtures

DATABASE = "Username-Password-Authentication"
GOOGLE = "google-oauth2|100000000000000000001"
SCOPE = "read:users update:users create:users delete:users"


running, tenant = tenant_fixtures()


@pytest.fixture
def management(tenant):
    return Management(tenant, SCOPE)


@pytest.fixture
def browser(tenant):
    return Browser(tenant)


def new_user(**changes):
    body = {
        "connection": DATABASE,
        "email": "Eva@Example.test",
        "password": "another-password",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


# ---- making ----


def test_a_made_user_signs_in(tenant, management):
    metadata = {"user_metadata": {"lang": "tr"}, "app_metadata": {"tier": "gold"}}
    body = new_user(email_verified=True, name="Eva", **metadata)
    answer = management.call("POST", USERS, body)
    assert answer.status == 201, answer.text
    user = answer.json
    assert user["user_id"].startswith("auth0|") and len(user["user_id"]) == 30
    assert user["email"] == "eva@example.test" and user["email_verified"] is True
    assert user["identities"][0]["connection"] == DATABASE
    assert {name: user[name] for name in metadata} == metadata
    assert "password" not in answer.text
    assert management.user(user["user_id"]).json == user
    browser = Browser(tenant)
    page = browser.request("GET", browser.authorize().location)
    form = {"username": "eva@example.test", "password": "another-password"}
    back = browser.request(
        "POST", "/u/login", {"state": hidden(page.text, "state"), **form}
    )
    assert "code" in back.query
    assert management.user(user["user_id"]).json["last_login"]


def test_a_made_user_may_bring_its_id(management):
    answer = management.call("POST", USERS, new_user(user_id="legacy-7"))
    assert answer.json["user_id"] == "auth0|legacy-7"
    again = new_user(user_id="legacy-7", email="other@example.test")
    error(management.call("POST", USERS, again), 409, "exists", "auth0_idp_error")


@pytest.mark.parametrize(
    "changes, status, message",
    [
        ({"connection": None}, 400, "Missing required property: connection"),
        ({"connection": "nowhere"}, 400, "The connection does not exist."),
        ({"connection": "google-oauth2"}, 400, "The connection does not exist."),
        ({"email": None}, 400, "email"),
        ({"email": "eva"}, 400, "email"),
        ({"password": None}, 400, "too weak"),
        ({"password": "short"}, 400, "too weak"),
        ({"email": "ANA@example.test"}, 409, "The user already exists."),
        ({"blocked": "yes"}, 400, "blocked"),
        ({"user_metadata": []}, 400, "metadata"),
        ({"more": 1}, 400, "additional properties"),
    ],
)
def test_users_that_cannot_be_made(tenant, management, changes, status, message):
    before = len(tenant.control("users", method="GET"))
    answer = management.call("POST", USERS, new_user(**changes))
    assert answer.status == status and message in answer.json["message"]
    assert len(tenant.control("users", method="GET")) == before


# ---- changing ----


def test_a_new_address_is_not_verified(management):
    changed = management.patch(ANA, email="New@example.test").json
    assert (changed["email"], changed["email_verified"]) == ("new@example.test", False)
    changed = management.patch(ANA, email="b@example.test", email_verified=True).json
    assert changed["email_verified"] is True
    assert management.patch(ANA, email_verified=False).json["email_verified"] is False
    error(management.patch(ANA, email="BEN@example.test"), 400, "already exists")
    assert management.user(ANA).json["email"] == "b@example.test"


def test_null_unsets_and_blocked_blocks(tenant, management):
    changed = management.patch(ANA, given_name=None, blocked=True).json
    assert "given_name" not in changed and changed["blocked"] is True
    answer = Browser(tenant).sign_in(ANA)
    assert answer.query["error"] == "access_denied"


def test_emptied_metadata_is_absent(management):
    management.patch(ANA, user_metadata={"a": 1})
    assert "user_metadata" not in management.patch(ANA, user_metadata={"a": None}).json


def test_a_new_password_replaces_the_old(tenant, management):
    assert management.patch(ANA, password="a-new-password").status == 200
    for password, found in (("local-password", False), ("a-new-password", True)):
        browser = Browser(tenant)
        page = browser.request("GET", browser.authorize().location)
        form = {"username": "ana@example.test", "password": password}
        form["state"] = hidden(page.text, "state")
        assert ("code" in browser.request("POST", "/u/login", form).query) == found


@pytest.mark.parametrize(
    "user_id, changes, message",
    [
        (ANA, {"password": "another-password", "email": "x@example.test"}, "simultan"),
        (ANA, {"password": "short"}, "too weak"),
        (GOOGLE, {"name": "Other"}, "cannot be updated: name"),
        (GOOGLE, {"email": "x@example.test"}, "cannot be updated: email"),
        (GOOGLE, {"password": "another-password"}, "cannot be updated: password"),
        (ANA, {"connection": "github", "name": "x"}, "no identity of that connection"),
        (ANA, {"user_id": "auth0|x"}, "additional properties"),
        (ANA, {"identities": []}, "additional properties"),
        (ANA, {"name": "Other", "blocked": 1}, "blocked must be true or false"),
        (ANA, {"user_metadata": "x"}, "metadata"),
    ],
)
def test_changes_that_are_refused_change_nothing(management, user_id, changes, message):
    before = management.user(user_id).json
    answer = management.patch(user_id, **changes)
    assert answer.status == 400 and message in answer.json["message"]
    assert management.user(user_id).json == before


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Other", "user_metadata": "x"},
        {"name": "Other", "app_metadata": []},
        {"name": "Other", "email": "BEN@example.test"},
        {"password": "another-password", "user_metadata": 1},
        {"nickname": "x" * 1001, "blocked": True},
    ],
)
def test_a_change_is_made_whole_or_not_at_all(management, changes):
    before = management.user(ANA).json
    assert management.patch(ANA, **changes).status == 400
    assert management.user(ANA).json == before


def test_metadata_that_grows_too_large_is_refused_and_stays(tmp_path):
    state = ("--state", str(tmp_path / "tenant.db"))
    tenant = Tenant(*state)
    management = Management(tenant, SCOPE)
    answers = [management.patch(ANA, user_metadata={f"k{i}": "x" * 60_000}) for i in range(6)]
    assert [a.status for a in answers] == [200] * 4 + [400] * 2
    error(answers[5], 400, "too large", "invalid_body")
    tenant.fault("search.lag", value=0)
    for found in (management.user(ANA).json, management.call("GET", USERS).json[0]):
        assert sorted(found["user_metadata"]) == ["k0", "k1", "k2", "k3"]
    assert tenant.stop() == 0
    tenant = Tenant(*state)
    try:
        (ana,) = [u for u in tenant.control("users", method="GET") if u["user_id"] == ANA]
        assert len(ana["user_metadata"]) == 4
    finally:
        tenant.stop()


def test_an_answer_that_is_too_large_is_no_half_of_one(tenant, management):
    for i in range(6):
        user = {
            "user_id": f"github|large{i}",
            "connection": "github",
            "email": "large@example.test",
            "user_metadata": {"x": "y" * 200_000},
        }
        tenant.control("users", user)
    answer = management.call("GET", "/api/v2/users-by-email", email="large@example.test")
    error(answer, 500, "too large", "server_error")
    assert tenant.get("/people/github%7Clarge0").status == 200


def test_the_connection_names_a_secondary_identity(management):
    management.link(GOOGLE, provider="auth0", user_id=ANA)
    changed = management.patch(GOOGLE, connection=DATABASE, email_verified=False).json
    assert changed["email_verified"] is True
    assert changed["identities"][1]["profileData"]["email_verified"] is False


# ---- one, by id and by address ----


def test_the_address_is_compared_byte_by_byte(tenant, management):
    mixed = {"user_id": "github|9", "connection": "github", "email": "Mia@Example.test"}
    tenant.control("users", mixed)
    path = "/api/v2/users-by-email"

    def found(email):
        return [u["user_id"] for u in management.call("GET", path, email=email).json]

    assert found("Mia@Example.test") == ["github|9"]
    assert found("mia@example.test") == [] and found("MIA@EXAMPLE.TEST") == []
    assert found("ana@example.test") == [ANA, GOOGLE]
    error(management.call("GET", path), 400, "email", "invalid_query_string")


def test_fields_choose_what_is_shown(management):
    path = f"{USERS}/{segment(ANA)}"

    def shown(fields, **rest):
        return management.call("GET", path, fields=fields, **rest).json

    assert shown("email,user_id") == {"email": "ana@example.test", "user_id": ANA}
    assert shown("identities.provider") == {"identities": [{"provider": "auth0"}]}
    rest = shown("email,identities.user_id", include_fields="false")
    assert "email" not in rest and rest["name"] == "Ana Silva"
    assert "user_id" not in rest["identities"][0] and rest["user_id"] == ANA


def test_a_profile_can_be_wrong(tenant, management):
    tenant.fault("profile.member.email_verified", value="true")
    tenant.fault("profile.member.identities", value={})
    tenant.fault("profile.member.name", drop=True)
    path = "/api/v2/users-by-email"
    for found in (
        management.user(ANA).json,
        management.call("GET", path, email="ana@example.test").json[1],
        management.call("GET", USERS).json[3],
    ):
        assert found["email_verified"] == "true" and found["identities"] == {}
        assert "name" not in found
    tenant.control("faults", method="DELETE")
    assert management.user(ANA).json["email_verified"] is True


def test_a_person_reads_their_own_profile_alone(tenant, management):
    audience = tenant.issuer + "api/v2/"
    own = ["read:users", "read:current_user"]
    tenant.control("apis", {"identifier": audience, "scopes": own})
    tokens = Browser(tenant).tokens(
        ANA, audience=audience, scope="openid read:current_user"
    )
    token = tokens["access_token"]
    path = f"{USERS}/{segment(ANA)}"
    assert management.call("GET", path, token=token).status == 200
    other = management.call("GET", f"{USERS}/{segment(BEN)}", token=token)
    error(other, 403, "does not match subject in bearer token")
    error(
        management.call("GET", USERS, token=token),
        403,
        "Insufficient scope, expected any of: read:users",
        "insufficient_scope",
    )


def test_a_persons_token_is_for_their_own_profile_whatever_they_ask(tenant, browser):
    audience = tenant.issuer + "api/v2/"
    asked = "openid read:users update:users read:current_user offline_access"
    said = browser.tokens(ANA, audience=audience, scope=asked)
    assert said["scope"].split() == ["openid", "read:current_user"]
    policy = {"audience": audience, "scope": ["read:users"]}
    tenant.control("clients", {"client_id": "demo-web", "refresh_policies": [policy]})
    refreshed = tenant.refresh(browser.tokens(ANA)["refresh_token"], audience=audience)
    assert "read:users" not in refreshed.json["scope"]


# ---- searching ----


def ids(management, q=None, **rest):
    query = {"q": q, "per_page": 100, **rest} if q else {"per_page": 100, **rest}
    answer = management.call("GET", USERS, **query)
    assert answer.status == 200, answer.text
    return [user["user_id"].split("|")[1][-4:] for user in answer.json]


@pytest.mark.parametrize(
    "q, found",
    [
        ('email:"ana@example.test"', ["a1a1", "0001"]),
        ('email:"ANA@Example.TEST"', ["a1a1", "0001"]),
        ("email:ana@example.test", ["a1a1", "0001"]),
        ('user_id:"auth0|a1a1a1a1a1a1a1a1a1a1a1a1"', ["a1a1"]),
        ('user_id:"AUTH0|a1a1a1a1a1a1a1a1a1a1a1a1"', []),
        ('email:"ana@example.test" AND NOT identities.connection:"github"', None),
        (
            'email:"ana@example.test" AND NOT identities.connection:"google-oauth2"',
            ["a1a1"],
        ),
        ('identities.provider:"github" OR identities.provider:"apple"', ["0003", "ffee"]),
        ("email_verified:false AND _exists_:email", ["b2b2", "0004"]),
        ("NOT _exists_:email", ["ffee"]),
        ("name:ana", ["a1a1", "0001"]),
        ("name:SILVA", ["a1a1", "0001"]),
        ('name:"Ana"', []),
        ("name:ch*", ["0002"]),
        ("name:*ov?k", ["0003"]),
        ("email.domain:example.test AND name:elif*", ["0004"]),
        ("(name:ana OR name:ben) AND identities.isSocial:true", ["0001"]),
        ("user_metadata.deep.lang:pt", ["b2b2"]),
        ("app_metadata.roles:admin", ["b2b2"]),
        ("app_metadata.level:[2 TO 10]", ["b2b2"]),
        ("created_at:[2021-01-01 TO 2021-12-31]", ["b2b2"]),
        ("created_at:[2021-06-01 TO 2021-06-01]", ["b2b2"]),
        ("created_at:{2021-06-01 TO 2021-12-31]", []),
        ("created_at:[* TO 2021-06-01T12:00:00.000Z}", []),
        ("created_at:[2021-06-01T12:00:00.000Z TO 2021-06-01T12:00:00.000Z]", ["b2b2"]),
        ("logins_count:[1 TO *]", ["b2b2"]),
        ("password_hash:*", []),
        ("nothing:here", []),
        (r"user_id:github\|1000003", ["0003"]),
        (r'name:"\"quoted\""', []),
    ],
)
def test_the_search_language(tenant, management, q, found):
    metadata = {
        "user_metadata": {"deep": {"lang": "pt"}},
        "app_metadata": {"roles": ["user", "admin"], "level": 9},
    }
    tenant.control(
        "users",
        {
            "user_id": BEN,
            "created_at": "2021-06-01T12:00:00.000Z",
            "logins_count": 12,
            **metadata,
        },
    )
    assert ids(management, q) == (["a1a1", "0001"] if found is None else found)


@pytest.mark.parametrize(
    "query",
    [
        {"q": "ana"},
        {"q": 'email:"ana'},
        {"q": "email:"},
        {"q": "email:a AND"},
        {"q": "(email:a"},
        {"q": "email:a email:b"},
        {"q": 'email:"a" OR email_verified:true OR "'},
        {"q": "name:a:b"},
        {"q": "(" * 40 + "name:a" + ")" * 40},
        {"q": "NOT " * 40 + "name:a"},
        {"q": "name:a", "search_engine": "v2"},
        {"connection": DATABASE},
        {"per_page": 101},
        {"per_page": 0},
        {"page": -1},
        {"page": 10, "per_page": 100},
        {"sort": "created_at"},
        {"sort": "password_hash:1"},
    ],
)
def test_a_search_of_another_shape_is_refused(management, query):
    answer = management.call("GET", USERS, **query)
    assert answer.status == 400 and answer.json["errorCode"] == "invalid_query_string"


def test_a_search_is_read_page_by_page(management):
    def page(number, **rest):
        path = dict(page=number, per_page=3, sort="user_id:1", **rest)
        return management.call("GET", USERS, **path).json

    pages = [page(n, include_totals="true") for n in range(4)]
    assert [p["length"] for p in pages] == [3, 3, 1, 0]
    assert {(p["total"], p["limit"]) for p in pages} == {(7, 3)}
    assert [p["start"] for p in pages] == [0, 3, 6, 9]
    seen = [user["user_id"] for p in pages for user in p["users"]]
    assert seen == sorted(seen) and len(set(seen)) == 7
    backwards = management.call("GET", USERS, sort="user_id:-1", fields="user_id").json
    assert [user["user_id"] for user in backwards] == seen[::-1]
    assert isinstance(page(0), list)


def test_the_index_lags_behind(tenant, management):
    tenant.fault("search.lag", value=60)
    management.call("POST", USERS, new_user())
    management.patch(BEN, name="Benjamin")
    management.link(ANA, provider="google-oauth2", user_id=GOOGLE)
    assert ids(management, "email:eva@example.test") == []
    assert ids(management, "name:Benjamin") == []
    assert ids(management, 'email:"ana@example.test"') == ["a1a1", "0001"]
    path = "/api/v2/users-by-email"
    assert len(management.call("GET", path, email="ana@example.test").json) == 1
    tenant.control("clock", {"offset_s": 61})
    assert len(ids(management, "email:eva@example.test")) == 1
    assert ids(management, 'email:"ana@example.test"') == ["a1a1"]
    assert ids(management, "name:Benjamin") == ["b2b2"]
    management.patch(BEN, name="Ben")
    assert ids(management, "name:Benjamin") == ["b2b2"]
    tenant.control("faults", method="DELETE")
    assert ids(management, "name:Benjamin") == []


# ---- many ----


def test_users_are_made_from_a_pattern(tenant, management):
    tenant.control(
        "generated_users",
        [
            {"count": 2500, "user": {"email_verified": True}},
            {
                "count": 500,
                "first": 2000,
                "user": {"connection": "google-oauth2", "name": "Person {n}"},
            },
        ],
    )
    assert len(tenant.control("users", method="GET")) == 3007
    path = "/api/v2/users-by-email"
    pair = management.call("GET", path, email="person2001@example.test").json
    assert [u["user_id"] for u in pair] == [
        "auth0|000000000000000000002001",
        "google-oauth2|000000000000000000002001",
    ]
    assert pair[1]["name"] == "Person 2001" and pair[1]["email_verified"] is False


def test_more_than_a_thousand_users_are_walked_by_time_of_creation(tenant, management):
    tenant.control("generated_users", {"count": 2500})
    seen, since = [], "*"
    while True:
        found = []
        for page in range(10):
            part = management.call(
                "GET",
                USERS,
                q=f"created_at:[{since} TO *]",
                sort="created_at:1",
                per_page=100,
                page=page,
                fields="user_id,created_at",
            ).json
            found += part
            if len(part) < 100:
                break
        new = [u["user_id"] for u in found if u["user_id"] not in seen[-1000:]]
        if not new:
            break
        seen += new
        since = found[-1]["created_at"]
    assert len(seen) == 2507 == len(set(seen))


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"count": 0},
        {"count": 1000001},
        {"count": 1, "first": "x"},
        {"count": 1, "user": {"nothing": 1}},
        {"count": 1, "user": {"password": "local-password"}},
    ],
)
def test_a_pattern_of_another_shape_is_refused(tenant, pattern):
    answer = tenant.request("POST", "/_tenant/generated_users", data=pattern)
    assert answer.status == 400


def test_a_seed_generates(tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text('{"connections": [{"name": "db", "strategy": "auth0"}],'
                    '"generated_users": [{"count": 3, "user": {"connection": "db"}}]}')
    tenant = Tenant("--seed", str(seed))
    try:
        users = tenant.control("users", method="GET")
        assert [u["email"] for u in users] == [f"person{n}@example.test" for n in (1, 2, 3)]
    finally:
        tenant.stop()


# ---- the vault ----


def test_connected_accounts_come_page_by_page(tenant, management):
    ana = Person(tenant)
    for account in (CHEN, GOOGLE):
        ana.connect(account)
    ana.connect("github|1000003", connection="github")
    path = f"{USERS}/{segment(ANA)}/connected-accounts"
    first = management.call("GET", path, take=2).json
    rest = management.call("GET", path, **{"take": 2, "from": first["next"]}).json
    assert len(first["connected_accounts"]) == 2 and "next" not in rest
    assert rest["connected_accounts"][0]["strategy"] == "github"
    assert rest["connected_accounts"][0]["connection_id"].startswith("con_")
    assert management.call("GET", path, take=21).status == 400
    tenant.fault("connected_accounts.member.next", value=first["next"], times=0)
    assert management.call("GET", path).json["next"] == first["next"]


def test_token_sets_are_listed_where_they_still_are(tenant, management):
    ana = Person(tenant)
    ana.connect(CHEN)
    ana.exchange()
    path = f"{USERS}/{segment(ANA)}/federated-connections-tokensets"
    gone = management.call("GET", path)
    error(gone, 403, "not enabled", "feature_not_enabled")
    tenant.fault("mgmt.tokensets", value="list")
    scope = "read:federated_connections_tokens"
    error(management.call("GET", path), 403, scope, "insufficient_scope")
    tenant.fault("mgmt.tokensets", value="list")
    (tokenset,) = Management(tenant, scope).call("GET", path).json
    assert tokenset["connection"] == "google-oauth2" and "openid" in tokenset["scope"]
    assert tokenset["issued_at"] < tokenset["expires_at"]


def test_a_token_set_is_deleted_where_there_still_are_some(tenant, management):
    ana = Person(tenant)
    account = ana.connect(CHEN)
    scope = "read:federated_connections_tokens delete:federated_connections_tokens"
    management = Management(tenant, scope)
    path = f"/federated-connections-tokensets/{account['id']}"
    tenant.fault("mgmt.tokensets", value="list", times=0)
    other = management.call("DELETE", f"{USERS}/{segment(BEN)}{path}")
    assert other.status == 204 and ana.exchange().status == 200
    assert management.call("DELETE", f"{USERS}/{segment(ANA)}{path}").status == 204
    assert ana.exchange().status == 401
    tenant.control("faults", method="DELETE")
    gone = management.call("DELETE", f"{USERS}/{segment(ANA)}{path}")
    error(gone, 403, "not enabled", "feature_not_enabled")


def test_bodies_queries_and_routes_are_told_apart(tenant, management):
    headers = {"Authorization": "Bearer " + management.token}
    headers["Content-Type"] = "application/json"
    connection = tenant.connection("localhost")
    connection.request("PATCH", f"{USERS}/{segment(ANA)}", "{", headers)
    answer = connection.getresponse()
    assert (answer.status, b"invalid_body" in answer.read()) == (400, True)
    connection.close()
    twice = management.call("GET", USERS + "?page=0&page=1")
    error(twice, 400, "twice", "invalid_query_string")
    error(management.call("GET", "/api/v2/nothing"), 404, "", None)
    error(management.call("PUT", USERS), 405, "", None)


# ---- limits ----


def test_the_bucket_runs_dry_and_fills_again(tenant, management):
    tenant.control(
        "settings", {"management_rate_limit": 1, "management_rate_burst": 3}
    )
    first = management.user(ANA)
    assert first.status == 200 and first.headers["x-ratelimit-limit"] == "3"
    assert first.headers["x-ratelimit-remaining"] == "2"
    # Faster than one a second, whatever the machine.
    assert 429 in (management.user(ANA).status for _ in range(10000))
    tenant.control("clock", {"offset_s": 3600})
    again = management.user(ANA)
    assert again.status == 200 and again.headers["x-ratelimit-remaining"] == "2"


def test_an_empty_bucket_says_when_to_come_back(tenant, management):
    tenant.fault("mgmt.429")
    answer = management.user(ANA)
    error(answer, 429, "Too many requests.", "too_many_requests")
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-reset"]) > 0
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "method, path, family",
    [
        ("GET", USERS, "search"),
        ("POST", USERS, "user_create"),
        ("GET", f"{USERS}/{segment(ANA)}", "user_get"),
        ("PATCH", f"{USERS}/{segment(ANA)}", "user_patch"),
        ("DELETE", f"{USERS}/{segment(ANA)}", "user_delete"),
        ("GET", "/api/v2/users-by-email?email=x", "by_email"),
        ("POST", f"{USERS}/{segment(ANA)}/identities", "link"),
        ("DELETE", f"{USERS}/{segment(ANA)}/identities/github/1", "unlink"),
        ("GET", f"{USERS}/{segment(ANA)}/connected-accounts", "connected_accounts"),
        (
            "GET",
            f"{USERS}/{segment(ANA)}/federated-connections-tokensets",
            "tokensets",
        ),
        ("GET", "/api/v2/logs", "logs"),
    ],
)
@pytest.mark.parametrize("by_own_name", [True, False])
def test_every_endpoint_fails_as_asked(tenant, method, path, family, by_own_name):
    management = Management(tenant, SCOPE + " read:logs")
    body = {} if method in ("POST", "PATCH") else None
    name = family if by_own_name else "mgmt"
    for status in (401, 403, 404, 429, 500, 503):
        tenant.fault(name + ".status", value=status)
        answer = management.call(method, path, body)
        assert answer.status == status and answer.json["statusCode"] == status
    html = {"body": "<html>", "content_type": "text/html", "status": 502}
    tenant.fault(name + ".body_raw", value=html)
    assert management.call(method, path, body).text == "<html>"
    tenant.fault(name + ".drop_before")
    with pytest.raises(OSError):
        management.call(method, path, body)
