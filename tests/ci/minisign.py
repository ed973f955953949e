"""Signs and verifies as minisign does, where minisign is not installed: Ed25519 (RFC 8032) over the whole file.

minisign.py sign FILE COMMENT SEED    writes FILE.minisig, and prints the public key of a seed of 64 hexadecimal digits
minisign.py -VQm FILE -x SIGNATURE -P KEY    prints the trusted comment, or fails
"""

import base64
import hashlib
import sys

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME
KIND, KEY_ID = b"Ed", b"sophosct"


def add(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % PRIME
    b = (one[1] + one[0]) * (two[1] + two[0]) % PRIME
    c = 2 * one[3] * two[3] * CURVE % PRIME
    d = 2 * one[2] * two[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    if (x * x - square) % PRIME:
        raise ValueError("not a point of the curve")
    if x & 1 != sign:
        x = PRIME - x
    return (x, y, 1, x * y % PRIME)


def encoded(one):
    inverse = pow(one[2], -1, PRIME)
    x, y = one[0] * inverse % PRIME, one[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


def hashed(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER


def keys(seed):
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return secret, digest[32:], encoded(times(secret, BASE))


def signature(seed, message):
    secret, prefix, public = keys(seed)
    nonce = hashed(prefix, message)
    commitment = encoded(times(nonce, BASE))
    answer = (nonce + hashed(commitment, public, message) * secret) % ORDER
    return commitment + answer.to_bytes(32, "little")


def holds(public, message, signed):
    answer = int.from_bytes(signed[32:], "little")
    right = times(hashed(signed[:32], public, message), point(public))
    return answer < ORDER and encoded(times(answer, BASE)) == encoded(add(point(signed[:32]), right))


def sign(file, comment, seed):
    seed = bytes.fromhex(seed)
    with open(file, "rb") as opened:
        signed = signature(seed, opened.read())
    whole = signature(seed, signed + comment.encode())
    with open(f"{file}.minisig", "w", encoding="utf-8") as written:
        written.write("untrusted comment: signature\n")
        written.write(base64.b64encode(KIND + KEY_ID + signed).decode() + "\n")
        written.write(f"trusted comment: {comment}\n" + base64.b64encode(whole).decode() + "\n")
    print(base64.b64encode(KIND + KEY_ID + keys(seed)[2]).decode())


def verify(file, signature_file, key):
    key = base64.b64decode(key)
    with open(signature_file, encoding="utf-8") as opened:
        _, signed, comment, whole = opened.read().splitlines()
    signed, comment = base64.b64decode(signed), comment.removeprefix("trusted comment: ")
    with open(file, "rb") as opened:
        message = opened.read()
    right = signed[:10] == key[:10] and holds(key[10:], message, signed[10:])
    if not right or not holds(key[10:], signed[10:] + comment.encode(), base64.b64decode(whole)):
        sys.exit("Signature verification failed")
    print(comment)


match sys.argv[1:]:
    case ["sign", file, comment, seed]:
        sign(file, comment, seed)
    case ["-VQm", file, "-x", signature_file, "-P", key]:
        verify(file, signature_file, key)
    case _:
        sys.exit("usage")
