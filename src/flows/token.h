/* SPDX-License-Identifier: MIT */
/* Access tokens as they are handed out. */
#ifndef A0_FLOWS_TOKEN_H
#define A0_FLOWS_TOKEN_H

#include <a0/token.h>

#include "session/session_record.h"

/* A copy of a kept token for a caller. */
A0_MUST_USE a0_status a0__token_new(const a0__kept_token *kept, a0_token **out_token,
                                    a0_error **err);

#endif
