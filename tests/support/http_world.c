/* SPDX-License-Identifier: MIT */
#include "http_world.h"

#include "support.h"

enum {
    ANSWER_MAX = 4096
};

/* What the last call of this thread gave. */
static _Thread_local a0__buf last = { .max_bytes = ANSWER_MAX };

bool
http_world_resolve(void *self, const char *host, a0__net_addresses *out)
{
    (void)self;
    (void)host;
    out->items[0] = (a0__net_address){ .bytes = { 127, 0, 0, 1 } };
    out->len = 1;
    return true;
}

http_world
http_world_start_with(a0__curl_options options, raw_tls tls, raw_script script,
                      void *self)
{
    http_world world = { .server = raw_server_start(tls, script, self) };
    a0_error *err = NULL;

    assert_ok(
        a0__transport_curl_new(&options, &world.http.table, &world.http.self, &err),
        err);
    return world;
}

http_world
http_world_start(raw_tls tls, raw_script script, void *self)
{
    return http_world_start_with((a0__curl_options){ .ca_file = raw_server_ca_file(),
                                                     .resolve = http_world_resolve },
                                 tls, script, self);
}

void
http_world_forget_answer(void)
{
    a0__buf_clear(&last);
}

void
http_world_end(http_world *world)
{
    world->http.table->destroy(world->http.self);
    raw_server_stop(world->server);
    http_world_forget_answer();
}

static const char *
send_request(a0__http http, a0__http_request *request, int64_t deadline_ms,
             bool *out_sent)
{
    A0_AUTO(a0__http_response_ptr) response = NULL;
    a0_error *err = NULL;

    a0__buf_reset(&last);
    if (a0__http_send_one(http, request, deadline_ms, &response, out_sent, &err) ==
        A0_OK) {
        a0__buf_text(&last, a0__http_body(response));
    } else {
        a0__buf_string(&last, a0_error_id(err));
        a0_error_free(err);
    }
    return a0__buf_cstr(&last);
}

const char *
http_world_fetch(a0__http http, const char *url, int64_t deadline_ms)
{
    A0_AUTO(a0__http_request) request = { 0 };

    a0__http_get(&request, a0__text_of(url), A0__HTTP_TOKEN_MAX);
    return send_request(http, &request, deadline_ms, NULL);
}

const char *
http_world_get(const http_world *world, const char *path, int64_t deadline_ms)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(ANSWER_MAX);

    raw_server_write_url(world->server, path, &url);
    return http_world_fetch(world->http, a0__buf_cstr(&url), deadline_ms);
}

const char *
http_world_post(const http_world *world, const char *path, const char *body,
                int64_t deadline_ms, bool *out_sent)
{
    A0_AUTO(a0__http_request) request = { 0 };
    A0_AUTO(a0__buf) url = A0__BUF_INIT(ANSWER_MAX);

    raw_server_write_url(world->server, path, &url);
    a0__http_send_json(&request, "POST", a0__buf_view(&url), a0__text_of(body),
                       A0__HTTP_TOKEN_MAX);
    return send_request(world->http, &request, deadline_ms, out_sent);
}
