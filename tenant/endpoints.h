/* SPDX-License-Identifier: MIT */
/* The endpoints that are small enough to need no header of their own. */
#ifndef A0_TENANT_ENDPOINTS_H
#define A0_TENANT_ENDPOINTS_H

#include "exchange.h"

A0_MUST_USE a0_status a0__discovery(a0__exchange *x);       /* wire §2.1 */
A0_MUST_USE a0_status a0__jwks_endpoint(a0__exchange *x);   /* wire §2.2 */
A0_MUST_USE a0_status a0__par(a0__exchange *x);             /* wire §5 */
A0_MUST_USE a0_status a0__userinfo(a0__exchange *x);        /* wire §9 */
A0_MUST_USE a0_status a0__revoke_endpoint(a0__exchange *x); /* wire §10 */
A0_MUST_USE a0_status a0__logout_v2(a0__exchange *x);       /* wire §11.1 */
A0_MUST_USE a0_status a0__logout_oidc(a0__exchange *x);     /* wire §11.2 */
A0_MUST_USE a0_status a0__logout_confirmed(a0__exchange *x);

/* wire §21.4 */
A0_MUST_USE a0_status a0__mgmt_user_get(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_user_create(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_user_patch(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_user_delete(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_users_by_email(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_users_search(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_tokensets(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_tokenset_delete(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_connected_accounts(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_logs(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_user_logs(a0__exchange *x);

A0_MUST_USE a0_status a0__mgmt_client_get(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_client_connections(a0__exchange *x);

/* wire §22 */
A0_MUST_USE a0_status a0__mgmt_link(a0__exchange *x);
A0_MUST_USE a0_status a0__mgmt_unlink(a0__exchange *x);

/* whoever develops switches what is known of people */
A0_MUST_USE a0_status a0__people_page(a0__exchange *x);
A0_MUST_USE a0_status a0__person_page(a0__exchange *x);
A0_MUST_USE a0_status a0__person_submit(a0__exchange *x);

A0_MUST_USE a0_status a0__control(a0__exchange *x); /* everything under /_tenant/ */

#endif
