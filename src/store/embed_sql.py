# SPDX-License-Identifier: MIT
"""Turns numbered .sql files into a C array of texts: embed_sql.py OUT IN..."""

import pathlib
import sys


def literal(line):
    escaped = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'    "{escaped}\\n"'


def main(out, *migrations):
    texts = []
    for number, name in enumerate(sorted(migrations), 1):
        path = pathlib.Path(name)
        if int(path.name.split("_")[0]) != number:
            sys.exit(f"{path.name}: migrations are numbered without gaps")
        lines = path.read_text(encoding="ascii").splitlines()
        texts.append("\n".join(literal(line) for line in lines))
    pathlib.Path(out).write_text(
        '#include "store/sqlite.h"\n\n'
        "const char *const a0__sqlite_migrations[] = {\n"
        + ",\n".join(texts)
        + "\n};\n"
        f"const int a0__sqlite_migrations_len = {len(texts)};\n",
        encoding="ascii",
    )


main(*sys.argv[1:])
