"""docs/django-api.md, made from the docstrings of python/auth0_oauth_client, which is read and
not run."""

import ast
import inspect
import re

HEAD = """# The Django app: reference

Made from the docstrings (`scripts/check --write`). [django.md](django.md) is the guide,
[settings.md](settings.md) lists the settings, [errors.md](errors.md) every id.

"""

# Page by page: title, module, what of it (None: everything public).
PARTS = [
    ("The client", "client", ["DjangoAuthClient"]),
    ("Decorators", "decorators", None),
    ("Middleware", "middleware", ["RequestAuth0", "Auth0Middleware"]),
    ("Backend", "backends", ["Auth0Backend"]),
    ("Views", "views", ["login", "callback", "logout", "me", "connect", "connected_accounts", "connections",
                        "connected_account", "link", "link_confirm", "link_cancel", "backchannel_logout",
                        "health"]),
    ("Template tags", "templatetags/auth0", None),
    ("Asking for a connection", "asking", None),
    ("Models", "models", ["AccountLinking", "ConnectedAccount", "AccountToken", "LocalIdentity"]),
    ("Signals", "signals", None),
    ("Errors", "errors", None),
    ("Types", "typing", None),
    ("Testing", "testing", ["ScriptedTenant"]),
    ("Health", "health", None),
]


def _signature(node):
    """As it is called: without self, and a decorator's view."""
    arguments = re.sub(r"^self(, )?", "", ast.unparse(node.args))
    return f"{node.name}({arguments})"


def _text(node):
    """A docstring in Markdown: roles become code, sections bold, lists of arguments lists."""
    text = inspect.cleandoc(ast.get_docstring(node) or "")
    text = re.sub(r":\w+:`\.?([^`]+)`", lambda match: f"`{match.group(1)}`", text)
    text = text.replace("``", "`")
    lines, in_section = [], False
    for line in text.splitlines():
        if re.fullmatch(r"(Args|Returns|Raises|Attributes):", line):
            lines += ["", f"**{line[:-1]}**", ""]
            in_section = True
        elif in_section and re.match(r"    \S", line):
            lines.append(re.sub(r"^    ([\w, ]+)( \(.*?\))?: ", r"- `\1`\2: ", line)
                         if re.match(r"    [\w, *]+( \(.*?\))?: ", line) else line.strip())
        else:
            lines.append(re.sub(r"^ {8}", "  ", line) if in_section else line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_public(node):
    return isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")


def _class(node):
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    yield f"### class {node.name}" + (f"({bases})" if bases else "")
    yield _text(node)
    for member in node.body:
        if _is_public(member) and ast.get_docstring(member):
            yield f"#### {_signature(member)}"
            yield _text(member)


def _signals(source):
    """A signal and the comment above it, which names what it sends."""
    for comment, name in re.findall(r"((?:^#.*\n)+)(\w+) = Signal\(\)", source, re.M):
        yield f"### {name}"
        yield "Sends " + " ".join(line.lstrip("# ") for line in comment.splitlines())


def reference(root):
    """The text of the page."""
    blocks = []
    for title, module, names in PARTS:
        source = (root / f"python/auth0_oauth_client/{module}.py").read_text()
        tree = ast.parse(source)
        blocks += [f"## {title}", f"`auth0_oauth_client.{module.replace('/', '.')}`"]
        if names is None and ast.get_docstring(tree):
            blocks.append(_text(tree))
        for node in tree.body:
            if not _is_public(node) or not ast.get_docstring(node) or (names and node.name not in names):
                continue
            if isinstance(node, ast.ClassDef):
                blocks += _class(node)
            else:
                blocks += [f"### {_signature(node)}", _text(node)]
        if module == "signals":
            blocks += _signals(source)
    return HEAD + "\n\n".join(block for block in blocks if block) + "\n"
