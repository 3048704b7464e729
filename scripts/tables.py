"""The parts of documents that are made from the tables of the source."""

import re

import python_api
import python_stub
import translations


def rows_of(path, prefix=r"X\("):
    """The arguments of every X(...) line, C strings decoded."""
    rows = []
    for line in path.read_text().splitlines():
        if not re.match(prefix, line):
            continue
        inner = line[line.index("(") + 1:line.rindex(")")]
        fields = re.findall(r'"((?:\\.|[^"\\])*)"|([^,"\s][^,"]*)', inner)
        rows.append([a.replace('\\"', '"') if b == "" else b.strip() for a, b in fields])
    return rows


TYPE_NAMES = {
    "STRING": "string", "SECRET": "secret", "BOOL": "bool", "SECONDS": "seconds",
    "NUMBER": "number", "LIST": "list", "SECRETS": "list of secrets", "OBJECT": "object",
    "STRING_OR_LIST": "string or list",
}


def settings_table(root):
    lines = ["| name | type | default | meaning |", "|---|---|---|---|"]
    for row in rows_of(root / "src/config/table.def"):
        name, kind, needed, default, low, high, choices = row[:7]
        text = row[-1]
        if kind in ("SECONDS", "NUMBER"):
            text += f" From {low} to {high}."
        elif choices != "NULL":
            text += " One of " + ", ".join(f"`{c}`" for c in choices.split("|")) + "."
            text = text.replace("One of", "Out of", 1) if kind == "LIST" else text
            text = text[:-1] + ", or a list." if kind == "STRING_OR_LIST" else text
        shown = "**required**" if needed == "REQUIRED" else f"`{default}`" if default else "none"
        lines.append(f"| `{name}` | {TYPE_NAMES[kind]} | {shown} | {text} |")
    return lines


def errors_table(root):
    lines = ["| id | code | status | HTTP | what happened and what to do |", "|---|---|---|---|---|"]
    for name, code, kind, status, http, sentence in rows_of(root / "src/base/errors.def"):
        code = "the id" if code == "NULL" else f"`{code}`"
        text = sentence[0].upper() + sentence[1:] + "."
        lines.append(f"| `{name}` | {code} | `A0_{status}` | {http} | {text} |")
    return lines


def gateway_table(root):
    """The rows of gateway/settings.c: { "name", "type", "default", "text" }."""
    source = (root / "gateway/settings.c").read_text()
    body = source[source.index("a0_setting rows[] = {"):]
    body = body[:body.index("\n};")]
    lines = ["| name | type | default | meaning |", "|---|---|---|---|"]
    for row in re.findall(r"\{ (\".*?\") \}", body, re.S):
        # Adjacent literals are one text, as in C.
        row = re.sub(r'"\s*\n\s*"', "", row)
        name, kind, default, text = re.findall(r'"((?:\\.|[^"\\])*)"', row)
        default = default.replace('\\"', '"')
        text = text.replace('\\"', '"')
        lines.append(f"| `{name}` | {kind} | {f'`{default}`' if default else 'none'} | {text} |")
    return lines


# The document, and what makes the table in it.
DOCUMENTS = {
    "docs/settings.md": settings_table,
    "docs/errors.md": errors_table,
    "docs/gateway.md": gateway_table,
}


# Files that are made as a whole.
WHOLE = {
    "docs/django-api.md": python_api.reference,
    "python/auth0_oauth_client/client.pyi": lambda root: python_stub.stub(),
}


def problems(root, write):
    found = translations.problems(root, write)
    for name, make in WHOLE.items():
        path = root / name
        wanted = make(root)
        if write:
            path.write_text(wanted)
        elif not path.exists() or path.read_text() != wanted:
            found.append(f"{name}: does not follow the source; run scripts/check --write")
    for name, make in DOCUMENTS.items():
        path = root / name
        if not path.exists():
            found.append(f"{name}: is missing")
            continue
        text = path.read_text()
        table = "\n".join(make(root)) + "\n"
        pattern = re.compile(r"(<!-- made by scripts/check --write -->\n).*?(<!-- end -->)", re.S)
        wanted = pattern.sub(lambda m: m.group(1) + table + m.group(2), text)
        if wanted == text:
            continue
        if write:
            path.write_text(wanted)
        else:
            found.append(f"{name}: does not follow its table; run scripts/check --write")
    return found
