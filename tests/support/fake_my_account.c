/* SPDX-License-Identifier: MIT */
#include "fake_my_account.h"

#include <string.h>

#include "support.h"

static const char *const one_account[] = {
    "{\"accounts\":[{\"id\":\"cac_1\",\"connection\":\"google-oauth2\"}]}"
};

const fake_my_account fake_my_account_usual = {
    .connect_status = 201,
    .connect_body = "{\"auth_session\":\"as-canary\",\"connect_uri\":\"https://"
                    "tenant.example/connected-accounts/connect?keep=1\","
                    "\"connect_params\":{\"ticket\":\"tk 77&x\"},\"expires_in\":300}",
    .complete_status = 201,
    .complete_body = "{\"id\":\"cac_1\",\"connection\":\"google-oauth2\","
                     "\"access_type\":\"offline\",\"scopes\":[\"openid\"],"
                     "\"created_at\":\"2026-03-04T05:06:07.089Z\"}",
    .pages = one_account,
    .pages_len = 1,
    .delete_status = 204,
};

static void
answer_list(fake_my_account *a, a0_http_exchange *exchange)
{
    size_t i = (size_t)a->lists < a->pages_len ? (size_t)a->lists : a->pages_len - 1;

    a->lists++;
    if (a->lists == a->list_fault_at) {
        scripted_respond(exchange, 500, "text/html", "<p>down</p>");
        return;
    }
    scripted_respond(exchange, 200, "application/json", a->pages[i]);
}

void
fake_my_account_answer(fake_my_account *a, const scripted_request *request,
                       a0_http_exchange *exchange)
{
    const char *path = request->url + strlen(FAKE_MY_ACCOUNT);

    assert_true(strlen(request->url) < sizeof a->url);
    assert_true(request->body_len < sizeof a->body);
    memcpy(a->url, request->url, strlen(request->url) + 1);
    memcpy(a->body, request->body, request->body_len + 1);
    if (a->refusals > 0) {
        a->refusals--;
        scripted_respond(exchange, 401, "application/problem+json",
                         "{\"title\":\"Invalid Token\",\"status\":401}");
    } else if (strcmp(path, "connect") == 0) {
        a->connects++;
        scripted_respond(exchange, a->connect_status, "application/json",
                         a->connect_body);
    } else if (strcmp(path, "complete") == 0) {
        a->completes++;
        memcpy(a->completed, request->body, request->body_len + 1);
        scripted_respond(exchange, a->complete_status, "application/json",
                         a->complete_second != NULL && a->completes % 2 == 0
                             ? a->complete_second
                             : a->complete_body);
    } else if (strcmp(request->method, "DELETE") == 0) {
        a->deletes++;
        scripted_respond(exchange, a->delete_status, "application/json", "{}");
    } else {
        answer_list(a, exchange);
    }
}
