/* SPDX-License-Identifier: MIT */
/* Everything of liba0: an Auth0 client. */
#ifndef A0_A0_H
#define A0_A0_H

#include <a0/client.h>
#include <a0/config.h>
#include <a0/connect.h>
#include <a0/doctor.h>
#include <a0/error.h>
#include <a0/link.h>
#include <a0/login.h>
#include <a0/ping.h>
#include <a0/session.h>
#include <a0/token.h>
#include <a0/user.h>
#include <a0/vault.h>
#include <a0/version.h>

#endif
