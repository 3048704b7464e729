/* SPDX-License-Identifier: MIT */
/* How people call a provider. */
#ifndef A0_FLOWS_LINK_NAMES_H
#define A0_FLOWS_LINK_NAMES_H

#include "config/settings.h"
#include "link/profile.h"

/* The configured name of the connection or its strategy, else the built-in one, else
 * what Auth0 calls it; never NULL. Lives as long as both arguments. */
const char *a0__link_friendly_name(const a0__settings *settings,
                                   const a0__link_identity *identity);

#endif
