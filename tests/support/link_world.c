/* SPDX-License-Identifier: MIT */
#include "link_world.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "auth0/user.h"
#include "base/mem.h"

#define SETTINGS                                                                       \
    "\"audience\":\"https://api.example\",\"authorization_params\":{\"scope\":"        \
    "\"openid offline_access read:things\"}"

#define PRIMARY_PROFILE                                                                \
    "{\"user_id\":\"" LINK_PRIMARY "\",\"email\":\"" LINK_EMAIL "\","                  \
    "\"email_verified\":true,\"name\":\"Jo Emu\","                                     \
    "\"created_at\":\"2024-01-01T00:00:00.000Z\","                                     \
    "\"identities\":[{\"provider\":\"auth0\",\"connection\":\"db\","                   \
    "\"user_id\":\"66f0c0ffee1234567890abcd\"}],"                                      \
    "\"user_metadata\":{\"lang\":\"en\",\"tags\":[\"p\"],\"deep\":{\"a\":1}},"         \
    "\"app_metadata\":{\"plan\":\"free\"}}"

#define SECONDARY_PROFILE                                                              \
    "{\"user_id\":\"" LINK_SECONDARY "\",\"email\":\"" LINK_EMAIL "\","                \
    "\"email_verified\":true,\"name\":\"Jo Emu\","                                     \
    "\"created_at\":\"2024-02-01T00:00:00.000Z\","                                     \
    "\"identities\":[{\"provider\":\"google-oauth2\",\"connection\":"                  \
    "\"" LINK_CONNECTION "\",\"user_id\":\"104857600123456789012\"}],"                 \
    "\"user_metadata\":{\"lang\":\"de\",\"tags\":[\"s\"],\"deep\":{\"b\":2},"          \
    "\"theme\":\"dark\"},"                                                             \
    "\"app_metadata\":{\"plan\":\"gold\",\"seats\":5}}"

#define LINKED_PROFILE                                                                 \
    "{\"user_id\":\"" LINK_PRIMARY "\",\"email\":\"" LINK_EMAIL "\","                  \
    "\"email_verified\":true,\"name\":\"Jo Emu\","                                     \
    "\"identities\":[{\"provider\":\"auth0\",\"connection\":\"db\","                   \
    "\"user_id\":\"66f0c0ffee1234567890abcd\"},{\"provider\":\"google-oauth2\","       \
    "\"connection\":\"" LINK_CONNECTION "\",\"user_id\":\"104857600123456789012\"}],"  \
    "\"user_metadata\":{\"lang\":\"en\",\"tags\":[\"p\"],\"deep\":{\"a\":1}},"         \
    "\"app_metadata\":{\"plan\":\"free\"}}"

/* ---- the tenant ---- */

link_tenant *
link_tenant_new(void)
{
    link_tenant *tenant = mmap(NULL, sizeof *tenant, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t shared;

    assert_true(tenant != MAP_FAILED);
    assert_int_equal(pthread_mutexattr_init(&shared), 0);
    assert_int_equal(pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED), 0);
    assert_int_equal(pthread_mutex_init(&tenant->mutex, &shared), 0);
    (void)pthread_mutexattr_destroy(&shared);
    link_tenant_reset(tenant);
    return tenant;
}

void
link_tenant_free(link_tenant *tenant)
{
    (void)munmap(tenant, sizeof *tenant);
}

void
link_tenant_reset(link_tenant *tenant)
{
    fake_users_clear(&tenant->users);
    tenant->families = (fake_families){ .len = 0 };
    (void)fake_users_put(&tenant->users, PRIMARY_PROFILE);
    (void)fake_users_put(&tenant->users, SECONDARY_PROFILE);
}

static bool
has(link_tenant *tenant, const char *user_id, const char *text)
{
    const fake_user *user = fake_users_find(&tenant->users, user_id);

    return user != NULL && strstr(user->json, text) != NULL;
}

bool
link_tenant_is_linked(link_tenant *tenant)
{
    const fake_user *primary = fake_users_find(&tenant->users, LINK_PRIMARY);

    return fake_users_find(&tenant->users, LINK_SECONDARY) == NULL && primary != NULL &&
           fake_user_has(primary, LINK_SECONDARY);
}

bool
link_tenant_is_merged(link_tenant *tenant)
{
    return has(tenant, LINK_PRIMARY, "\"lang\":\"en\"") &&
           has(tenant, LINK_PRIMARY, "\"tags\":[\"s\",\"p\"]") &&
           has(tenant, LINK_PRIMARY, "\"theme\":\"dark\"") &&
           has(tenant, LINK_PRIMARY, "\"b\":2") &&
           has(tenant, LINK_PRIMARY, "\"plan\":\"free\"") &&
           has(tenant, LINK_PRIMARY, "\"seats\":5");
}

bool
link_tenant_is_untouched(link_tenant *tenant)
{
    return !link_tenant_is_linked(tenant) &&
           has(tenant, LINK_PRIMARY, "\"lang\":\"en\"") &&
           has(tenant, LINK_PRIMARY, "\"tags\":[\"p\"]") &&
           has(tenant, LINK_PRIMARY, "\"deep\":{\"a\":1}") &&
           has(tenant, LINK_PRIMARY, "\"plan\":\"free\"") &&
           !has(tenant, LINK_PRIMARY, "theme") && !has(tenant, LINK_PRIMARY, "seats") &&
           has(tenant, LINK_SECONDARY, "\"lang\":\"de\"") &&
           has(tenant, LINK_SECONDARY, "\"tags\":[\"s\"]") &&
           has(tenant, LINK_SECONDARY, "\"theme\":\"dark\"") &&
           has(tenant, LINK_SECONDARY, "\"plan\":\"gold\"") &&
           has(tenant, LINK_SECONDARY, "\"seats\":5");
}

void
link_tenant_link_behind_our_back(link_tenant *tenant)
{
    fake_user *secondary = fake_users_find(&tenant->users, LINK_SECONDARY);

    assert_non_null(secondary);
    secondary->user_id[0] = '\0';
    (void)fake_users_put(&tenant->users, LINKED_PROFILE);
}

/* ---- the world ---- */

void
link_world_init(link_world *l, const char *settings, const char *sqlite_path,
                link_tenant *tenant)
{
    char all[1024];
    bool is_whole = settings != NULL && settings[0] == '{';

    *l = (link_world){ .owns_tenant = tenant == NULL };
    l->tenant = tenant != NULL ? tenant : link_tenant_new();
    (void)snprintf(all, sizeof all, "%s%s%s", is_whole ? "" : SETTINGS,
                   settings != NULL && !is_whole ? "," : "",
                   settings != NULL ? settings : "");
    world_init_on(&l->w, all, sqlite_path);
    /* Processes that share a database do not draw the same. */
    l->w.random.seed += (uint64_t)getpid();
    l->w.tenant.management.users = &l->tenant->users;
    l->w.tenant.families = &l->tenant->families;
    l->w.tenant.between_processes = &l->tenant->mutex;
    l->w.tenant.rotation = true;
}

void
link_world_clear(link_world *l)
{
    a0_session_free(l->before);
    a0_session_free(l->session);
    a0__free(l->callback);
    world_clear(&l->w);
    if (l->owns_tenant) {
        link_tenant_free(l->tenant);
    }
}

a0_session *
link_world_sign_in(link_world *l, const char *identity)
{
    a0_session *session = world_session(&l->w, NULL);

    l->w.tenant.sub = identity;
    a0_login_free(world_login(&l->w, session));
    return session;
}

void
link_world_sign_in_both(link_world *l)
{
    l->before = link_world_sign_in(l, LINK_PRIMARY);
    l->session = link_world_sign_in(l, LINK_SECONDARY);
}

/* ---- linking ---- */

static a0_status
read_afresh(link_world *l, const char *user_id, a0_user **out, a0_error **err)
{
    const a0_user_get_options afresh = { .size = sizeof afresh, .afresh = true };

    return a0_user_get(l->w.client, user_id, &afresh, out, err);
}

a0_status
link_world_link(link_world *l, a0_session *session, a0__link_done *out)
{
    A0_AUTO(a0__user_ptr) primary = NULL;
    A0_AUTO(a0__user_ptr) secondary = NULL;
    A0_AUTO(a0__link_locks) locks = { .client = NULL };
    a0__link_plan plan = { .rule = 3,
                           .evidence = A0__LINK_BY_EMAIL,
                           .email = A0__LIT(LINK_EMAIL) };
    bool still_holds = false;

    *out = (a0__link_done){ .refused = NULL };
    A0_TRY(read_afresh(l, LINK_PRIMARY, &primary, &l->w.err));
    A0_TRY(read_afresh(l, LINK_SECONDARY, &secondary, &l->w.err));
    plan.primary = primary;
    plan.secondary = secondary;
    plan.read_at_ms = l->w.client->ports.clock->monotonic_ms(&l->w.clock);
    A0_TRY(a0__link_lock(l->w.client, &plan, &locks, &still_holds, &l->w.err));
    if (!still_holds) {
        out->refused = "state_changed";
        return A0_OK;
    }
    return a0__link_run(session, &plan, &locks, out, &l->w.err);
}

/* ---- what many tests begin with ---- */

link_world *
link_world_begin(const char *settings)
{
    static link_world l;

    link_world_init(&l, settings, NULL, NULL);
    link_world_sign_in_both(&l);
    return &l;
}

a0__link_done
link_world_link_both(link_world *l)
{
    a0__link_done done = { .refused = NULL };

    assert_ok(link_world_link(l, l->session, &done), l->w.err);
    return done;
}

bool
link_world_undo(link_world *l)
{
    a0_link_answer *answer = NULL;
    bool is_undone = false;

    assert_ok(a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2",
                           "104857600123456789012", &answer, &l->w.err),
              l->w.err);
    is_undone = strstr(a0_link_answer_json(answer), "\"undone\":true") != NULL;
    a0_link_answer_free(answer);
    return is_undone;
}

void
link_world_repair(link_world *l, const char *expected)
{
    a0_link_answer *answer = NULL;

    assert_ok(a0_link_repair(l->w.client, &answer, &l->w.err), l->w.err);
    assert_string_equal(a0_link_answer_json(answer), expected);
    a0_link_answer_free(answer);
}

void
link_world_sweep(link_world *l)
{
    test_clock_advance_s(&l->w.clock, 300);
    assert_ok(a0_client_sweep(l->w.client, &l->w.err), l->w.err);
}

/* ---- looking ---- */

size_t
link_world_rows(link_world *l, a0_record_kind kind, const char *user_id)
{
    return world_rows(&l->w, kind, A0_INDEX_USER_ID, user_id);
}

size_t
link_world_open(link_world *l)
{
    return world_rows(&l->w, A0_RECORD_LINK_JOURNAL, A0_INDEX_SID, "open");
}

size_t
link_world_links(link_world *l)
{
    return world_rows(&l->w, A0_RECORD_ACCOUNT_LINKING, A0_INDEX_SID, "all");
}
