/* SPDX-License-Identifier: MIT */
/*
 * A complete sign-in from a terminal. The settings come from the environment:
 *
 *     export A0_AUTH0_DOMAIN=… A0_CLIENT_ID=… A0_CLIENT_SECRET=…
 *     export A0_CONNECTIONS_FOR_ACCOUNT_LINKING='[]'
 *     ./sign_in http://localhost:3000/callback
 *
 * Open the address it prints, sign in, and paste the address the browser ends up at.
 * A web application does the same in two requests: the first half redirects, the second
 * is what the callback address does, with a0_session_id in a cookie in between.
 */
#include <a0/a0.h>

#include <stdio.h>
#include <string.h>

extern char **environ;

/* Says what went wrong and what to do about it. */
static int
complain(a0_error *err)
{
    fprintf(stderr, "%s: %s\n", a0_error_id(err), a0_error_message(err));
    a0_error_free(err);
    return 1;
}

int
main(int argc, char **argv)
{
    const char *redirect_uri = argc > 1 ? argv[1] : "http://localhost:3000/callback";
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_session *session = NULL;
    a0_login *login = NULL;
    a0_error *err = NULL;
    const char *url = NULL;
    char callback_url[8192] = "";

    if (a0_config_new(&config, &err) != A0_OK ||
        a0_config_read_environment(config, (const char *const *)environ, &err) !=
            A0_OK ||
        a0_client_new(config, NULL, &client, &err) != A0_OK ||
        a0_session_open(client, NULL, &session, &err) != A0_OK ||
        a0_login_start(session, redirect_uri, NULL, &url, &err) != A0_OK) {
        return complain(err);
    }
    printf("Open this address and sign in:\n\n%s\n\n"
           "Then paste the address you came back to:\n",
           url);
    fflush(stdout);
    if (fgets(callback_url, sizeof callback_url, stdin) == NULL) {
        return 1;
    }
    callback_url[strcspn(callback_url, "\r\n")] = '\0';
    if (a0_login_complete(session, callback_url, NULL, &login, &err) != A0_OK) {
        return complain(err);
    }
    printf("Hello %s, you are %s.\n", a0_session_claim(session, "name"),
           a0_session_user_id(session));

    a0_login_free(login);
    a0_session_free(session);
    a0_client_free(client);
    a0_config_free(config);
    return 0;
}
