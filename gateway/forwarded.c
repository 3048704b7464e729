/* SPDX-License-Identifier: MIT */
#include "forwarded.h"

enum {
    HOPS_MAX = 32
};

bool
gateway_networks_contain(const gateway_networks *networks, const a0__address *address)
{
    for (size_t i = 0; i < networks->len; i++) {
        if (a0__network_contains(&networks->items[i], address)) {
            return true;
        }
    }
    return false;
}

bool
gateway_peer_is_trusted(const gateway_networks *trusted, const a0__web_request *request)
{
    return request->peer.is_unix || gateway_networks_contain(trusted, &request->peer);
}

/* Takes the last element off a comma list. */
static bool
take_last(a0__text *list, a0__text *out_last)
{
    if (list->ptr == NULL) {
        return false;
    }
    for (size_t i = list->len; i > 0; i--) {
        if (list->ptr[i - 1] == ',') {
            *out_last = a0__text_trim(a0__text_from(*list, i));
            list->len = i - 1;
            return true;
        }
    }
    *out_last = a0__text_trim(*list);
    *list = A0__NO_TEXT;
    return true;
}

a0__address
gateway_client_address(const gateway_networks *trusted, const a0__web_request *request)
{
    a0__address client = request->peer;
    size_t hops = 0;

    if (!gateway_peer_is_trusted(trusted, request)) {
        return client;
    }
    /* Several header lines are one list, the later line to the right. */
    for (size_t i = request->headers_len; i > 0; i--) {
        a0__text list = request->headers[i - 1].value;
        a0__text hop = A0__NO_TEXT;

        if (!a0__text_equal_ignoring_case(request->headers[i - 1].name,
                                          A0__LIT("x-forwarded-for"))) {
            continue;
        }
        while (take_last(&list, &hop)) {
            hops++;
            if (hops > HOPS_MAX || !a0__address_parse(hop, &client) ||
                !gateway_networks_contain(trusted, &client)) {
                return client;
            }
        }
    }
    return client;
}

a0__text
gateway_forwarded_uri(const gateway_networks *trusted, const a0__web_request *request)
{
    size_t count = 0;
    a0__text uri = a0__web_header_get(request, "x-forwarded-uri", &count);

    return count == 1 && gateway_peer_is_trusted(trusted, request) ? uri : A0__NO_TEXT;
}
