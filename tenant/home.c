/* SPDX-License-Identifier: MIT */
/* The first page: what this is, and who can sign in. */
#include "login.h"
#include "page_files.h"
#include "pages.h"
#include "people.h"

enum {
    PEOPLE_MAX = 50,
    MORE_MAX = 64,
    PEOPLE_BYTES_MAX = 256 * 1024
};

/* What the default seed gives everybody; said only where it is true. */
static const char known_password[] = "local-password";

static a0__tenant_person
person_of(const a0__user *user)
{
    bool knows = *user->password_hash != '\0' &&
                 a0__user_password_is(user, a0__text_of(known_password));

    return (a0__tenant_person){ .name = user->name,
                                .email = *user->email != '\0' ? user->email : NULL,
                                .email_verified = user->email_verified,
                                .connection = user->connection,
                                .password = knows ? known_password : NULL };
}

static void
write_person(const a0__tenant_person *person, a0__buf *out)
{
    bool has_email = person->email != NULL;

    a0__template_fill(
        a0__page_home_person,
        (const a0__page_value[]){
            { "name", a0__text_of(person->name) },
            { "email", a0__text_of(has_email ? person->email : "no e-mail") },
            { "unverified",
              has_email && !person->email_verified ? A0__LIT("yes") : A0__NO_TEXT },
            { "connection", a0__text_of(person->connection) },
            { "password",
              a0__text_of(person->password != NULL ? person->password : "—") },
            { "none", person->password == NULL ? A0__LIT("yes") : A0__NO_TEXT },
            { NULL, A0__NO_TEXT } },
        out);
}

void
a0__tenant_each_person(a0__tenant *tenant,
                       void (*each)(void *self, const a0__tenant_person *person),
                       void *self)
{
    a0__user *user = NULL;

    (void)pthread_mutex_lock(&tenant->mutex);
    user = a0__table_first(&tenant->tables[A0__USERS]);
    for (int i = 0; user != NULL && i < PEOPLE_MAX; i++) {
        a0__tenant_person person = person_of(user);

        each(self, &person);
        user = a0__table_next(user);
    }
    (void)pthread_mutex_unlock(&tenant->mutex);
}

a0_status
a0__home_page(a0__exchange *x)
{
    A0_AUTO(a0__buf) people = A0__BUF_INIT(PEOPLE_BYTES_MAX);
    A0_AUTO(a0__buf) more = A0__BUF_INIT(MORE_MAX);
    const a0__table *users = &x->tenant->tables[A0__USERS];
    a0__user *user = a0__table_first(users);

    for (int i = 0; user != NULL && i < PEOPLE_MAX; i++) {
        a0__tenant_person person = person_of(user);

        write_person(&person, &people);
        user = a0__table_next(user);
    }
    if (users->len > PEOPLE_MAX) {
        a0__buf_format(&more, "%d of %zu", PEOPLE_MAX, users->len);
    }
    a0__page_show(x, 200, "Local tenant", a0__page_home,
                  (const a0__page_value[]){ { "theme", A0__LIT("wide") },
                                            { "more", a0__buf_view(&more) },
                                            { "people", a0__buf_view(&people) },
                                            { NULL, A0__NO_TEXT } });
    return A0_OK;
}
