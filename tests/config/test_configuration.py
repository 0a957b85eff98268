"""The table of configuration says what the code reads, with the default that the code has."""

import ast
import re

from apps.embedded.places import PROJECT

# Read where a process begins, before or beside the settings.
BESIDE = ("config/gunicorn.py", "config/telemetry.py", "apps/embedded/places.py")
BY_THE_PROCFILE = {"WORKER_CONCURRENCY"}


def documented():
    """Variable to the default that the table tells."""
    table = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \| (.*?) \|", table, re.MULTILINE))


def calls(path):
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]


def read_by_settings():
    """Variable to its default, None where there is none or it is worked out."""
    found = {}
    for call in calls("config/settings.py"):
        name = call.args[0]
        is_env = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "env"
        if is_env and isinstance(name, ast.Constant):
            try:
                default = ast.literal_eval(call.args[1])
            except (IndexError, ValueError):
                default = None
            found.setdefault(name.value, default)
    return found


def read_beside():
    names = set()
    for path in BESIDE:
        for call in calls(path):
            if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "os.environ.get":
                names.add(call.args[0].value)
    return names


def told(default):
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, list):
        return f"`{','.join(map(str, default))}`"
    return f"`{default}`"


def test_every_variable_that_is_read_is_in_the_table_and_no_other():
    assert set(documented()) == set(read_by_settings()) | read_beside() | BY_THE_PROCFILE


def test_the_table_tells_the_defaults_of_the_settings():
    table = documented()
    differing = {
        name: (table[name], told(default))
        for name, default in read_by_settings().items()
        if default not in (None, "", []) and table[name] != told(default)
    }
    assert differing == {}


def test_the_settings_are_found():
    assert {"DATABASE_URL", "SCAN_INTERVAL_HOURS", "METRICS_TOKEN"} <= set(read_by_settings())
    assert {"DATA_DIR", "PORT", "SENTRY_DSN"} <= read_beside()
