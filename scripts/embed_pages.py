#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes C text constants of files: embed_pages.py PREFIX OUT.c OUT.h FILE...

A style sheet that a page names without a folder is put into the page: for pages that may
load nothing."""
import pathlib
import re
import sys


def constant(prefix, path):
    name = path.stem if path.suffix == ".html" else path.name.replace(".", "_")
    return prefix + {"error": "error_page"}.get(name, name)


def content(path):
    """The page with its own style sheets in it."""
    if path.suffix != ".html":
        return path.read_bytes()
    return re.sub(
        rb'<link rel="stylesheet" href="([\w.]+)">',
        lambda m: b"<style>\n%s</style>" % (path.parent / m[1].decode()).read_bytes(),
        path.read_bytes(),
    )


def characters(data):
    """A list: string constants may not be longer than 4095 bytes."""
    each = ["'\\x%02x'" % byte for byte in data]
    lines = [", ".join(each[i : i + 12]) for i in range(0, len(each), 12)]
    return ",\n    ".join(lines)


def main():
    prefix, out_c, out_h, *files = sys.argv[1:]
    paths = [pathlib.Path(name) for name in files]
    head = ["/* Made by embed_pages.py. */", "#pragma once", '#include "base/text.h"']
    body = ["/* Made by embed_pages.py. */", '#include "page_files.h"']
    for path in paths:
        name = constant(prefix, path)
        head.append("extern const a0__text %s;" % name)
        body.append(
            "static const char %s_bytes[] = {\n    %s\n};"
            % (name, characters(content(path)))
        )
        body.append(
            "const a0__text %s = { %s_bytes, sizeof %s_bytes };"
            % (name, name, name)
        )
    pathlib.Path(out_h).write_text("\n".join(head) + "\n", encoding="utf-8")
    pathlib.Path(out_c).write_text("\n".join(body) + "\n", encoding="utf-8")


main()
