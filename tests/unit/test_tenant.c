/* SPDX-License-Identifier: MIT */
/* The parts of the local tenant that need no socket, and its start and stop. */
#include "support.h"

#include <string.h>

#include "tenant/authorization.h"
#include "tenant/model.h"
#include "tenant/pages.h"
#include "tenant/refresh.h"
#include "tenant/tenant.h"

/* ---- rotation (wire §7.3) ---- */

static void
token_without_rotation_stays_good(void **state)
{
    (void)state;
    assert_int_equal(
        a0__rotation_decide(&(a0__rotation_facts){ .rotated_at = 5, .now = 900 }),
        A0__KEEP);
}

static void
unused_token_is_rotated(void **state)
{
    (void)state;
    assert_int_equal(
        a0__rotation_decide(&(a0__rotation_facts){ .is_rotating = true, .now = 100 }),
        A0__ROTATE);
}

static void
used_token_is_theft_without_an_overlap(void **state)
{
    (void)state;
    assert_int_equal(a0__rotation_decide(&(a0__rotation_facts){
                         .is_rotating = true, .rotated_at = 100, .now = 100 }),
                     A0__REUSED);
}

static void
overlap_ends_after_its_last_second(void **state)
{
    a0__rotation_facts facts = {
        .is_rotating = true, .leeway = 30, .rotated_at = 100, .now = 130
    };

    (void)state;
    assert_int_equal(a0__rotation_decide(&facts), A0__ROTATE);
    facts.now = 131;
    assert_int_equal(a0__rotation_decide(&facts), A0__REUSED);
}

static void
overlap_is_for_the_immediately_previous_token_alone(void **state)
{
    (void)state;
    assert_int_equal(
        a0__rotation_decide(&(a0__rotation_facts){ .is_rotating = true,
                                                   .leeway = 30,
                                                   .rotated_at = 100,
                                                   .successor_was_used = true,
                                                   .now = 101 }),
        A0__REUSED);
}

/* ---- allowed URLs (wire §4, §11.1) ---- */

static bool
is_allowed(const char *pattern, const char *url)
{
    a0__list list = { NULL, 0 };
    bool allowed = false;

    a0__list_add(&list, a0__text_of(pattern));
    allowed = a0__url_is_allowed(&list, a0__text_of(url));
    a0__list_clear(&list);
    return allowed;
}

static void
callback_is_compared_byte_for_byte(void **state)
{
    (void)state;
    assert_true(is_allowed("https://a.example/cb", "https://a.example/cb"));
    assert_false(is_allowed("https://a.example/cb", "https://a.example/cb/"));
    assert_false(is_allowed("https://a.example/cb", "https://a.example/cb?x"));
    assert_false(is_allowed("https://a.example/cb", "https://A.example/cb"));
    assert_false(is_allowed("https://a.example/cb", "https://a.example/c"));
}

static void
star_is_one_label_and_nothing_else(void **state)
{
    static const char *const refused[] = {
        "https://a.b.app.example/cb",    "https://app.example/cb",
        "https://.app.example/cb",       "https://x/.app.example/cb",
        "https://x@y.app.example/cb",    "https://x:1.app.example/cb",
        "http://a.app.example/cb",       "https://a.app.example/cb2",
        "https://a.app.example.evil/cb", "",
    };

    (void)state;
    assert_true(is_allowed("https://*.app.example/cb", "https://a.app.example/cb"));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_false(is_allowed("https://*.app.example/cb", refused[i]));
    }
    assert_false(is_allowed("https://a.*.example/", "https://a.b.example/"));
}

static void
logout_url_is_compared_without_query_and_fragment(void **state)
{
    a0__list list = { NULL, 0 };

    (void)state;
    a0__list_add(&list, A0__LIT("https://a.example/out?x=1"));
    assert_true(a0__logout_url_is_allowed(&list, A0__LIT("https://a.example/out?y#z")));
    assert_false(a0__logout_url_is_allowed(&list, A0__LIT("https://a.example/outer")));
    a0__list_clear(&list);
}

/* ---- records, tables ---- */

static void
record_comes_back_as_it_was_written(void **state)
{
    static const char text[] =
        "{\"user_id\":\"auth0|1\",\"email\":\"e\",\"email_verified\":true,"
        "\"identities\":[{\"provider\":\"auth0\",\"isSocial\":false}],"
        "\"user_metadata\":{\"a\":[1]}}";
    const a0__shape *shape = &a0__shapes[A0__USERS];
    A0_AUTO(a0__json_doc) doc = NULL;
    A0_AUTO(a0__json_doc) again = NULL;
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(256);
    A0_AUTO(a0__buf) first = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) second = A0__BUF_INIT(4096);
    a0__json_writer w = a0__json_writer_on(&first);
    a0__json_writer w2 = a0__json_writer_on(&second);
    a0__user user = { .user_id = NULL };
    a0__user copy = { .user_id = NULL };
    a0_error *err = NULL;

    (void)state;
    a0__record_init(shape, &user);
    a0__record_init(shape, &copy);
    assert_ok(a0__json_parse(a0__text_of(text), &doc, &err), err);
    assert_true(a0__record_read(shape, doc, &user, &reason));
    assert_string_equal(user.connection, "Username-Password-Authentication");
    a0__record_write(shape, &user, true, &w);
    assert_ok(a0__json_parse(a0__buf_view(&first), &again, &err), err);
    assert_true(a0__record_read(shape, again, &copy, &reason));
    a0__record_write(shape, &copy, true, &w2);
    assert_text(a0__buf_view(&second), a0__buf_cstr(&first));
    a0__record_clear(shape, &user);
    a0__record_clear(shape, &copy);
}

static void
record_with_an_unknown_or_mistyped_member_is_refused_by_name(void **state)
{
    static const char *const bad[][2] = {
        { "{\"emial\":\"x\"}", "users: there is no member emial; the nearest is email "
                               "(docs/tenant.md has all of them)" },
        { "{\"email\":1}", "users: email must be text" },
        { "{\"identities\":[{\"provider\":1}]}", "identities: provider must be text" },
        { "[]", "users: each one must be an object" },
    };
    const a0__shape *shape = &a0__shapes[A0__USERS];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        A0_AUTO(a0__json_doc) doc = NULL;
        A0_AUTO(a0__buf) reason = A0__BUF_INIT(256);
        a0__user user = { .user_id = NULL };
        a0_error *err = NULL;

        a0__record_init(shape, &user);
        assert_ok(a0__json_parse(a0__text_of(bad[i][0]), &doc, &err), err);
        assert_false(a0__record_read(shape, doc, &user, &reason));
        assert_text(a0__buf_view(&reason), bad[i][1]);
        a0__record_clear(shape, &user);
    }
}

static void
secrets_are_written_only_when_asked_for(void **state)
{
    const a0__shape *shape = &a0__shapes[A0__USERS];
    A0_AUTO(a0__buf) shown = A0__BUF_INIT(4096);
    a0__json_writer w = a0__json_writer_on(&shown);
    a0__user user = { .user_id = NULL };

    (void)state;
    a0__record_init(shape, &user);
    a0__keep_in(&user.password_hash, A0__LIT("canary"));
    a0__record_write(shape, &user, false, &w);
    assert_null(strstr(a0__buf_cstr(&shown), "canary"));
    a0__record_clear(shape, &user);
}

static void
put_name(a0__table *table, const char *name)
{
    a0__connection *row = a0__row_new(table);

    a0__keep_in(&row->name, a0__text_of(name));
    a0__table_put(table, row);
}

static void
table_finds_in_any_order_and_lists_in_the_order_of_arrival(void **state)
{
    enum {
        ROWS = 500
    };
    a0__table table;
    int listed = 0;

    (void)state;
    a0__table_init(&table, &a0__shapes[A0__CONNECTIONS]);
    assert_null(a0__table_get(&table, A0__LIT("x")));
    for (int i = 0; i < ROWS; i++) {
        A0_AUTO(a0__buf) name = A0__BUF_INIT(16);

        a0__buf_format(&name, "n%d", i);
        put_name(&table, a0__buf_cstr(&name));
        if (i % 2 == 1) {
            a0__table_remove(&table, a0__table_get(&table, a0__buf_view(&name)));
        }
    }
    for (a0__connection *c = a0__table_first(&table); c != NULL;
         c = a0__table_next(c)) {
        A0_AUTO(a0__buf) name = A0__BUF_INIT(16);

        a0__buf_format(&name, "n%d", listed);
        assert_string_equal(c->name, a0__buf_cstr(&name));
        assert_ptr_equal(a0__table_get(&table, a0__buf_view(&name)), c);
        listed += 2;
    }
    assert_int_equal(listed, ROWS);
    put_name(&table, "n0");
    assert_int_equal(table.len, ROWS / 2);
    a0__table_clear(&table);
    assert_null(a0__table_get(&table, A0__LIT("n0")));
}

/* ---- faults ---- */

static void
add_fault(a0__faults *faults, const char *json)
{
    A0_AUTO(a0__json_doc) doc = NULL;
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(256);
    a0_error *err = NULL;

    assert_ok(a0__json_parse(a0__text_of(json), &doc, &err), err);
    assert_true(a0__faults_add(faults, doc, &reason));
}

static void
edited(a0__faults *faults, const char *json, const char *expected)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(1024);

    a0__buf_string(&text, json);
    a0__faults_edit(faults, "t.", &text);
    assert_text(a0__buf_view(&text), expected);
}

static void
fault_edits_as_often_as_it_says(void **state)
{
    a0__faults faults;

    (void)state;
    a0__faults_init(&faults);
    add_fault(&faults, "{\"name\":\"t.a\",\"value\":[2]}");
    add_fault(&faults, "{\"name\":\"t.b\",\"drop\":true,\"times\":2}");
    add_fault(&faults, "{\"name\":\"t.c\",\"duplicate\":\"x\",\"times\":0}");
    add_fault(&faults, "{\"name\":\"other.a\",\"drop\":true}");
    edited(&faults, "{\"a\":1,\"b\":1,\"c\":1}", "{\"c\":1,\"a\":[2],\"c\":\"x\"}");
    edited(&faults, "{\"a\":1,\"b\":1,\"c\":1}", "{\"a\":1,\"c\":1,\"c\":\"x\"}");
    edited(&faults, "{\"a\":1,\"b\":1,\"c\":1}",
           "{\"a\":1,\"b\":1,\"c\":1,\"c\":\"x\"}");
    a0__faults_clear(&faults);
}

static void
fault_is_taken_once_unless_it_describes_the_tenant(void **state)
{
    a0__faults faults;
    int64_t number = 0;
    bool flag = false;

    (void)state;
    a0__faults_init(&faults);
    add_fault(&faults, "{\"name\":\"token.delay\",\"value\":7}");
    add_fault(&faults, "{\"name\":\"rt.rotation\",\"value\":true}");
    assert_true(a0__fault_take_number(&faults, "token.delay", &number));
    assert_int_equal(number, 7);
    assert_false(a0__fault_take_number(&faults, "token.delay", &number));
    assert_true(a0__fault_take_bool(&faults, "rt.rotation", &flag));
    assert_true(a0__fault_take_bool(&faults, "rt.rotation", &flag));
    a0__faults_clear(&faults);
}

/* ---- pages ---- */

static void
template_escapes_what_it_fills_in(void **state)
{
    static const a0__page_value values[] = {
        { "name", { "<b>\"&'", 6 } },
        { "raw", { "<i>", 3 } },
        { "empty", { "", 0 } },
        { NULL, { NULL, 0 } },
    };
    A0_AUTO(a0__buf) out = A0__BUF_INIT(256);

    (void)state;
    a0__template_fill(A0__LIT("{{name}}|{{{raw}}}|{{?empty}}no{{/empty}}"
                              "{{?raw}}yes{{/raw}}|{{nothing}}."),
                      values, &out);
    assert_text(a0__buf_view(&out), "&lt;b&gt;&quot;&amp;&#39;|<i>|yes|.");
}

static void
template_with_an_open_tag_ends(void **state)
{
    static const a0__page_value values[] = { { NULL, { NULL, 0 } } };
    static const char *const odd[] = { "{{", "{{x", "{{?x}}y", "{{{x}}", "a{{}}b" };

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        A0_AUTO(a0__buf) out = A0__BUF_INIT(256);

        a0__template_fill(a0__text_of(odd[i]), values, &out);
    }
}

/* ---- in this process ---- */

static void
count_person(void *self, const a0__tenant_person *person)
{
    assert_non_null(person->name);
    ++*(int *)self;
}

static void
tenant_starts_lists_its_people_and_stops(void **state)
{
    a0__tenant_options options = { .port = 0 };
    a0__tenant *tenant = NULL;
    a0_error *err = NULL;
    int people = 0;

    (void)state;
    assert_ok(a0__tenant_start(&options, &tenant, &err), err);
    assert_true(a0__tenant_port(tenant) > 0);
    assert_true(a0__tenant_is_loopback(tenant));
    assert_null(a0__tenant_ca_file(tenant));
    a0__tenant_each_person(tenant, count_person, &people);
    assert_int_equal(people, 7);
    a0__tenant_stop(tenant);
}

static void
tenant_says_what_is_wrong_with_a_seed(void **state)
{
    a0__tenant_options options = { .seed_json = "{\"users\":{}}" };
    a0__tenant *tenant = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_fails(a0__tenant_start(&options, &tenant, &err), &err, config_invalid);
    assert_null(tenant);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_without_rotation_stays_good),
        cmocka_unit_test(unused_token_is_rotated),
        cmocka_unit_test(used_token_is_theft_without_an_overlap),
        cmocka_unit_test(overlap_ends_after_its_last_second),
        cmocka_unit_test(overlap_is_for_the_immediately_previous_token_alone),
        cmocka_unit_test(callback_is_compared_byte_for_byte),
        cmocka_unit_test(star_is_one_label_and_nothing_else),
        cmocka_unit_test(logout_url_is_compared_without_query_and_fragment),
        cmocka_unit_test(record_comes_back_as_it_was_written),
        cmocka_unit_test(record_with_an_unknown_or_mistyped_member_is_refused_by_name),
        cmocka_unit_test(secrets_are_written_only_when_asked_for),
        cmocka_unit_test(table_finds_in_any_order_and_lists_in_the_order_of_arrival),
        cmocka_unit_test(fault_edits_as_often_as_it_says),
        cmocka_unit_test(fault_is_taken_once_unless_it_describes_the_tenant),
        cmocka_unit_test(template_escapes_what_it_fills_in),
        cmocka_unit_test(template_with_an_open_tag_ends),
        cmocka_unit_test(tenant_starts_lists_its_people_and_stops),
        cmocka_unit_test(tenant_says_what_is_wrong_with_a_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
