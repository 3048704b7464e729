/* SPDX-License-Identifier: MIT */
/*
 * Who the client is when the peer is a proxy that we trust. Forwarded headers choose
 * the bucket of a rate limit and a return target; they never grant anything. [GW-03]
 */
#ifndef A0_GATEWAY_FORWARDED_H
#define A0_GATEWAY_FORWARDED_H

#include "server/request.h"

typedef struct gateway_networks {
    a0__network *items;
    size_t len;
} gateway_networks;

bool gateway_networks_contain(const gateway_networks *networks,
                              const a0__address *address);

/* A peer on a Unix socket is our own proxy. */
bool gateway_peer_is_trusted(const gateway_networks *trusted,
                             const a0__web_request *request);

/*
 * From the right, the first hop of X-Forwarded-For that is no trusted proxy; the peer
 * when the peer is not trusted, and the last hop that made sense when one does not.
 */
a0__address gateway_client_address(const gateway_networks *trusted,
                                   const a0__web_request *request);

/* X-Forwarded-Uri of a trusted peer: what the browser asked for; A0__NO_TEXT else. */
a0__text gateway_forwarded_uri(const gateway_networks *trusted,
                               const a0__web_request *request);

#endif
