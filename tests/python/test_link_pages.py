"""Account linking in the ready-made parts: pages, notices, Django's user, the admin."""

import re
from urllib.parse import urlsplit

import pytest

pytest_plugins = ("django_project",)

from django_project import ANA, ANA_AT_GOOGLE, CHEN_AT_GOOGLE  # noqa: E402  (sets Django up)
from django_project import settings as project_settings  # noqa: E402

from auth0_oauth_client import auth_client, errors, views  # noqa: E402
from auth0_oauth_client.models import AccountLinking, LocalIdentity  # noqa: E402
from django.apps import apps  # noqa: E402
from django.contrib.admin.models import LogEntry  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.management import create_permissions  # noqa: E402
from django.contrib.auth.models import Permission  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

LINKS = "/admin/auth0_oauth_client/accountlinking/"


@pytest.fixture
def tenant(linking):
    with override_settings(
        ROOT_URLCONF="project.ready_made",
        LOGIN_REDIRECT_URL="/private",
        AUTHENTICATION_BACKENDS=[
            "auth0_oauth_client.backends.Auth0Backend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            *project_settings.MIDDLEWARE[1:],
            "django.middleware.csrf.CsrfViewMiddleware",
            "auth0_oauth_client.middleware.Auth0Middleware",
        ],
    ):
        yield linking


class Browser:
    """Cookies here, none at the tenant, and Django's CSRF protection in force."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:3000")

    def get(self, path, **headers):
        return self.client.get(path, headers=headers)

    def callback(self, location, person):
        """The path and query with which the tenant sends somebody back."""
        back = urlsplit(self.tenant.authorize(location, person))
        return f"{back.path}?{back.query}"

    def sign_in(self, person, path="/auth/login"):
        return self.get(self.callback(self.get(path)["Location"], person))

    def answer(self, path, **fields):
        """Sends one of the forms of the page."""
        page = self.get("/auth/link?next=/private").content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        asked = re.search(r'name="id" value="([^"]+)"', page)
        kept = {"csrfmiddlewaretoken": token and token[1], "id": asked and asked[1], "next": "/private"}
        return self.client.post(path, kept | fields)

    @property
    def sub(self):
        answer = self.get("/auth/me")
        return answer.json()["user"]["sub"] if answer.status_code == 200 else None


@pytest.fixture
def browser(tenant):
    return Browser(tenant)


@pytest.fixture
def asked(browser):
    """Ana has signed in by password where her Google account was first, and is asked."""
    answer = browser.sign_in(ANA, "/auth/login?next=/calendar")
    assert answer["Location"] == "/auth/link?next=%2Fcalendar"
    return browser


def told(browser, answer):
    """The page that an answer leads to."""
    assert answer.status_code == 302, answer.content
    return browser.get(answer["Location"]).content.decode()


# ---- without a question ----


def test_a_link_that_needs_no_question_goes_on_as_the_primarys_user(browser):
    assert browser.sign_in(ANA_AT_GOOGLE, "/auth/login?next=/private")["Location"] == "/private"
    assert browser.get("/private").json()["sub"] == ANA
    assert LocalIdentity.objects.get().subject == ANA


def test_a_refused_link_shows_nothing(browser, tenant):
    tenant.control("users", {"user_id": "google-oauth2|77", "connection": "google-oauth2",
                             "email": "ben@example.test", "email_verified": True})
    assert browser.sign_in("google-oauth2|77")["Location"] == "/private"
    assert browser.get("/private").json()["sub"] == "google-oauth2|77"


def test_cb_04_a_reload_after_a_link_leads_to_the_same_place(browser, tenant):
    callback = browser.callback(browser.get("/auth/login?next=/private")["Location"], ANA_AT_GOOGLE)
    assert browser.get(callback)["Location"] == "/private"
    assert browser.get(callback)["Location"] == "/private"
    assert browser.sub == ANA
    assert Browser(tenant).get(callback).status_code == 400


@pytest.mark.parametrize("name", ["verify_account_linking", "complete_account_linking"])
def test_a_linking_that_fails_is_not_the_sign_ins_business(browser, monkeypatch, name):
    def fails(self, request):
        raise errors.AccountLinkingError("link_partial", "half of it")

    monkeypatch.setattr(type(auth_client), name, fails)
    answer = browser.sign_in(ANA)
    assert answer.status_code == 302
    assert browser.sub == ANA


# ---- the question ----


def test_the_page_shows_both_accounts_and_which_one_stays(asked):
    answer = asked.get("/auth/link?next=/calendar")
    page = answer.content.decode()
    assert re.search(r"Google\s*<span[^>]*>stays", page)
    assert re.search(r"E-mail and password\s*<span[^>]*>becomes part of it", page)
    assert page.count("a***@example.test") == 2
    assert "ana@example.test" not in page
    assert page.count('name="next" value="/calendar"') == 2
    assert "no-store" in answer["Cache-Control"]
    assert asked.sub == ANA


@pytest.mark.parametrize("language, title, name", [
    ("pt", "Juntar as suas contas?", "E-mail e palavra-passe"),
    ("es", "¿Unir sus cuentas?", "Correo y contraseña"),
    ("de", "Ihre Konten zusammenführen?", "E-Mail und Passwort"),
])
def test_the_page_speaks_the_language_of_the_person(asked, language, title, name):
    page = asked.get("/auth/link", accept_language=language).content.decode()
    assert title in page and name in page
    assert "E-mail and password" not in page


def test_continuing_links_after_a_fresh_sign_in_with_the_original_account(asked):
    key = asked.client.session.session_key
    begun = asked.answer("/auth/link/confirm")
    location = begun["Location"]
    assert "prompt=login" in location and "max_age=0" in location and "connection=google-oauth2" in location
    answer = asked.get(asked.callback(location, ANA_AT_GOOGLE))
    assert answer["Location"] == "/auth/link?notice=linked&next=%2Fprivate"
    assert "Your accounts are one now" in told(asked, answer)
    assert asked.get("/private").json()["sub"] == ANA_AT_GOOGLE
    assert asked.client.session.session_key != key
    assert AccountLinking.objects.get().secondary_user_id == ANA


def test_the_wrong_account_is_told_so_and_signed_out(asked):
    location = asked.answer("/auth/link/confirm")["Location"]
    answer = asked.get(asked.callback(location, CHEN_AT_GOOGLE))
    page = told(asked, answer)
    assert "That was another account" in page and "you are signed out" in page
    assert 'href="/auth/login?next=%2Fprivate"' in page
    assert asked.sub is None
    assert asked.get("/private").status_code == 302
    assert not asked.client.session.items()
    assert not AccountLinking.objects.exists()


def test_keeping_them_apart_says_so_and_leaves_the_person_signed_in(asked):
    answer = asked.answer("/auth/link/cancel")
    page = told(asked, answer)
    assert "Both accounts stay as they were" in page and 'href="/private"' in page
    assert asked.sub == ANA
    assert asked.get("/auth/link")["Location"] == "/private"
    assert not AccountLinking.objects.exists()


def test_a_confirmation_for_which_something_has_changed_says_so(asked, tenant):
    callback = asked.callback(asked.answer("/auth/link/confirm")["Location"], ANA_AT_GOOGLE)
    tenant.control("users", {"user_id": ANA, "email_verified": False})
    assert "The accounts were not brought together" in told(asked, asked.get(callback))
    assert asked.get("/private").json()["sub"] == ANA_AT_GOOGLE
    assert not AccountLinking.objects.exists()


@pytest.mark.parametrize("path", ["/auth/link/confirm", "/auth/link/cancel"])
def test_link_20_a_form_needs_its_token_and_answers_the_question_that_was_asked(asked, path):
    assert asked.answer(path, csrfmiddlewaretoken="x").status_code == 403
    assert asked.get(path).status_code == 405
    for fields in ({"id": "another"}, {"id": ""}):
        answer = asked.answer(path, **fields)
        assert answer.status_code == 409
        assert "The accounts were not brought together" in answer.content.decode()
    assert asked.get("/auth/link").status_code == 200


def test_link_20_an_address_that_anybody_may_lead_to_confirms_nothing(asked):
    location = asked.get("/auth/login?connection=google-oauth2")["Location"]
    assert "connection=google-oauth2" in location and "prompt=login" not in location

    assert asked.get(asked.callback(location, ANA_AT_GOOGLE))["Location"] == "/private"
    assert asked.sub == ANA  # as by any sign-in with Google; a confirmation keeps that one


def test_whom_linking_signs_out_is_told_nothing_of_an_account(browser, monkeypatch):
    def ends(self, request):
        self.logout(request)
        raise errors.AccountLinkingError("store_unavailable", "the other half")

    monkeypatch.setattr(type(auth_client), "complete_account_linking", ends)
    answer = browser.sign_in(ANA)
    assert answer.status_code == 302
    assert browser.sub is None


def test_nobody_is_asked_who_is_not_signed_in(browser):
    assert browser.get("/auth/link")["Location"] == "/private"
    assert browser.get("/auth/link?notice=nonsense")["Location"] == "/private"


@pytest.mark.parametrize("notice", [views.LINKED, views.CANCELLED, views.NOT_LINKED, views.WRONG_ACCOUNT])
def test_gw_09_a_notice_leads_nowhere_else(browser, notice):
    page = browser.get(f"/auth/link?notice={notice}&next=https://evil.example/").content.decode()
    assert "evil.example" not in page


# ---- the admin ----


@pytest.fixture
def staff(tenant):
    """Somebody who may see links, and may undo them once given the permission."""
    create_permissions(apps.get_app_config("auth0_oauth_client"), verbosity=0)
    user = get_user_model().objects.create(username="sam", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    client.user = user
    return client


@pytest.fixture
def linked(browser):
    browser.sign_in(ANA_AT_GOOGLE)
    return AccountLinking.objects.get()


def may_undo(client):
    client.user.user_permissions.add(Permission.objects.get(codename="delete_accountlinking"))


def chosen(link, action, **fields):
    return {"action": action, "_selected_action": [str(link.pk)], **fields}


def test_staff_see_what_the_next_sign_in_would_do(staff, linked):
    page = staff.post(LINKS, chosen(linked, "explain")).content.decode()
    assert ANA in page and "nothing" in page
    identity = LocalIdentity.objects.get()
    page = staff.post("/admin/auth0_oauth_client/localidentity/", chosen(identity, "explain")).content.decode()
    assert ANA in page


def test_an_explanation_that_can_not_be_had_says_why(staff, linked, tenant):
    tenant.control("faults", {"name": "user_get.status", "value": 403})
    page = staff.post(LINKS, chosen(linked, "explain")).content.decode()
    assert ANA in page and "the application lacks a scope" in page


def test_undoing_a_link_needs_the_permission(staff, linked):
    page = staff.get(LINKS).content.decode()
    assert 'value="explain"' in page and 'value="undo"' not in page
    staff.post(LINKS, chosen(linked, "undo", sure="yes"))
    assert AccountLinking.objects.exists()


def test_undoing_a_link_asks_first(staff, linked, browser, tenant):
    may_undo(staff)
    page = staff.post(LINKS, chosen(linked, "undo")).content.decode()
    assert str(linked).replace(">", "&gt;") in page and "Undo links?" in page
    assert AccountLinking.objects.exists()
    answer = staff.post(LINKS, chosen(linked, "undo", sure="yes"), follow=True)
    assert f"Undone: {ANA_AT_GOOGLE} → {ANA}" in answer.content.decode()
    assert not AccountLinking.objects.exists()
    assert {ANA, ANA_AT_GOOGLE} <= {user["user_id"] for user in tenant.control("users")}
    assert LogEntry.objects.get().user == staff.user
    assert browser.sub is None


def test_an_undo_that_fails_says_why_and_leaves_the_link(staff, linked, tenant):
    may_undo(staff)
    tenant.control("faults", {"name": "unlink.status", "value": 400})
    answer = staff.post(LINKS, chosen(linked, "undo", sure="yes"), follow=True)
    assert f"Not undone: {ANA_AT_GOOGLE} → {ANA}: " in answer.content.decode()
    assert AccountLinking.objects.exists()
