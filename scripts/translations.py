"""The texts of the Django app in other languages: every text of the source has one in each
LANGUAGE.po, no more are there, and the .mo beside it is made from it. Nothing of gettext is
needed, neither here nor where the app runs."""

import ast
import re
import struct

PACKAGE = "python/auth0_oauth_client"
LANGUAGES = ("de", "es", "pt")
NAMES = {"_", "gettext", "gettext_lazy"}


def _in_python(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
            yield node.args[0].value


def _in_template(path):
    text = path.read_text()
    yield from re.findall(r'\{% translate "([^"]+)" %\}', text)
    for block in re.findall(r"\{% blocktranslate[^%]*%\}(.*?)\{% endblocktranslate %\}", text, re.S):
        yield re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block)


def texts(root):
    """Every text of the source, with the file that it is in first."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        if "migrations" not in path.parts:
            for text in _in_python(path):
                found.setdefault(text, path.relative_to(root / PACKAGE))
    for path in sorted((root / PACKAGE / "templates").rglob("*.html")):
        for text in _in_template(path):
            found.setdefault(text, path.relative_to(root / PACKAGE))
    return found


def _read(path):
    """The pairs of a .po whose texts stand on one line each."""
    pairs = re.findall(r'^msgid (".*")\nmsgstr (".*")$', path.read_text(), re.M)
    return {ast.literal_eval(one): ast.literal_eval(other) for one, other in pairs}


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _po(language, found, known):
    blocks = [f'# {PACKAGE.split("/")[-1]} in {language}: translate what is empty, then scripts/check --write.',
              f'msgid ""\nmsgstr {_quoted(_header(language))}\n']
    for text, place in found.items():
        blocks.append(f"#: {place}\nmsgid {_quoted(text)}\nmsgstr {_quoted(known.get(text, ''))}\n")
    return "\n".join(blocks)


def _header(language):
    return f"Content-Type: text/plain; charset=UTF-8\nLanguage: {language}\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def _mo(language, pairs):
    """The binary catalogue: sorted texts, with tables of their lengths and places."""
    pairs = sorted((one.encode(), other.encode()) for one, other in (pairs | {"": _header(language)}).items())
    count, start = len(pairs), 28
    tables, data = [], b""
    at = start + 16 * count
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), at + len(data)))
            data += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, start, start + 8 * count, 0, 0)
    return head + b"".join(tables) + data


def problems(root, write):
    """What is missing or old, one sentence each; --write puts new texts into the .po files,
    takes old ones out and makes the .mo files."""
    found, faults = texts(root), []
    for language in LANGUAGES:
        po = root / PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"
        mo = po.with_suffix(".mo")
        known = _read(po) if po.exists() else {}
        if write:
            po.parent.mkdir(parents=True, exist_ok=True)
            po.write_text(_po(language, found, known))
            known = _read(po)
            mo.write_bytes(_mo(language, {one: other for one, other in known.items() if one and other}))
        name = po.relative_to(root)
        for text in found:
            translated = known.get(text, "")
            if not translated:
                faults.append(f"{name}: nothing for {text!r}")
            elif sorted(re.findall(r"%\(\w+\)s", text)) != sorted(re.findall(r"%\(\w+\)s", translated)):
                faults.append(f"{name}: other placeholders for {text!r}")
        if set(known) - set(found) - {""}:
            faults.append(f"{name}: has texts that are no more; run scripts/check --write")
        wanted = _mo(language, {one: other for one, other in known.items() if one and other})
        if not mo.exists() or mo.read_bytes() != wanted:
            faults.append(f"{mo.relative_to(root)}: is not made from the .po; run scripts/check --write")
    return faults
