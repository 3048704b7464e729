/* SPDX-License-Identifier: MIT */
/* The parts of a0__id_token_verify that stand in files of their own. */
#ifndef A0_OIDC_INTERNAL_H
#define A0_OIDC_INTERNAL_H

#include "oidc/id_token.h"

/* Back-Channel Logout 1.0 §2.4: what makes a token a logout token. */
#define A0__LOGOUT_EVENT "http://schemas.openid.net/event/backchannel-logout"

/* §3.1.3.7 step 3. Errors: idt_aud_mismatch. */
A0_MUST_USE a0_status a0__id_token_check_aud(const a0__json *claims,
                                             const a0__settings *settings,
                                             a0_error **err);

/* A time that must be there. Errors: idt_claim_invalid, idt_time_range. */
A0_MUST_USE a0_status a0__id_token_time(const a0__json *claims, const char *name,
                                        int64_t *out, a0_error **err);

/* §3.1.3.6, §3.3.2.11. Errors: idt_hash_mismatch. */
A0_MUST_USE a0_status a0__id_token_check_hashes(const a0__json *claims,
                                                const a0__id_token_expected *expected,
                                                a0__text id_token, a0_error **err);

/* §12.2; `original` may be NULL. Errors: refresh_identity_mismatch [RFR-07]. */
A0_MUST_USE a0_status a0__id_token_check_original(const a0__json *claims,
                                                  const a0__claims *original,
                                                  a0_error **err);

#endif
