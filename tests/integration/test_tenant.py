# SPDX-License-Identifier: MIT
"""The local tenant enforces what Auth0 enforces, and fails as it is told to."""

import base64
import concurrent.futures
import http.server
import json
import socket
import ssl
import threading
import time
import urllib.parse

import pytest

from tenant_process import (
    ANA,
    API,
    BEN,
    CALLBACK,
    CHEN,
    M2M,
    VERIFIER,
    WEB,
    Browser,
    Tenant,
    b64url,
    challenge,
    claims,
    hidden,
    segment,
    tenant_fixtures,
)


running, tenant = tenant_fixtures()


@pytest.fixture
def browser(tenant):
    return Browser(tenant)


def refused(answer, status, error):
    assert (answer.status, answer.json["error"]) == (status, error), answer.text
    return answer.json["error_description"]


def client(tenant, **changes):
    """One more application, like demo-web but for the changes."""
    first = tenant.control("clients", method="GET")[0]
    return tenant.control("clients", {**first, "client_id": "app-2", **changes})


# ---- discovery and keys ----


def test_discovery_names_the_endpoints_of_the_issuer(tenant):
    document = tenant.get("/.well-known/openid-configuration").json
    assert document["issuer"] == tenant.issuer and tenant.issuer.endswith("/")
    for name, value in document.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert value.startswith(tenant.issuer), name


def test_it_answers_under_both_loopback_addresses(tenant):
    for host in ("127.0.0.1", "::1", "localhost"):
        answer = tenant.get("/.well-known/openid-configuration", host=host)
        assert answer.json["issuer"] == tenant.issuer


def test_current_and_next_key_are_published_and_rotate(tenant, browser):
    kids = [key["kid"] for key in tenant.get("/.well-known/jwks.json").json["keys"]]
    used = segment(browser.tokens()["id_token"], 0)["kid"]
    assert len(kids) >= 2 and used in kids
    tenant.control("keys/rotate")
    after = [key["kid"] for key in tenant.get("/.well-known/jwks.json").json["keys"]]
    assert set(kids) < set(after)
    now_used = segment(Browser(tenant).tokens()["id_token"], 0)["kid"]
    assert now_used != used and now_used in kids
    tenant.control("keys/revoke", {"kid": used})
    left = [key["kid"] for key in tenant.get("/.well-known/jwks.json").json["keys"]]
    assert used not in left and now_used in left


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA", "HS256"])
def test_id_tokens_verify_under_the_algorithm_of_the_application(tenant, alg):
    jwt = pytest.importorskip("jwt")
    secret = "a-secret-that-is-long-enough-for-hs256"
    client(tenant, id_token_signed_response_alg=alg, client_secret=secret)
    credentials = {"client_id": "app-2", "client_secret": secret}
    token = Browser(tenant).tokens(client=credentials)["id_token"]
    key = secret
    if alg != "HS256":
        kid = segment(token, 0)["kid"]
        keys = tenant.get("/.well-known/jwks.json").json["keys"]
        key = jwt.PyJWK([k for k in keys if k["kid"] == kid][0]).key
    said = jwt.decode(token, key, [alg], audience="app-2", issuer=tenant.issuer)
    assert said["sub"] == ANA


# ---- authorization request ----


def test_an_unknown_callback_is_shown_and_never_redirected_to(browser):
    answer = browser.authorize(redirect_uri="https://evil.example/cb")
    assert answer.status == 403 and not answer.location
    assert "Callback URL mismatch" in answer.text


@pytest.mark.parametrize(
    "uri",
    [
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK.upper(),
        CALLBACK + "#f",
        "http://localhost:3001/auth/callback",
    ],
)
def test_a_callback_is_compared_exactly(browser, uri):
    assert browser.authorize(redirect_uri=uri).status == 403


def test_a_star_stands_for_one_label_of_the_host(tenant, browser):
    client(tenant, callbacks=["https://*.app.example/cb"])
    good = {"client_id": "app-2", "redirect_uri": "https://one.app.example/cb"}
    assert browser.authorize(**good).status == 302
    for uri in (
        "https://a.b.app.example/cb",
        "https://.app.example/cb",
        "https://evil.com/.app.example/cb",
        "https://evil.com:1.app.example/cb",
        "https://user@x.app.example/cb",
        "http://one.app.example/cb",
    ):
        assert browser.authorize(client_id="app-2", redirect_uri=uri).status == 403, uri


def test_an_unknown_client_is_shown_and_never_redirected(browser):
    answer = browser.authorize(client_id="nobody")
    assert answer.status == 403 and not answer.location


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"connection": "nothing"}, "invalid_request"),
        ({"organization": "org_nothing"}, "invalid_request"),
        ({"invitation": "nothing"}, "invalid_request"),
        ({"audience": "https://nothing.example/"}, "access_denied"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_other_faults_of_the_request_go_back_with_the_state(browser, changes, error):
    answer = browser.authorize(**changes)
    assert answer.status == 302 and answer.location.startswith(CALLBACK + "?")
    assert answer.query["error"] == error and answer.query["state"] == "the-state"


def test_a_repeated_parameter_is_refused(tenant):
    refused(
        tenant.get("/authorize?client_id=demo-web&client_id=demo-web"),
        400,
        "invalid_request",
    )


def test_next_login_answers_once_and_in_order(tenant, browser):
    tenant.control("next-login", {"user_id": ANA})
    tenant.control("next-login", {"user_id": BEN})
    first = browser.exchange(browser.authorize().query["code"]).json
    second = browser.exchange(browser.authorize().query["code"]).json
    assert [claims(t["id_token"])["sub"] for t in (first, second)] == [ANA, BEN]
    assert "/u/login" in Browser(tenant).authorize().location
    assert (
        tenant.request("POST", "/_tenant/next-login", data={"user_id": "x"}).status
        == 404
    )


# ---- the pages ----


def test_somebody_signs_in_by_password(browser):
    page = browser.request("GET", browser.authorize().location)
    assert page.status == 200 and "Local tenant" in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    form = {"state": hidden(page.text, "state"), "username": "Ana@Example.test"}
    wrong = browser.request("POST", "/u/login", {**form, "password": "guess"})
    assert wrong.status == 400 and "Wrong email or password." in wrong.text
    right = browser.request("POST", "/u/login", {**form, "password": "local-password"})
    assert claims(browser.exchange(right.query["code"]).json["id_token"])["sub"] == ANA


def test_somebody_signs_up(tenant, browser):
    location = browser.authorize(screen_hint="signup").location
    assert location.startswith("/u/signup")
    state = hidden(browser.request("GET", location).text, "state")
    form = {"state": state, "email": "new@example.test", "password": "short"}
    assert "too short" in browser.request("POST", "/u/signup", form).text
    answer = browser.request("POST", "/u/signup", {**form, "password": "long-enough"})
    said = claims(browser.exchange(answer.query["code"]).json["id_token"])
    assert said["email"] == "new@example.test" and said["email_verified"] is False
    assert said["name"] == "new@example.test" and said["nickname"] == "new"
    listed = tenant.control("users", method="GET")
    assert said["sub"] in [user["user_id"] for user in listed]
    assert not any("password" in user for user in listed)


def test_a_provider_shows_its_accounts_asks_and_answers(browser):
    location = browser.authorize(connection="google-oauth2").location
    page = browser.request("GET", location)
    assert "this is not Google" in page.text and "chen@example.test" in page.text
    form = {
        "state": hidden(page.text, "state"),
        "connection": "google-oauth2",
        "user_id": CHEN,
    }
    consent = browser.request("POST", "/u/provider", form)
    assert "Share your details?" in consent.text and not consent.location
    answer = browser.request("POST", "/u/provider", {**form, "action": "allow"})
    assert (
        claims(browser.exchange(answer.query["code"]).json["id_token"])["sub"] == CHEN
    )


@pytest.mark.parametrize("verified", [True, False])
def test_a_new_account_of_a_provider_is_verified_or_not(browser, verified):
    state = hidden(
        browser.request("GET", browser.authorize(connection="facebook").location).text,
        "state",
    )
    form = {
        "state": state,
        "connection": "facebook",
        "email": "fay@example.test",
        "name": "Fay",
    }
    if verified:
        form["email_verified"] = "true"
    answer = browser.request("POST", "/u/provider", {**form, "action": "allow"})
    said = claims(browser.exchange(answer.query["code"]).json["id_token"])
    assert said["email_verified"] is verified and said["sub"].startswith("facebook|")
    assert said["name"] == "Fay"


def test_denying_at_the_provider_comes_back_as_access_denied(browser):
    page = browser.request("GET", browser.authorize(connection="github").location)
    form = {
        "state": hidden(page.text, "state"),
        "connection": "github",
        "action": "deny",
    }
    answer = browser.request("POST", "/u/provider", form)
    assert answer.query["error"] == "access_denied"
    assert answer.query["state"] == "the-state"


def test_what_people_type_is_escaped(browser):
    page = browser.request("GET", browser.authorize(login_hint='"><b>x').location)
    assert "<b>x" not in page.text and "&quot;&gt;&lt;b&gt;x" in page.text


def test_a_page_of_no_sign_in_says_so(browser):
    assert browser.request("GET", "/u/login?state=nothing").status == 400


# ---- single sign-on ----


def test_the_session_answers_the_next_request_silently(browser):
    first = claims(browser.tokens()["id_token"])
    answer = browser.authorize(prompt="none")
    second = claims(browser.exchange(answer.query["code"]).json["id_token"])
    assert (first["sub"], first["sid"]) == (second["sub"], second["sid"])
    assert "/u/login" in browser.authorize(prompt="login").location
    assert "/u/provider" in browser.authorize(connection="google-oauth2").location


def test_max_age_asks_again_and_auth_time_is_told_when_asked(tenant, browser):
    plain = claims(browser.tokens()["id_token"])
    assert "auth_time" not in plain
    told = claims(
        browser.exchange(browser.authorize(max_age=600).query["code"]).json["id_token"]
    )
    assert abs(told["auth_time"] - time.time()) < 30
    tenant.control("clock", {"offset_s": 601})
    assert (
        browser.authorize(max_age=600, prompt="none").query["error"] == "login_required"
    )
    forced = claims(browser.tokens(prompt="login")["id_token"])
    assert forced["auth_time"] > told["auth_time"] + 600


# ---- the code grant ----


def test_a_code_is_good_once_and_its_replay_ends_the_refresh_tokens(tenant, browser):
    code = browser.sign_in().query["code"]
    tokens = browser.exchange(code).json
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 86400
    refused(browser.exchange(code), 403, "invalid_grant")
    refused(tenant.refresh(tokens["refresh_token"]), 403, "invalid_grant")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"code_verifier": VERIFIER[:-1]},
        {"redirect_uri": None},
        {"redirect_uri": CALLBACK + "/"},
        {"code": "nothing"},
    ],
)
def test_the_exchange_must_fit_the_request(browser, changes):
    code = browser.sign_in().query["code"]
    refused(browser.exchange(**{"code": code, **changes}), 403, "invalid_grant")
    (
        refused(browser.exchange(code), 403, "invalid_grant")
        if "code" not in changes
        else None
    )


def test_a_verifier_without_a_challenge_is_refused(tenant, browser):
    client(tenant, require_pkce=False)
    app = {"client_id": "app-2", "client_secret": "demo-web-secret"}
    none = {"client_id": "app-2", "code_challenge": None, "code_challenge_method": None}
    code = browser.sign_in(**none).query["code"]
    refused(browser.exchange(code, app), 403, "invalid_grant")
    code = browser.sign_in(**none).query["code"]
    assert browser.exchange(code, app, code_verifier=None).status == 200


def test_a_code_belongs_to_its_client_and_to_its_time(tenant, browser):
    client(tenant)
    code = browser.sign_in().query["code"]
    other = {"client_id": "app-2", "client_secret": "demo-web-secret"}
    refused(browser.exchange(code, other), 403, "invalid_grant")
    assert browser.exchange(code).status == 200
    code = browser.sign_in().query["code"]
    tenant.control("clock", {"offset_s": 601})
    refused(browser.exchange(code), 403, "invalid_grant")


def test_scopes_decide_what_is_issued(browser):
    assert "refresh_token" not in browser.tokens(scope="openid")
    assert "id_token" not in browser.tokens(scope="profile")
    said = claims(browser.tokens(scope="openid", nonce=None)["id_token"])
    assert "email" not in said and "name" not in said and "nonce" not in said


def test_access_tokens_speak_of_their_api(tenant, browser):
    opaque = browser.tokens()["access_token"]
    assert opaque.count(".") == 0
    said = claims(
        browser.tokens(audience=API, scope="openid read:things other")["access_token"]
    )
    assert said["aud"] == [API, tenant.issuer + "userinfo"]
    assert said["scope"] == "openid read:things" and said["azp"] == "demo-web"
    assert said["iss"] == tenant.issuer and said["sub"] == ANA


# ---- client authentication ----


def test_the_secret_is_checked_and_only_as_configured(tenant):
    form = {"grant_type": "client_credentials", "audience": API}
    basic = {
        "Authorization": "Basic "
        + base64.b64encode(b"demo-m2m:demo-m2m-secret").decode()
    }
    assert tenant.token(**form, **M2M).status == 200
    refused(
        tenant.token(**form, **{**M2M, "client_secret": "wrong"}), 401, "invalid_client"
    )
    refused(tenant.token(**form, client_id="demo-m2m"), 401, "invalid_client")
    refused(
        tenant.token(**form, client_id="nobody", client_secret="x"),
        401,
        "invalid_client",
    )
    refused(tenant.token(**form), 401, "invalid_client")
    refused(tenant.token(headers=basic, **form), 401, "invalid_client")


def test_basic_credentials_are_form_encoded(tenant):
    secret = "s: %+/é"
    client(
        tenant,
        client_secret=secret,
        token_endpoint_auth_method="client_secret_basic",
        grant_types=["client_credentials"],
    )
    tenant.control(
        "client_grants", {"client_id": "app-2", "audience": API, "scope": []}
    )
    form = {"grant_type": "client_credentials", "audience": API}
    pair = "app-2:" + urllib.parse.quote_plus(secret)
    basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    assert tenant.token(headers=basic, **form).status == 200
    assert tenant.token(headers=basic, client_id="app-2", **form).status == 200
    refused(
        tenant.token(headers=basic, client_id="demo-web", **form), 401, "invalid_client"
    )
    refused(
        tenant.token(client_id="app-2", client_secret=secret, **form),
        401,
        "invalid_client",
    )


def test_a_public_client_has_no_secret_and_needs_pkce(tenant, browser):
    spa = {"client_id": "demo-spa", "redirect_uri": "http://localhost:3000/"}
    tenant.control("clients", {"client_id": "demo-spa", "require_pkce": False})
    no_pkce = browser.authorize(**spa, code_challenge=None, code_challenge_method=None)
    assert no_pkce.query["error"] == "invalid_request"
    tokens = browser.tokens(
        client={"client_id": "demo-spa"}, redirect_uri=spa["redirect_uri"]
    )
    assert tokens["refresh_token"]
    code = browser.sign_in(**spa).query["code"]
    with_secret = {"client_id": "demo-spa", "client_secret": "x"}
    answer = browser.exchange(code, with_secret, redirect_uri=spa["redirect_uri"])
    refused(answer, 401, "invalid_client")


def test_assertions_are_verified_and_good_once(tenant):
    jwt = pytest.importorskip("jwt")
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    client(
        tenant,
        token_endpoint_auth_method="private_key_jwt",
        client_assertion_jwk={k: jwk[k] for k in ("kty", "n", "e")},
        grant_types=["client_credentials"],
    )
    tenant.control(
        "client_grants", {"client_id": "app-2", "audience": API, "scope": []}
    )

    def ask(signer=key, alg="RS256", id="app-2", **changes):
        now = int(time.time())
        said = {
            "iss": "app-2",
            "sub": "app-2",
            "aud": tenant.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": b64url(str(time.monotonic_ns()).encode()),
            **changes,
        }
        said = {name: value for name, value in said.items() if value is not None}
        form = {
            "grant_type": "client_credentials",
            "audience": API,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(said, signer, alg),
        }
        return tenant.token(**form, **({"client_id": id} if id else {}))

    assert ask().status == 200
    assert ask(id=None).status == 200
    assert ask(jti="once").status == 200
    now = int(time.time())
    for changes in (
        {"jti": "once"},
        {"jti": None},
        {"signer": stranger},
        {"alg": "PS256"},
        {"iss": "demo-web"},
        {"sub": "x"},
        {"aud": "https://other.example/"},
        {"exp": now - 60},
        {"exp": now + 3600},
        {"exp": None},
        {"nbf": now + 60},
        {"id": "demo-web"},
        {"jti": "x" * 65},
    ):
        refused(ask(**changes), 401, "invalid_client")


# ---- client credentials ----


def test_client_credentials_need_a_grant(tenant):
    form = {"grant_type": "client_credentials", **M2M}
    said = claims(
        tenant.token(**form, audience=tenant.issuer + "api/v2/").json["access_token"]
    )
    assert said["sub"] == "demo-m2m@clients" and said["gty"] == "client-credentials"
    assert said["scope"] == "read:users update:users read:logs read:connections read:clients"
    some = tenant.token(**form, audience=API, scope="read:things write:things").json
    assert some["scope"] == "read:things" and "refresh_token" not in some
    assert "client-grant" in refused(
        tenant.token(**form, audience=tenant.issuer + "me/"), 403, "access_denied"
    )
    assert "Service not found" in refused(
        tenant.token(**form, audience="x"), 403, "access_denied"
    )
    refused(tenant.token(**form), 403, "access_denied")
    refused(
        tenant.token(grant_type="client_credentials", audience=API, **WEB),
        403,
        "unauthorized_client",
    )
    refused(tenant.token(grant_type="nothing", **WEB), 400, "unsupported_grant_type")
    refused(tenant.token(**M2M), 400, "invalid_request")


def test_the_token_endpoint_takes_json_too(tenant):
    answer = tenant.request(
        "POST",
        "/oauth/token",
        data={"grant_type": "client_credentials", "audience": API, **M2M},
    )
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"


def test_a_null_of_json_is_a_parameter_that_is_not_there(tenant):
    answer = tenant.request(
        "POST",
        "/oauth/token",
        data={"grant_type": "client_credentials", "audience": API, "organization": None, **M2M},
    )
    assert answer.status == 200


# ---- refresh ----


def test_without_rotation_a_refresh_token_stays(tenant, browser):
    first = browser.tokens()
    again = tenant.refresh(first["refresh_token"]).json
    assert "refresh_token" not in again
    before, after = claims(first["id_token"]), claims(again["id_token"])
    assert before["sid"] == after["sid"] and "nonce" not in after
    assert tenant.refresh(first["refresh_token"]).status == 200


def rotating(tenant, **changes):
    client(tenant, rotation_type="rotating", **changes)
    return {"client_id": "app-2", "client_secret": "demo-web-secret"}


def test_rotation_gives_a_new_token_and_reuse_kills_the_family(tenant, browser):
    app = rotating(tenant)
    first = browser.tokens(client=app)["refresh_token"]
    second = tenant.refresh(first, app).json["refresh_token"]
    third = tenant.refresh(second, app).json["refresh_token"]
    assert len({first, second, third}) == 3
    other = Browser(tenant).tokens(client=app)["refresh_token"]
    refused(tenant.refresh(first, app), 403, "invalid_grant")
    refused(tenant.refresh(third, app), 403, "invalid_grant")
    assert tenant.refresh(other, app).status == 200


def test_the_overlap_takes_the_previous_token_and_no_older_one(tenant, browser):
    app = rotating(tenant, leeway=30)
    first = browser.tokens(client=app)["refresh_token"]
    second = tenant.refresh(first, app).json["refresh_token"]
    sibling = tenant.refresh(first, app).json["refresh_token"]
    assert sibling not in (first, second)
    third = tenant.refresh(second, app).json["refresh_token"]
    refused(tenant.refresh(first, app), 403, "invalid_grant")
    refused(tenant.refresh(third, app), 403, "invalid_grant")


def test_after_the_overlap_the_previous_token_is_reuse(tenant, browser):
    app = rotating(tenant, leeway=30)
    first = browser.tokens(client=app)["refresh_token"]
    second = tenant.refresh(first, app).json["refresh_token"]
    tenant.control("clock", {"offset_s": 31})
    refused(tenant.refresh(first, app), 403, "invalid_grant")
    refused(tenant.refresh(second, app), 403, "invalid_grant")


def test_refresh_tokens_end_with_their_lifetime_client_and_user(tenant, browser):
    client(tenant)
    token = browser.tokens()["refresh_token"]
    refused(
        tenant.refresh(
            token, {"client_id": "app-2", "client_secret": "demo-web-secret"}
        ),
        403,
        "invalid_grant",
    )
    assert "Unknown or invalid" in refused(
        tenant.refresh("nothing"), 403, "invalid_grant"
    )
    tenant.control("users", {"user_id": ANA, "blocked": True})
    refused(tenant.refresh(token), 403, "invalid_grant")
    tenant.control("users", {"user_id": ANA, "blocked": False})
    assert tenant.refresh(token).status == 200
    tenant.control("clock", {"offset_s": 2592001})
    refused(tenant.refresh(token), 403, "invalid_grant")


def test_one_refresh_token_opens_the_apis_of_its_policies(tenant, browser):
    me = tenant.issuer + "me/"
    token = browser.tokens(audience=API, scope="openid offline_access read:things")[
        "refresh_token"
    ]
    mine = tenant.refresh(token, audience=me, scope="read:me:connected_accounts x").json
    assert claims(mine["access_token"])["aud"] == me
    assert mine["scope"] == "read:me:connected_accounts"
    whole = tenant.refresh(token, audience=me).json
    assert (
        "create:me:connected_accounts" in whole["scope"]
        and "read:things" not in whole["scope"]
    )
    assert "write:things" in tenant.refresh(token).json["scope"]


def test_an_audience_without_a_policy_silently_falls_back(tenant, browser):
    token = browser.tokens(audience=API, scope="openid offline_access read:things")[
        "refresh_token"
    ]
    answer = tenant.refresh(token, audience=tenant.issuer + "api/v2/")
    assert answer.status == 200 and API in claims(answer.json["access_token"])["aud"]


# ---- PAR ----


def push(tenant, client_=WEB, **changes):
    form = {
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "state": "pushed-state",
        "scope": "openid",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
        **client_,
        **changes,
    }
    return tenant.request(
        "POST", "/oauth/par", form={k: v for k, v in form.items() if v is not None}
    )


def test_a_pushed_request_is_good_once_for_its_client_and_30_seconds(tenant, browser):
    answer = push(tenant)
    assert answer.status == 201 and answer.json["expires_in"] == 30
    uri = answer.json["request_uri"]
    assert uri.startswith("urn:ietf:params:oauth:request_uri:")
    path = "/authorize?" + urllib.parse.urlencode(
        {
            "client_id": "demo-web",
            "request_uri": uri,
            "state": "ignored",
            "redirect_uri": "x",
        }
    )
    wrong_client = browser.request("GET", path.replace("demo-web", "demo-spa"))
    assert wrong_client.status == 400
    tenant.control("next-login", {"user_id": ANA})
    assert browser.request("GET", path).query["state"] == "pushed-state"
    assert browser.request("GET", path).status == 400
    late = push(tenant).json["request_uri"]
    tenant.control("clock", {"offset_s": 31})
    query = urllib.parse.urlencode({"client_id": "demo-web", "request_uri": late})
    assert browser.request("GET", "/authorize?" + query).status == 400


def test_pushing_needs_the_client_and_a_sound_request(tenant):
    refused(
        push(tenant, {"client_id": "demo-web", "client_secret": "x"}),
        401,
        "invalid_client",
    )
    for changes in (
        {"redirect_uri": "https://evil.example/"},
        {"code_challenge": None},
        {"request_uri": "x"},
    ):
        refused(push(tenant, **changes), 400, "invalid_request")


def test_an_application_can_be_made_to_push(tenant, browser):
    client(tenant, require_pushed_authorization_requests=True)
    assert browser.authorize(client_id="app-2").status == 400


# ---- userinfo, revocation, logout ----


def test_userinfo_answers_who_holds_an_openid_token(tenant, browser):
    bearer = {"Authorization": "Bearer " + browser.tokens(audience=API)["access_token"]}
    answer = tenant.get("/userinfo", headers=bearer)
    assert answer.json["sub"] == ANA and answer.json["email"] == "ana@example.test"
    assert answer.headers["x-ratelimit-limit"]
    assert tenant.request("POST", "/userinfo", headers=bearer).status == 200
    for headers in ({}, {"Authorization": "Bearer x"}):
        answer = tenant.get("/userinfo", headers=headers)
        assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith(
            "Bearer"
        )
    tenant.control("clock", {"offset_s": 86401})
    assert tenant.get("/userinfo", headers=bearer).status == 401


def test_revocation_ends_the_family_of_its_client_alone(tenant, browser):
    token = browser.tokens()["refresh_token"]
    client(tenant)
    other = {"client_id": "app-2", "client_secret": "demo-web-secret"}
    assert (
        tenant.request("POST", "/oauth/revoke", form={"token": token, **other}).status
        == 200
    )
    assert tenant.refresh(token).status == 200
    answer = tenant.request("POST", "/oauth/revoke", form={"token": token, **WEB})
    assert answer.status == 200 and answer.body == b""
    refused(tenant.refresh(token), 403, "invalid_grant")
    assert (
        tenant.request("POST", "/oauth/revoke", form={"token": token, **WEB}).status
        == 200
    )
    refused(tenant.request("POST", "/oauth/revoke", form=WEB), 400, "invalid_request")
    refused(
        tenant.request(
            "POST", "/oauth/revoke", form={"token": token, "client_id": "demo-web"}
        ),
        401,
        "invalid_client",
    )


def test_classic_logout_ends_the_session_and_goes_to_listed_urls_only(browser):
    browser.tokens()
    query = {"client_id": "demo-web", "returnTo": "https://evil.example/"}
    bad = browser.request("GET", "/v2/logout?" + urllib.parse.urlencode(query))
    assert bad.status == 400 and "auth0" in browser.cookies
    query["returnTo"] = "http://localhost:3000/?extra=1"
    good = browser.request("GET", "/v2/logout?" + urllib.parse.urlencode(query))
    assert good.location == query["returnTo"] and "auth0" not in browser.cookies
    assert browser.authorize(prompt="none").query["error"] == "login_required"
    first = browser.request("GET", "/v2/logout?client_id=demo-web")
    assert first.location == "http://localhost:3000/"
    assert browser.request("GET", "/v2/logout").status == 200


def test_rp_initiated_logout_by_hint(tenant, browser):
    def leave(**query):
        return browser.request("GET", "/oidc/logout?" + urllib.parse.urlencode(query))

    target = {"post_logout_redirect_uri": "http://localhost:3000/", "state": "bye"}
    token = browser.tokens()["id_token"]
    assert (
        leave(
            id_token_hint=token, post_logout_redirect_uri="http://localhost:3000/?x=1"
        ).status
        == 400
    )
    assert leave(id_token_hint=token, client_id="demo-spa").status == 400
    assert leave(id_token_hint=token[:-4] + "AAAA").status == 400
    tenant.control("clock", {"offset_s": 86400})
    answer = leave(id_token_hint=token, **target)
    assert answer.location == "http://localhost:3000/?state=bye"
    assert "auth0" not in browser.cookies
    sid = claims(browser.tokens()["id_token"])["sid"]
    assert leave(logout_hint=sid, client_id="demo-web", **target).status == 302


def test_rp_initiated_logout_without_a_fitting_hint_asks(browser):
    browser.tokens()
    query = {
        "client_id": "demo-web",
        "post_logout_redirect_uri": "http://localhost:3000/",
    }
    page = browser.request("GET", "/oidc/logout?" + urllib.parse.urlencode(query))
    assert (
        page.status == 200 and "Sign out?" in page.text and "auth0" in browser.cookies
    )
    form = {
        name: hidden(page.text, name)
        for name in ("post_logout_redirect_uri", "client_id")
    }
    assert (
        browser.request(
            "POST",
            "/u/logout",
            {**form, "post_logout_redirect_uri": "https://evil.example/"},
        ).status
        == 400
    )
    answer = browser.request("POST", "/u/logout", form)
    assert (
        answer.location == "http://localhost:3000/" and "auth0" not in browser.cookies
    )


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        form = urllib.parse.parse_qs(self.rfile.read(length).decode())
        self.server.tokens.append(form["logout_token"][0])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def receiver():
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    server.tokens = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_logout_tells_the_applications_of_the_session(tenant, browser, receiver):
    url = f"http://127.0.0.1:{receiver.server_port}/backchannel"
    tenant.control(
        "clients", {"client_id": "demo-web", "backchannel_logout_urls": [url]}
    )
    said = claims(browser.tokens()["id_token"])
    browser.request("GET", "/v2/logout?client_id=demo-web")
    token = claims(receiver.tokens[0])
    assert (token["sub"], token["sid"], token["aud"]) == (ANA, said["sid"], "demo-web")
    assert token["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in token and token["exp"] - token["iat"] == 120
    tenant.fault("bcl.claim.nonce", value="n")
    answer = tenant.control(
        "backchannel-logout", {"client_id": "demo-web", "user_id": ANA, "url": url}
    )
    assert claims(receiver.tokens[1])["nonce"] == "n"
    assert answer["logout_token"] == receiver.tokens[1]


def test_only_listed_origins_may_read_answers(tenant):
    def allowed(path, origin, method="OPTIONS"):
        answer = tenant.request(method, path, headers={"Origin": origin})
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("/oauth/token", "http://localhost:3000") == "http://localhost:3000"
    assert (
        allowed("/userinfo", "http://localhost:3000", "GET") == "http://localhost:3000"
    )
    assert allowed("/oauth/token", "https://evil.example") is None
    assert allowed("/_tenant/users", "http://localhost:3000", "GET") is None
    assert allowed("/u/login", "http://localhost:3000", "GET") is None


# ---- organizations ----


def test_organizations_are_for_members_and_by_invitation(tenant, browser):
    org = "org_LocalDemo0000001"
    said = claims(browser.tokens(organization=org)["id_token"])
    assert said["org_id"] == org and "org_name" not in said
    stranger = Browser(tenant)
    assert stranger.sign_in(BEN, organization=org).query["error"] == "access_denied"
    ticket = tenant.control(
        "invitations", {"organization": org, "email": "ben@example.test"}
    )["ticket"]
    joined = Browser(tenant)
    assert "code" in joined.sign_in(BEN, organization=org, invitation=ticket).query
    again = joined.sign_in(BEN, organization=org, invitation=ticket)
    assert again.query["error"] == "invalid_request"
    assert "code" in joined.sign_in(BEN, organization=org).query


def test_organization_usage_and_names_follow_the_settings(tenant, browser):
    client(tenant, organization_usage="require")
    assert "required" in browser.authorize(client_id="app-2").query["error_description"]
    tenant.control("clients", {"client_id": "app-2", "organization_usage": "deny"})
    denied = browser.authorize(client_id="app-2", organization="org_LocalDemo0000001")
    assert "not allowed" in denied.query["error_description"]
    assert browser.authorize(organization="acme").query["error"] == "invalid_request"
    tenant.control("settings", {"allow_organization_name_in_authentication_api": True})
    said = claims(browser.tokens(organization="ACME")["id_token"])
    assert said["org_name"] == "acme" and said["org_id"] == "org_LocalDemo0000001"


# ---- the control API ----


def test_requests_are_recorded_in_order_without_the_control_api(tenant, browser):
    tenant.control("requests", method="DELETE")
    browser.tokens()
    entries = tenant.control("requests", method="GET")
    assert [(e["method"], e["path"], e["status"]) for e in entries] == [
        ("GET", "/authorize", 302),
        ("POST", "/oauth/token", 200),
    ]
    assert "state=the-state" in entries[0]["query"]
    assert "grant_type=authorization_code" in entries[1]["body"]
    assert "Content-Type" in [header["name"] for header in entries[1]["headers"]]


def test_reset_brings_the_seed_back(tenant, browser):
    tenant.control("users", {"user_id": ANA, "name": "Other"})
    tenant.control("users", {"email": "x@example.test", "connection": "github"})
    tenant.fault("token.status", value=500)
    tenant.control("clock", {"offset_s": 99})
    tenant.control("reset")
    users = {user["user_id"]: user for user in tenant.control("users", method="GET")}
    assert users[ANA]["name"] == "Ana Silva" and len(users) == 7
    assert tenant.control("faults", method="GET") == []
    assert tenant.control("clock", method="GET")["offset_s"] == 0


def test_records_are_checked_and_removed(tenant):
    bad = tenant.request("POST", "/_tenant/users", data={"nonsense": 1})
    assert bad.status == 400 and "nonsense" in bad.text
    bad = tenant.request(
        "POST", "/_tenant/clients", data={"client_id": "x", "callbacks": "y"}
    )
    assert "callbacks must be a list of texts" in bad.text
    key = urllib.parse.quote(BEN, safe="")
    assert tenant.request("DELETE", "/_tenant/users/" + key).status == 200
    assert tenant.request("DELETE", "/_tenant/users/" + key).status == 404
    assert tenant.get("/_tenant/nothing").status == 404


def test_a_name_that_was_made_to_lead_here_opens_nothing(tenant):
    person = "/people/" + urllib.parse.quote(ANA, safe="")
    for host in ("evil.example", f"evil.example:{tenant.port}", "localhost.evil.example", "[::2]"):
        asked = {"Host": host}
        assert tenant.get("/_tenant/clients", headers=asked).status == 403
        answer = tenant.request("POST", person, form={"blocked": "true"}, headers=asked)
        assert answer.status == 403
    for host in (f"127.0.0.1:{tenant.port}", "LOCALHOST", f"[::1]:{tenant.port}"):
        assert tenant.get("/_tenant/clients", headers={"Host": host}).status == 200


def test_a_tenant_answers_to_the_name_it_was_given():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tenant = Tenant("--issuer", "http://auth.test:4000", port=port)
    try:
        asked = {"Host": "auth.test:4000"}
        assert tenant.get("/_tenant/clients", headers=asked).status == 200
    finally:
        assert tenant.stop() == 0


def test_all_users_go_with_everything_that_was_theirs(tenant, browser):
    tokens = browser.tokens()
    tenant.control("users", method="DELETE")
    for left in ("users", "linked_accounts", "sessions", "refresh_families"):
        assert tenant.control(left, method="GET") == [], left
    tenant.control("users", {"user_id": ANA})
    refused(tenant.refresh(tokens["refresh_token"]), 403, "invalid_grant")


def test_other_sites_do_not_reach_the_control_api(tenant):
    answer = tenant.request(
        "POST", "/_tenant/reset", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status == 403


# ---- faults ----


def id_token_with(tenant, **fault):
    tenant.fault(**fault)
    return Browser(tenant).tokens()["id_token"]


def test_claims_are_set_retyped_dropped_and_doubled(tenant):
    assert (
        claims(id_token_with(tenant, name="idt.claim.iss", value="https://x/"))["iss"]
        == "https://x/"
    )
    assert (
        claims(id_token_with(tenant, name="idt.claim.exp", value="soon"))["exp"]
        == "soon"
    )
    assert "aud" not in claims(id_token_with(tenant, name="idt.claim.aud", drop=True))
    doubled = id_token_with(tenant, name="idt.claim.sub", duplicate="evil").split(".")[
        1
    ]
    payload = base64.urlsafe_b64decode(doubled + "==")
    assert payload.count(b'"sub"') == 2 and payload.endswith(b'"sub":"evil"}')
    assert claims(Browser(tenant).tokens()["id_token"])["iss"] == tenant.issuer


def test_headers_and_signatures_are_forged(tenant):
    jwt = pytest.importorskip("jwt")
    assert (
        segment(id_token_with(tenant, name="idt.header.kid", value="k"), 0)["kid"]
        == "k"
    )
    assert "kid" not in segment(
        id_token_with(tenant, name="idt.header.kid", drop=True), 0
    )
    none = id_token_with(tenant, name="idt.sign_with", value="none")
    assert segment(none, 0)["alg"] == "none" and none.endswith(".")
    keys = {k["kid"]: k for k in tenant.get("/.well-known/jwks.json").json["keys"]}
    for how, published in (
        ("other-key", True),
        ("garbage", True),
        ("unpublished", False),
    ):
        token = id_token_with(tenant, name="idt.sign_with", value=how)
        kid = segment(token, 0)["kid"]
        assert (kid in keys) is published
        if published:
            with pytest.raises(jwt.InvalidSignatureError):
                jwt.decode(
                    token, jwt.PyJWK(keys[kid]).key, ["RS256"], audience="demo-web"
                )


def test_the_public_key_is_taken_for_a_secret(tenant):
    jwt = pytest.importorskip("jwt")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    import hashlib
    import hmac

    token = id_token_with(tenant, name="idt.sign_with", value="hmac-pub")
    head = segment(token, 0)
    keys = {k["kid"]: k for k in tenant.get("/.well-known/jwks.json").json["keys"]}
    pem = jwt.PyJWK(keys[head["kid"]]).key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed, _, signature = token.rpartition(".")
    assert head["alg"] == "HS256"
    assert signature == b64url(hmac.new(pem, signed.encode(), hashlib.sha256).digest())


def test_whole_tokens_and_payloads_are_replaced(tenant):
    assert id_token_with(tenant, name="idt.token_raw", value="a.b.c") == "a.b.c"
    raw = id_token_with(tenant, name="idt.payload_raw", value="[1]").split(".")[1]
    assert raw == b64url(b"[1]")


def test_access_tokens_have_the_same_knobs(tenant):
    tenant.fault("at.claim.aud", value="https://other.example/")
    token = tenant.token(grant_type="client_credentials", audience=API, **M2M).json
    assert claims(token["access_token"])["aud"] == "https://other.example/"


def test_keys_and_discovery_lie_until_they_are_cleared(tenant):
    kid = tenant.get("/.well-known/jwks.json").json["keys"][0]["kid"]
    tenant.fault("jwks.extra", value=[{"kty": "oct", "kid": "x", "k": "AA"}])
    tenant.fault("jwks.drop", value=kid)
    for _ in range(2):
        kids = [k["kid"] for k in tenant.get("/.well-known/jwks.json").json["keys"]]
        assert "x" in kids and kid not in kids
    tenant.fault("disc.override.issuer", value="https://other.example/")
    tenant.fault("disc.override.jwks_uri", drop=True)
    for _ in range(2):
        document = tenant.get("/.well-known/openid-configuration").json
        assert (
            document["issuer"] == "https://other.example/"
            and "jwks_uri" not in document
        )
    tenant.control("faults", method="DELETE")
    assert (
        tenant.get("/.well-known/openid-configuration").json["issuer"] == tenant.issuer
    )


def test_the_authorization_answer_lies(tenant, browser):
    tenant.fault(
        "authz.error", value={"error": "access_denied", "error_description": "no"}
    )
    assert browser.authorize().query == {
        "error": "access_denied",
        "error_description": "no",
        "state": "the-state",
    }
    tenant.fault("authz.iss", value="https://other.example/")
    assert browser.sign_in().query["iss"] == "https://other.example/"
    tenant.fault("authz.iss", value="match")
    assert browser.sign_in().query["iss"] == tenant.issuer
    tenant.fault("authz.extra", value="code=second")
    assert browser.sign_in().location.count("code=") == 2


def test_endpoints_fail_lie_and_wait(tenant):
    form = {"grant_type": "client_credentials", "audience": API, **M2M}
    tenant.fault(
        "token.status",
        value={
            "status": 429,
            "error": "too_many_requests",
            "headers": {"Retry-After": "7"},
        },
    )
    limited = tenant.token(**form)
    assert (
        refused(limited, 429, "too_many_requests")
        and limited.headers["Retry-After"] == "7"
    )
    tenant.fault("token.status", value=503, times=2)
    assert [tenant.token(**form).status for _ in range(3)] == [503, 503, 200]
    tenant.fault("token.body_raw", value="<html>")
    assert tenant.token(**form).text == "<html>"
    tenant.fault(
        "token.body_raw",
        value={"body": "x", "content_type": "text/html", "status": 502},
    )
    answer = tenant.token(**form)
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")
    tenant.fault("token.member.token_type", value="mac")
    tenant.fault("token.member.expires_in", drop=True)
    token = tenant.token(**form).json
    assert token["token_type"] == "mac" and "expires_in" not in token
    tenant.fault("token.delay", value=300)
    started = time.monotonic()
    assert tenant.token(**form).status == 200 and time.monotonic() - started >= 0.3


@pytest.mark.parametrize(
    "family, ask",
    [
        ("disc", lambda t: t.get("/.well-known/openid-configuration")),
        ("jwks", lambda t: t.get("/.well-known/jwks.json")),
        ("par", push),
        ("userinfo", lambda t: t.get("/userinfo")),
        (
            "revoke",
            lambda t: t.request("POST", "/oauth/revoke", form={"token": "x", **WEB}),
        ),
        ("authz", lambda t: t.get("/authorize")),
        ("logout", lambda t: t.get("/v2/logout")),
    ],
)
def test_every_endpoint_has_a_status_knob(tenant, family, ask):
    tenant.fault(family + ".status", value=502, times=1)
    assert ask(tenant).status == 502
    assert ask(tenant).status != 502


@pytest.mark.parametrize(
    "name, value",
    [
        ("token.status", 99),
        ("token.status", 1000),
        ("token.status", {"status": 0}),
        ("token.commit_then_fail", -1),
        ("token.body_raw", {"body": "x", "status": 600}),
        ("vault.error", {"status": 7, "error": "x"}),
    ],
)
def test_a_status_that_nobody_can_send_is_refused(tenant, name, value):
    fault = {"name": name, "value": value}
    answer = tenant.request("POST", "/_tenant/faults", data=fault)
    assert answer.status == 400 and "200 to 599" in answer.text


def test_who_waits_for_a_fault_does_not_keep_the_tenant(tmp_path):
    tenant = Tenant()
    tenant.fault("token.delay", value=3_600_000)
    with socket.create_connection(("127.0.0.1", tenant.port)) as caller:
        caller.sendall(b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")
        while tenant.control("faults", method="GET"):
            time.sleep(0.01)
        begun = time.monotonic()
        assert tenant.stop() == 0
        assert time.monotonic() - begun < 5


def test_a_connection_ends_before_anything_is_done(tenant, browser):
    code = browser.sign_in().query["code"]
    tenant.fault("token.drop_before")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        browser.exchange(code)
    assert browser.exchange(code).status == 200


def test_a_token_is_rotated_and_the_answer_lost(tenant, browser):
    app = rotating(tenant)
    token = browser.tokens(client=app)["refresh_token"]
    tenant.fault("token.drop_after_commit")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        tenant.refresh(token, app)
    refused(tenant.refresh(token, app), 403, "invalid_grant")


def test_rotation_is_governed_by_faults(tenant, browser):
    tenant.fault("rt.rotation", value=True)
    tenant.fault("rt.leeway", value=60)
    first = browser.tokens()["refresh_token"]
    assert (
        tenant.refresh(first).json["refresh_token"]
        and tenant.refresh(first).status == 200
    )
    tenant.fault("rt.leeway", value=0)
    tenant.fault("rt.reuse_kills_family", value=False)
    first = browser.tokens()["refresh_token"]
    second = tenant.refresh(first).json["refresh_token"]
    refused(tenant.refresh(first), 403, "invalid_grant")
    assert tenant.refresh(second).status == 200


def test_pushed_requests_lie(tenant):
    tenant.fault("par.member.expires_in", value=-1)
    assert push(tenant).json["expires_in"] == -1
    tenant.fault("par.body_raw", value="{")
    assert push(tenant).text == "{"


def test_users_are_blocked_and_unverified_by_faults(tenant, browser):
    tenant.fault("users.email_verified", value={ANA: False})
    assert claims(browser.tokens()["id_token"])["email_verified"] is False
    tenant.fault("users.blocked", value={BEN: True})
    assert browser.sign_in(BEN).query["error"] == "access_denied"
    assert "code" in Browser(tenant).sign_in(ANA).query
    tenant.fault("users.blocked", value=True)
    assert browser.sign_in(ANA).query["error"] == "access_denied"


def test_the_clock_shifts_what_tokens_say(tenant, browser):
    tenant.control("clock", {"offset_s": -7200})
    assert abs(claims(browser.tokens()["id_token"])["iat"] - (time.time() - 7200)) < 30


# ---- the raw listener ----


def raw_get(port, context=None):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        wire = plain
        if context:
            # A missing close alert is an error here, not an end of file; what Python does
            # by default depends on its version.
            context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
            wire = context.wrap_socket(
                plain, server_hostname="localhost", suppress_ragged_eofs=False
            )
        wire.sendall(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        pieces = []
        while piece := wire.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)


def encoded(data):
    return base64.b64encode(data).decode()


def test_raw_answers_are_byte_exact_and_counted(tenant):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\x00\xffhalf"
    port = tenant.control("raw", {"steps": [{"send": encoded(answer)}]})["port"]
    assert raw_get(port) == answer
    seen = tenant.control("raw", method="GET")
    assert seen["connections"] == 1 and seen["requests"][0].startswith("GET /x")


def test_raw_answers_trickle(tenant):
    steps = [{"text": "abcde", "chunk": 1, "every_ms": 60}, {"wait_ms": 60}]
    port = tenant.control("raw", {"steps": steps})["port"]
    started = time.monotonic()
    assert raw_get(port) == b"abcde" and time.monotonic() - started >= 0.36


def test_raw_connections_are_reset(tenant):
    port = tenant.control("raw", {"steps": [{"close": "reset"}]})["port"]
    with pytest.raises(ConnectionResetError):
        raw_get(port)


def test_raw_tls_is_trusted_or_broken_as_asked(tenant):
    def get(kind, steps):
        answer = tenant.control("raw", {"steps": steps, "tls": kind})
        context = ssl.create_default_context(cadata=answer["ca_pem"])
        return raw_get(answer["port"], context)

    assert get("trusted", [{"text": "hello"}]) == b"hello"
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        get("wrong-name", [])
    with pytest.raises(ssl.SSLCertVerificationError):
        get("bad-chain", [])
    with pytest.raises(ssl.SSLError, match="(?i)eof"):
        get("trusted", [{"text": "half"}, {"close": "no-close-notify"}])


# ---- the command ----


def test_a_state_file_keeps_everything(tmp_path):
    state = tmp_path / "state.db"
    first = Tenant("--state", str(state))
    port = first.port
    first.stop()
    first = Tenant("--state", str(state), "--port", str(port))
    browser = Browser(first)
    tokens = browser.tokens()
    kid = segment(tokens["id_token"], 0)["kid"]
    first.control("users", {"email": "kept@example.test", "password": "kept-password"})
    first.stop()
    second = Tenant("--state", str(state), "--port", str(port))
    try:
        assert second.refresh(tokens["refresh_token"]).status == 200
        again = Browser(second)
        again.cookies = browser.cookies
        assert "code" in again.authorize(prompt="none").query
        assert segment(Browser(second).tokens()["id_token"], 0)["kid"] == kid
        users = second.control("users", method="GET")
        assert "kept@example.test" in [user["email"] for user in users]
        assert state.stat().st_mode & 0o077 == 0
        assert b"kept-password" not in state.read_bytes()
    finally:
        second.stop()


def test_tls_comes_with_an_authority_of_its_own(tmp_path):
    for _ in range(2):
        tenant = Tenant("--tls", str(tmp_path / "tls"))
        try:
            authority = (tmp_path / "tls" / "ca.pem").read_text()
            context = ssl.create_default_context(cadata=authority)
            for host in ("localhost", "127.0.0.1"):
                connection = http.client.HTTPSConnection(
                    host, tenant.port, context=context
                )
                connection.request("GET", "/.well-known/openid-configuration")
                assert json.load(connection.getresponse())["issuer"] == tenant.issuer
                connection.close()
            assert tenant.issuer.startswith("https://localhost:")
        finally:
            assert tenant.stop() == 0
    assert (tmp_path / "tls" / "ca.key").stat().st_mode & 0o077 == 0


def test_a_seed_makes_another_tenant_and_says_what_is_wrong_with_it(tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(
        json.dumps(
            {
                "connections": [{"name": "db", "strategy": "auth0"}],
                "clients": [
                    {
                        "client_id": "c",
                        "callbacks": ["{base_url}/cb"],
                        "token_endpoint_auth_method": "none",
                    }
                ],
                "users": [
                    {
                        "user_id": "auth0|1",
                        "connection": "db",
                        "email": "e@example.test",
                    }
                ],
            }
        )
    )
    tenant = Tenant("--seed", str(seed), "--issuer", "http://127.0.0.1:9999")
    try:
        assert tenant.issuer == "http://127.0.0.1:9999/"
    finally:
        tenant.process.terminate()
        tenant.process.wait()
    for bad, text in (
        ('{"people":[]}', "people"),
        ('{"users":[{"emial":"x"}]}', "emial"),
        ("[", "JSON"),
    ):
        seed.write_text(bad)
        with pytest.raises(RuntimeError, match=text):
            Tenant("--seed", str(seed))


def test_sec_07_the_tenant_is_on_loopback_unless_told_and_then_says_so(running):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", running.port), timeout=5)
    tenant = Tenant("--listen", "0.0.0.0")
    socket.create_connection(("127.0.0.2", tenant.port), timeout=5).close()
    tenant.stop()
    assert "WARNING" in tenant.process.stderr.read()


def test_two_hundred_callers_are_served_at_once(tenant):
    def ask(_):
        return tenant.token(grant_type="client_credentials", audience=API, **M2M).status

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        assert set(pool.map(ask, range(400))) == {200}
