# SPDX-License-Identifier: MIT
"""Tokens signed by PyJWT, whole and damaged: the same verdict there and here."""

import base64
import json
import os
import pathlib
import random
import subprocess

import pytest

jwt = pytest.importorskip("jwt")
pytest.importorskip("cryptography")
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402
from cryptography.hazmat.primitives.serialization import (  # noqa: E402
    Encoding,
    PublicFormat,
)

BUILD = pathlib.Path(
    os.environ.get("BUILD", pathlib.Path(__file__).parents[2] / "build")
)
VERIFY = BUILD / "tests" / "integration" / "jose_verify"
pytestmark = pytest.mark.skipif(not VERIFY.exists(), reason=f"{VERIFY} is not built")


def b64(number, size):
    return base64.urlsafe_b64encode(number.to_bytes(size, "big")).rstrip(b"=").decode()


def rsa_key(alg):
    key = rsa.generate_private_key(65537, 2048)
    n = key.public_key().public_numbers()
    return key, {"kty": "RSA", "n": b64(n.n, 256), "e": b64(n.e, 3), "alg": alg}


def ec_key(curve, crv, size, alg):
    key = ec.generate_private_key(curve)
    n = key.public_key().public_numbers()
    return key, {"kty": "EC", "crv": crv, "x": b64(n.x, size), "y": b64(n.y, size), "alg": alg}


def ed_key():
    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return key, {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA",
                 "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}


MAKERS = {
    "RS256": lambda: rsa_key("RS256"),
    "RS384": lambda: rsa_key("RS384"),
    "PS256": lambda: rsa_key("PS256"),
    "ES256": lambda: ec_key(ec.SECP256R1(), "P-256", 32, "ES256"),
    "ES384": lambda: ec_key(ec.SECP384R1(), "P-384", 48, "ES384"),
    "EdDSA": ed_key,
}


def damaged(token, chance):
    """The token with one character replaced by another of the alphabet."""
    at = chance.randrange(len(token))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    return token[:at] + chance.choice(letters) + token[at + 1:]


def theirs(token, key, alg):
    try:
        jwt.decode(token, key.public_key(), algorithms=[alg], options={"verify_aud": False})
    except jwt.PyJWTError:
        return False
    return True


@pytest.mark.parametrize("alg", sorted(MAKERS))
def test_verdicts_agree_with_pyjwt(alg):
    key, jwk = MAKERS[alg]()
    chance = random.Random(alg)
    whole = jwt.encode({"sub": "auth0|1", "n": 1}, key, algorithm=alg)
    tokens = [whole] + [damaged(whole, chance) for _ in range(150)]
    lines = "".join(f"{json.dumps({'keys': [jwk]})}\t{alg}\t{t}\n" for t in tokens)
    run = subprocess.run([VERIFY], input=lines, capture_output=True, text=True, check=True, timeout=60)
    verdicts = run.stdout.split("\n")[:-1]
    assert verdicts[0] == "ok"
    for token, verdict in zip(tokens, verdicts, strict=True):
        if theirs(token, key, alg):
            # PyJWT forgives spare bits in base64url; we do not.
            assert verdict in ("ok", "jwt_malformed"), (token, verdict)
        else:
            assert verdict != "ok", token
