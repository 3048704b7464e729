/* SPDX-License-Identifier: MIT */
/*
 * Which APIs, and which of their scopes, an application may ask for in the name of a
 * person, and which as itself: the policies of the API, client grants of the right
 * subject_type (wire §19), and of the Management API nothing but one's own profile.
 */
#ifndef A0_TENANT_ACCESS_H
#define A0_TENANT_ACCESS_H

#include "core.h"

bool a0__access_is_management(const a0__tenant *tenant, const a0__api *api);

/* In the name of a person. */
bool a0__access_for_user(const a0__tenant *tenant, const a0__client *client,
                         const a0__api *api);
bool a0__access_has_scope(const a0__tenant *tenant, const a0__client *client,
                          const a0__api *api, a0__text scope);

/* As itself; NULL: the application may not. */
const a0__client_grant *a0__access_for_client(const a0__tenant *tenant,
                                              const a0__client *client,
                                              const a0__api *api);

#endif
