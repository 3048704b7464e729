"""What Django's reports of errors show of a callback: mails to the admins and pages of DEBUG.
Row SEC-03."""

pytest_plugins = ("django_project",)

import copy  # noqa: E402
import logging  # noqa: E402
from urllib.parse import parse_qsl, urlsplit  # noqa: E402

import pytest  # noqa: E402
from django_project import CHEN_AT_GOOGLE  # noqa: E402  (sets Django up)
from auth0_oauth_client import reports, sessions, signals  # noqa: E402
from auth0_oauth_client.client import DjangoAuthClient  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.utils.log import AdminEmailHandler  # noqa: E402
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter  # noqa: E402

# Up here, for a report shows the lines around those that failed.
FORM = "application/x-www-form-urlencoded"
LOGOUT_TOKEN = "logout_token=a-logout-token-that-nobody-may-see"
SPELLED = "code=a%2Fsecret%2Fcode&state=x"
ANOTHER = "the-other-secret"


class Mails(AdminEmailHandler):
    def __init__(self):
        super().__init__(include_html=True)
        self.setLevel(logging.ERROR)
        self.sent = []

    def send_mail(self, subject, message, *args, html_message=None, **kwargs):
        self.sent.append(f"{subject} {message} {html_message}")


@pytest.fixture(params=["mail", "debug"])
def report(request, visitor):
    """Makes a request that fails, with a status; everything that is shown of it to whom it
    concerns."""
    mails = Mails()
    visitor.client.raise_request_exception = False
    logging.getLogger("django").addHandler(mails)

    def shown(ask, status=500):
        mails.sent.clear()
        answer = ask(visitor.client)
        assert answer.status_code == status
        (mail,) = mails.sent
        if request.param == "mail" or status != 500:
            return mail
        assert "Request information" in answer.content.decode()
        return answer.content.decode()

    with override_settings(DEBUG=request.param == "debug"):
        yield shown
    logging.getLogger("django").removeHandler(mails)


def fails(*args, **kwargs):
    raise RuntimeError("of the project")


def values_of(callback):
    found = [value for name, value in parse_qsl(urlsplit(callback).query)]
    assert len(found) >= 2
    return found


def assert_lengths_alone(text, values):
    assert "QUERY_STRING" in text and "/auth/" in text
    assert not [value for value in values if value in text]
    for value in values:
        assert f"{len(value)}-characters" in text


@pytest.mark.parametrize("urls", ["project.urls", "project.ready_made"])
def test_sec_03_a_sign_in_that_fails(visitor, report, monkeypatch, urls):
    callback = visitor.authorize(visitor.begin())
    monkeypatch.setattr(sessions, "keep_signed_in", fails)
    with override_settings(ROOT_URLCONF=urls):
        assert_lengths_alone(report(lambda client: client.get(callback)), values_of(callback))


def test_sec_03_a_connect_that_fails(linking, visitor, report, monkeypatch):
    visitor.sign_in()
    linking.control("next-connect", {"user_id": CHEN_AT_GOOGLE})
    callback = visitor.back(visitor.get("/connect", connection="google-oauth2")["Location"])
    assert "connect_code" in callback
    monkeypatch.setattr(signals.account_connected, "send_robust", fails)
    assert_lengths_alone(report(lambda client: client.get(callback)), values_of(callback))


def test_sec_03_a_back_channel_logout_that_fails(report, monkeypatch):
    monkeypatch.setattr(DjangoAuthClient, "handle_backchannel_logout", fails)
    with override_settings(ROOT_URLCONF="project.ready_made"):
        text = report(lambda client: client.post("/auth/backchannel-logout", LOGOUT_TOKEN, FORM))
    assert_lengths_alone(text, [LOGOUT_TOKEN.partition("=")[2]])


def test_sec_03_an_answer_that_auth0_is_away(visitor, project, report):
    """No exception, but an error in the log, which goes to the admins too."""
    callback = visitor.authorize(visitor.begin())
    project.control("faults", {"name": "token.status", "value": 503, "times": 0})
    try:
        with override_settings(ROOT_URLCONF="project.ready_made"):
            text = report(lambda client: client.get(callback), status=503)
    finally:
        project.delete("faults")
    assert_lengths_alone(text, values_of(callback))


def test_sec_03_the_middleware_is_there_before_a_view_of_the_project(report, monkeypatch):
    monkeypatch.setattr("project.urls.auth_client.complete_login", fails)
    callback = "/auth/callback?code=a-code-that-nobody-may-see&state=a-state-that-nobody-may-see"
    middleware = [*settings.MIDDLEWARE, "auth0_oauth_client.middleware.Auth0Middleware"]
    with override_settings(MIDDLEWARE=middleware):
        assert_lengths_alone(report(lambda client: client.get(callback)), values_of(callback))


# ---- the parts ----


def request_of(query, **more):
    return RequestFactory().get(f"/auth/callback?{query}", **more)


def text_of(request):
    return ExceptionReporter(request, None, "of the project", None, is_email=True).get_traceback_text()


def test_sec_03_a_request_goes_on_as_it_was_after_a_report():
    request = request_of("code=secret&state=%7Ex")
    reports.conceal(request)
    for _ in range(2):
        assert "code=6-characters" in text_of(request)
        assert (request.GET["code"], request.GET["state"]) == ("secret", "~x")
        assert request.get_full_path() == "/auth/callback?code=secret&state=%7Ex"


def test_sec_03_other_spellings_of_the_values_are_not_shown_either():
    request = request_of(SPELLED, RAW_URI=f"/auth/callback?{SPELLED}")
    reports.conceal(request, f"https://here/other?code={ANOTHER}#x")
    code, other = request.GET["code"], ["in a list", ANOTHER.encode()]
    try:
        raise ValueError(len(code) + len(other))
    except ValueError as error:
        text = ExceptionReporter(request, type(error), error, error.__traceback__).get_traceback_html()
    assert "in a list" in text
    assert not [one for one in (SPELLED, code, code.replace("/", "%2F"), ANOTHER) if one in text]


def test_sec_03_the_filter_of_the_project_is_asked_as_before():
    class Own(SafeExceptionReporterFilter):
        def get_safe_cookies(self, request):
            return {"mine": "of the project"}

    request = request_of("code=secret&state=x")
    request.exception_reporter_filter = Own()
    reports.conceal(request)
    reports.conceal(request)
    assert "mine = 'of the project'" in text_of(request)
    assert "code=secret" not in text_of(request)


def test_a_request_can_be_copied_as_before():
    request = request_of("code=secret&state=x")
    reports.conceal(request)
    again = copy.deepcopy(request.exception_reporter_filter)
    assert again.cleansed_substitute == SafeExceptionReporterFilter.cleansed_substitute


def test_sec_03_other_requests_are_reported_whole():
    request = request_of("state=TX&city=Houston")
    assert not reports.looks_like_callback(request)
    assert "state=TX" in text_of(request)
