/* SPDX-License-Identifier: MIT */
/* The first page: what this is, and who can sign in. */
#include "login.h"
#include "page_files.h"
#include "pages.h"
#include "people.h"

enum {
    PEOPLE_MAX = 50,
    PEOPLE_BYTES_MAX = 256 * 1024
};

/* What the default seed gives everybody; said only where it is true. */
static const char known_password[] = "local-password";

static void
write_person(const a0__user *user, a0__buf *out)
{
    bool has_email = *user->email != '\0';
    bool knows = *user->password_hash != '\0' &&
                 a0__user_password_is(user, a0__text_of(known_password));

    a0__template_fill(
        a0__page_home_person,
        (const a0__page_value[]){
            { "name", a0__text_of(user->name) },
            { "email", has_email ? a0__text_of(user->email) : A0__LIT("no e-mail") },
            { "unverified",
              has_email && !user->email_verified ? A0__LIT("yes") : A0__NO_TEXT },
            { "connection", a0__text_of(user->connection) },
            { "password", knows ? a0__text_of(known_password) : A0__LIT("—") },
            { NULL, A0__NO_TEXT } },
        out);
}

a0_status
a0__home_page(a0__exchange *x)
{
    A0_AUTO(a0__buf) people = A0__BUF_INIT(PEOPLE_BYTES_MAX);
    a0__user *user = a0__table_first(&x->tenant->tables[A0__USERS]);

    for (int i = 0; user != NULL && i < PEOPLE_MAX; i++) {
        write_person(user, &people);
        user = a0__table_next(user);
    }
    a0__page_show(x, 200, "Local tenant", a0__page_home,
                  (const a0__page_value[]){ { "theme", A0__LIT("wide") },
                                            { "people", a0__buf_view(&people) },
                                            { NULL, A0__NO_TEXT } });
    return A0_OK;
}
