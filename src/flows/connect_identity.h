/* SPDX-License-Identifier: MIT */
/*
 * Whose account was connected (contract §1, connected accounts): the provider is asked
 * with a vault token that is fetched for this and not kept [CONN-12].
 */
#ifndef A0_FLOWS_CONNECT_IDENTITY_H
#define A0_FLOWS_CONNECT_IDENTITY_H

#include "flows/connect.h"

/* Puts subject and address into the record of an account that has just been completed.
 * Best effort: what fails is logged, and the identity stays unknown. */
void a0__connect_identity_find(a0_session *session, const a0__json *account);

#endif
