/* SPDX-License-Identifier: MIT */
#include "flows/link_names.h"

static const char *
configured(const a0__pairs *names, a0__text provider)
{
    for (size_t i = 0; i < names->len; i++) {
        if (a0__text_is(provider, names->items[i].name)) {
            return names->items[i].value;
        }
    }
    return NULL;
}

static const char *
built_in(a0__text provider)
{
    static const struct {
        const char *provider;
        const char *name;
    } names[] = {
        { "auth0", "E-mail and password" },
        { "google-oauth2", "Google" },
        { "facebook", "Facebook" },
        { "apple", "Apple" },
        { "github", "GitHub" },
        { "windowslive", "Microsoft" },
        { "waad", "Microsoft Entra ID" },
        { "linkedin", "LinkedIn" },
        { "twitter", "X" },
        { "bitbucket", "Bitbucket" },
        { "slack", "Slack" },
        { "spotify", "Spotify" },
        { "salesforce", "Salesforce" },
        { "dropbox", "Dropbox" },
        { "google-apps", "Google Workspace" },
        { "email", "Code by e-mail" },
        { "sms", "Code by text message" },
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (a0__text_is(provider, names[i].provider)) {
            return names[i].name;
        }
    }
    return NULL;
}

const char *
a0__link_friendly_name(const a0__settings *settings, const a0__link_identity *identity)
{
    const a0__pairs *names = &settings->provider_friendly_names;
    const char *name = configured(names, identity->connection);

    name = name != NULL ? name : configured(names, identity->provider);
    name = name != NULL ? name : built_in(identity->provider);
    return name != NULL ? name : identity->connection.ptr;
}
