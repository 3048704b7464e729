/* SPDX-License-Identifier: MIT */
#include "link_stage.h"

#include <stdio.h>
#include <string.h>

#include "link_case.h"

void
link_stage_begin(link_stage *s, const char *settings)
{
    memset(s, 0, sizeof *s);
    world_init(&s->w, settings);
    s->w.tenant.management.users = &s->users;
}

void
link_stage_end(link_stage *s)
{
    a0_link_answer_free(s->answer);
    a0_session_free(s->session);
    world_clear(&s->w);
    fake_users_clear(&s->users);
}

fake_user *
link_stage_add_user(link_stage *s, const char *strategy, const char *connection,
                    const char *id, const char *email)
{
    char user_id[FAKE_USER_ID_MAX];

    (void)snprintf(user_id, sizeof user_id, "%s|%s", strategy, id);
    return fake_users_put(&s->users, LINK_USER_SINCE(user_id, connection, email, "true",
                                                     "2026-01-01T00:00:00.000Z"));
}

void
link_stage_sign_in(link_stage *s, const char *sub)
{
    a0_session_free(s->session);
    s->session = world_sign_in(&s->w, sub);
    a0_link_answer_free(s->answer);
    s->answer = NULL;
    assert_ok(a0_link_verify(s->session, &s->answer, &s->w.err), s->w.err);
}
