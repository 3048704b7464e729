/* SPDX-License-Identifier: MIT */
#include "log.h"

enum {
    EVENTS_KEPT = 1000
};

void
a0__log_connected(a0__tenant *tenant, const char *client_id,
                  const a0__connected_account *account)
{
    a0__table *table = &tenant->tables[A0__LOGS];
    a0__log *event = a0__row_new(table);

    a0__free(event->log_id);
    event->log_id = a0__tenant_new_id("");
    a0__free(event->date);
    event->date = a0__tenant_now_iso(tenant);
    a0__keep_in(&event->type, A0__LIT("connected_accounts_connection_succeeded"));
    a0__keep_in(&event->client_id, a0__text_of(client_id));
    a0__keep_in(&event->user_id, a0__text_of(account->user_id));
    a0__keep_in(&event->connection, a0__text_of(account->connection));
    a0__keep_in(&event->idp_user_id, a0__text_of(account->idp_user_id));
    a0__keep_in(&event->connected_account, a0__text_of(account->id));
    a0__table_put(table, event);
    if (table->len > EVENTS_KEPT) {
        a0__table_remove(table, table->first);
    }
}
