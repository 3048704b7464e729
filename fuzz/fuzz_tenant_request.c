/* SPDX-License-Identifier: MIT */
/*
 * A request to the local tenant, as the HTTP library hands it over: first line, header
 * lines, an empty line, a body. Whatever it is, the tenant stays, fails for no reason
 * of its own, and what it calls JSON is JSON. "Bearer M" and "Bearer A" stand for a
 * machine's token for the Management API and a person's for the My Account API.
 */
#include "fuzz.h"

#include "core.h"
#include "host.h"
#include "seed.h"
#include "server/path.h"
#include "server/route.h"
#include "web_request.h"

enum {
    TOKEN_MAX = 4096
};

#define SCOPES                                                                         \
    "\"read:users\",\"create:users\",\"update:users\",\"delete:users\",\"read:logs\""

static const char seed[] =
    "{\"connections\":[{\"name\":\"db\",\"id\":\"con_1\",\"strategy\":\"auth0\"},"
    "{\"name\":\"github\",\"id\":\"con_2\",\"strategy\":\"github\"}],"
    "\"apis\":[{\"identifier\":\"{issuer}api/v2/\",\"scopes\":[" SCOPES "]},"
    "{\"identifier\":\"{issuer}me/\",\"scopes\":[\"read:me:connected_accounts\"]}],"
    "\"clients\":[{\"client_id\":\"c\",\"client_secret\":\"s\",\"require_pkce\":false,"
    "\"callbacks\":[\"http://localhost/cb\"],\"grant_types\":[\"authorization_code\","
    "\"refresh_token\",\"client_credentials\",\"urn:auth0:params:oauth:grant-type:"
    "token-exchange:federated-connection-access-token\"]}],"
    "\"client_grants\":[{\"id\":\"g\",\"client_id\":\"c\","
    "\"audience\":\"{issuer}api/v2/\",\"scope\":[" SCOPES "]}],"
    "\"users\":[{\"user_id\":\"auth0|1\",\"connection\":\"db\",\"email\":\"a@b.test\"},"
    "{\"user_id\":\"github|2\",\"connection\":\"github\",\"email\":\"a@b.test\","
    "\"email_verified\":true,\"user_metadata\":{\"a\":[1,{\"b\":null}]}}],"
    "\"connected_accounts\":[{\"id\":\"cac_1\",\"user_id\":\"auth0|1\","
    "\"connection\":\"github\",\"idp_user_id\":\"2\",\"scopes\":[\"user\"],"
    "\"refresh_token\":\"r\"}],"
    "\"refresh_families\":[{\"id\":\"f\",\"client_id\":\"c\",\"user_id\":\"auth0|1\","
    "\"scope\":\"openid\",\"expires_at\":999999999999}],"
    "\"refresh_tokens\":[{\"token\":\"R\",\"family\":\"f\","
    "\"active_at\":99999999999}],"
    "\"authorizations\":[{\"id\":\"O\",\"stage\":\"open\",\"client_id\":\"c\","
    "\"redirect_uri\":\"http://localhost/cb\",\"response_mode\":\"query\","
    "\"expires_at\":999999999999}],"
    "\"connects\":[{\"auth_session\":\"S\",\"stage\":\"open\",\"handle\":\"H\","
    "\"client_id\":\"c\",\"user_id\":\"auth0|1\",\"connection\":\"github\","
    "\"redirect_uri\":\"http://localhost/cb\",\"expires_at\":999999999999}],"
    "\"access_tokens\":[{\"token\":\"A\",\"user_id\":\"auth0|1\",\"client_id\":\"c\","
    "\"audience\":\"{issuer}me/\",\"scope\":\"openid profile email "
    "create:me:connected_accounts read:me:connected_accounts "
    "delete:me:connected_accounts\",\"expires_at\":999999999999}],"
    "\"provider_tokens\":[{\"token\":\"P\",\"connection\":\"github\","
    "\"idp_user_id\":\"2\",\"scope\":\"user\",\"expires_at\":999999999999}]}";

static char machine_token[TOKEN_MAX];

static a0__web_header
header(const char *name, const char *value)
{
    return (a0__web_header){ a0__text_of(name), a0__text_of(value) };
}

static void
ask_for_machine_token(a0__tenant *tenant)
{
    A0_AUTO(a0__buf) space = A0__BUF_INIT(A0__PATH_MAX);
    A0_AUTO(a0__buf) body = A0__BUF_INIT(TOKEN_MAX);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(TOKEN_MAX);
    A0_AUTO(a0__json_doc) answer = NULL;
    a0__web_request request = { .method = A0__LIT("POST"),
                                .target = A0__LIT("/oauth/token"),
                                .version = A0__LIT("HTTP/1.1"),
                                .headers = { header("Host", "localhost"),
                                             header("Content-Type",
                                                    "application/json") },
                                .headers_len = 2 };
    a0__web_response response;

    a0__buf_format(&body,
                   "{\"grant_type\":\"client_credentials\",\"client_id\":\"c\","
                   "\"client_secret\":\"s\",\"audience\":\"%sapi/v2/\"}",
                   tenant->issuer);
    request.body = a0__buf_view(&body);
    FUZZ_CHECK(a0__web_request_check(&request, &space).status == 0);
    a0__web_response_init(&response);
    a0__web_serve(a0__host_site(tenant->host), &request, &response);
    FUZZ_CHECK(response.status == 200);
    FUZZ_CHECK(a0__json_parse(a0__buf_view(&response.body), &answer, NULL) == A0_OK);
    a0__buf_string(&token, "Bearer ");
    a0__buf_text(&token, a0__json_text_of_member(answer, "access_token"));
    (void)snprintf(machine_token, sizeof machine_token, "%s", a0__buf_cstr(&token));
    a0__web_response_clear(&response);
}

/* Started once; each input meets it as the seed has it. */
static a0__tenant *
fresh_tenant(void)
{
    static a0__tenant *tenant;

    if (tenant == NULL) {
        a0__tenant_options options = { .seed_json = seed };

        FUZZ_CHECK(a0__tenant_start(&options, &tenant, NULL) == A0_OK);
        ask_for_machine_token(tenant);
    }
    a0__faults_clear(&tenant->faults);
    a0__list_clear(&tenant->next_logins);
    a0__list_clear(&tenant->next_connects);
    tenant->clock_offset_s = 0;
    FUZZ_CHECK(a0__seed_apply(tenant, a0__text_of(seed), NULL) == A0_OK);
    return tenant;
}

static void
put_machine_token(a0__web_request *request)
{
    for (size_t i = 0; i < request->headers_len; i++) {
        if (a0__text_is(request->headers[i].value, "Bearer M")) {
            request->headers[i].value = a0__text_of(machine_token);
        }
    }
}

/* Faults are meant to make it wait and lie, and these would reach for other programs.
 */
static bool
is_out_of_scope(a0__text path)
{
    return a0__text_starts_with(path, A0__LIT("/_tenant/faults")) ||
           a0__text_starts_with(path, A0__LIT("/_tenant/raw")) ||
           a0__text_starts_with(path, A0__LIT("/_tenant/generated_users")) ||
           a0__text_starts_with(path, A0__LIT("/_tenant/backchannel-logout"));
}

static void
check_answer(const a0__web_response *response)
{
    A0_AUTO(a0__json_doc) document = NULL;
    const char *type = a0__web_response_header(response, "Content-Type");

    FUZZ_CHECK(a0__web_response_ok(response));
    FUZZ_CHECK(response->status >= 200 && response->status < 500);
    FUZZ_CHECK(!response->drop);
    if (type != NULL &&
        a0__text_starts_with(a0__text_of(type), A0__LIT("application/json"))) {
        FUZZ_CHECK(a0__json_parse_large(a0__buf_view(&response->body), &document,
                                        NULL) == A0_OK);
        FUZZ_CHECK(document != NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static a0__web_request request;
    A0_AUTO(a0__buf) space = A0__BUF_INIT(A0__PATH_MAX);
    a0__tenant *tenant = fresh_tenant();
    a0__web_response response;

    fuzz_web_request(a0__text_range((const char *)data, size), &request);
    put_machine_token(&request);
    if (a0__web_request_check(&request, &space).status != 0 ||
        is_out_of_scope(request.path)) {
        return 0;
    }
    a0__web_response_init(&response);
    a0__web_serve(a0__host_site(tenant->host), &request, &response);
    check_answer(&response);
    a0__web_response_clear(&response);
    return 0;
}
