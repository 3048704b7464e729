/* SPDX-License-Identifier: MIT */
#include "server/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const unsigned char mapped_prefix[12] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255
};

static a0__address
address_of_ipv4(const void *four_bytes)
{
    a0__address address = { 0 };

    memcpy(address.bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(address.bytes + sizeof mapped_prefix, four_bytes, 4);
    return address;
}

a0__address
a0__address_of_socket(const struct sockaddr *socket_address)
{
    a0__address address = { 0 };

    if (socket_address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, socket_address, sizeof in);
        return address_of_ipv4(&in.sin_addr);
    }
    if (socket_address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, socket_address, sizeof in6);
        memcpy(address.bytes, &in6.sin6_addr, sizeof address.bytes);
        return address;
    }
    address.is_unix = true;
    return address;
}

bool
a0__address_parse(a0__text text, a0__address *out)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char four_bytes[4];
    a0__address address = { 0 };

    if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']') {
        text = a0__text_range(text.ptr + 1, text.len - 2);
    }
    if (text.len == 0 || text.len >= sizeof copy ||
        a0__text_contains_byte(text, '\0')) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, four_bytes) == 1) {
        *out = address_of_ipv4(four_bytes);
        return true;
    }
    if (inet_pton(AF_INET6, copy, address.bytes) == 1) {
        *out = address;
        return true;
    }
    return false;
}

bool
a0__address_is_ipv4(const a0__address *address)
{
    return !address->is_unix &&
           memcmp(address->bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

void
a0__address_write(const a0__address *address, a0__buf *out)
{
    char text[INET6_ADDRSTRLEN] = "unix";

    if (a0__address_is_ipv4(address)) {
        (void)inet_ntop(AF_INET, address->bytes + 12, text, sizeof text);
    } else if (!address->is_unix) {
        (void)inet_ntop(AF_INET6, address->bytes, text, sizeof text);
    }
    a0__buf_string(out, text);
}

bool
a0__address_is_loopback(const a0__address *address)
{
    static const unsigned char ipv6_loopback[16] = { [15] = 1 };

    return a0__address_is_ipv4(address)
               ? address->bytes[12] == 127
               : memcmp(address->bytes, ipv6_loopback, sizeof ipv6_loopback) == 0;
}

static bool
has_equal_prefix(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    size_t whole = bits / 8;
    unsigned char mask = (unsigned char)(0xff00U >> bits % 8);

    return memcmp(a, b, whole) == 0 &&
           (bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

static bool
has_host_bits(const a0__network *network)
{
    for (unsigned bit = network->prefix_bits; bit < 128; bit++) {
        if ((network->address.bytes[bit / 8] & 0x80U >> bit % 8) != 0) {
            return true;
        }
    }
    return false;
}

bool
a0__network_parse(a0__text text, a0__network *out)
{
    a0__text address = A0__NO_TEXT;
    a0__text rest = text;
    a0__network network = { .prefix_bits = 128 };
    uint64_t bits = 0;

    (void)a0__text_next(&rest, '/', &address);
    if (!a0__address_parse(address, &network.address)) {
        return false;
    }
    if (rest.ptr != NULL) {
        bool is_ipv4 = a0__address_is_ipv4(&network.address);

        if (!a0__parse_u64(rest, is_ipv4 ? 32 : 128, &bits)) {
            return false;
        }
        network.prefix_bits = (unsigned)bits + (is_ipv4 ? 96 : 0);
    }
    if (has_host_bits(&network)) {
        return false;
    }
    *out = network;
    return true;
}

bool
a0__network_contains(const a0__network *network, const a0__address *address)
{
    return !address->is_unix && has_equal_prefix(network->address.bytes, address->bytes,
                                                 network->prefix_bits);
}

uint64_t
a0__address_bucket(const a0__address *address)
{
    uint64_t bucket = 0;
    const unsigned char *from =
        a0__address_is_ipv4(address) ? address->bytes + 8 : address->bytes;

    memcpy(&bucket, from, sizeof bucket);
    return bucket;
}
