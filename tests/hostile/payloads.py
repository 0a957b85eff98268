"""File contents that have stopped or fooled a parser somewhere: (name of the file, name of the trick) -> bytes."""

from __future__ import annotations

import base64
import json

DEEP = 100_000
LINE = 1_000_000
PLANTED = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"[:36]  # a key that must be masked wherever it is shown

YAML = {
    "aliases": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [" + f"*{chr(97 + n)}, " * 9 + "]\n" for n in range(20)),
    "merge keys": "b0: &b0 {x: 1}\n"
    + "".join(f"b{n}: &b{n}\n  <<: [" + f"*b{n - 1}, " * 9 + "]\n" for n in range(1, 30)),
    "itself": "a: &a [*a, *a]\nb: &b {c: *b}\n",
    "python object": "!!python/object/apply:os.system ['touch PWNED']\n---\n!!python/name:os.system\n",
    "deep flow": "[" * DEEP,
    "deep map": "{a: " * DEEP,
    "deep block": "".join("  " * n + "a:\n" for n in range(1000)),
    "long flow": "[" + "a, " * (LINE // 3) + "]",
    "unknown tags": "a: !x y\nb: !<tag:x> {c: d}\n? [complex, key]\n: v\n",
    "documents": "--- a\n" * 100_000,
    "long anchor": "&" + "a" * LINE + " b\n",
    "nul": 'a: "\\0\\u0000"\nb: \0\n',
    "numbers": "a: .nan\nb: .inf\nc: 1e99999\nd: " + "9" * 5000 + "\ne: 0x" + "f" * 5000 + "\n",
}
JSON = {
    "deep list": "[" * DEEP,
    "deep map": '{"a":' * DEEP,
    "closed deep": "[" * DEEP + "]" * DEEP,
    "digits": '{"a": ' + "9" * 5000 + "}",
    "string": '{"a": "' + "a" * LINE + '"}',
    "duplicates": "{" + '"a": 1,' * 50_000 + '"a": 2}',
    "not numbers": '{"a": NaN, "b": Infinity, "c": 1e99999}',
    "surrogate": '{"scripts": {"start": "\\ud800 \\u0000"}, "dependencies": {"\\udfff": "\\u0000"}}',
    "open comments": "/*" * 140_000,
    "wrong shape": '{"cells": {"a": 1}, "metadata": [], "nbformat": "x", "dependencies": [1, 2], "scripts": 5}',
}
TOML = {
    "dotted key": "a." * 100_000 + "a = 1",
    "spaced dotted key": "a . " * 50_000 + "a = 1",
    "indented dotted key": " " + "a." * 30_000 + "a = 1",
    "inline dotted key": "x = { " + "a." * 30_000 + "a = 1 }",
    "deep arrays": "a = " + "[" * DEEP,
    "deep tables": "a = " + "{ b = " * DEEP,
    "headers": "".join(f"[a.b{n}.c]\n" for n in range(20_000)),
    "digits": "a = " + "9" * 5000 + "\n",
    "not numbers": "a = nan\nb = inf\nc = 1e99999\nd = 9999-12-31T23:59:60Z\n",
}
PYTHON = {
    "parentheses": "(" * DEEP + ")" * DEEP,
    "signs": "x = " + "-" * DEEP + "1",
    "sum": "x = " + "1+" * DEEP + "1",
    "chain": "x = a" + ".a" * DEEP,
    "calls": "x = a" + "()" * DEEP,
    "lambdas": "x = " + "lambda: " * 20_000 + "1",
    "indentation": "".join(" " * n + "if x:\n" for n in range(99)) + " " * 99 + "pass\n",
    "strings": "x = " + "'a' " * DEEP,
    "cookie": "# -*- coding: no-such-coding -*-\nimport torch\n",
    "rot13": "# -*- coding: rot13 -*-\nvzcbeg bf\n",
    "nul": "import torch\nx = '\0'\n",
    "digits": "x = " + "9" * 5000 + "\ny = 0x" + "f" * 5000 + "\n",
    "format strings": "x = " + "f'{" * 150 + "1" + "}'" * 150 + "\n",
    "decorators": "@a\n" * 50_000 + "def f(): pass\n",
    "comparison": "x = " + "a < " * DEEP + "b",
    "line": "x = '" + "a" * LINE + "'\n",
    "mail": "import airflow\n" * 20_000 + "email_on_failure = True\n" * 20_000,
    "learning": "import openai\nimport pycaret\n" * 20_000 + "x.run()\ncompare_models()\n" * 3000,
    "names": "import " + ", ".join(f"m{n}" for n in range(50_000)) + "\n",
    "surrogates": "x = '\\ud800\\x00\\N{NULL}'\nimport os\nos.environ['\\ud800']\n",
}
XML = {
    "laughs": '<!DOCTYPE l [<!ENTITY a "a">'
    + "".join(f'<!ENTITY {chr(98 + n)} "' + f"&{chr(97 + n)};" * 10 + '">' for n in range(20))
    + "]><project>&u;</project>",
    "entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><project><dependency><artifactId>&e;</artifactId></dependency></project>',
    "open": "<dependency>" * 80_000,
    "deep": "<a>" * DEEP,
}
DOCKERFILE = {
    "continued": "RUN " + "a \\\n" * 100_000,
    "variables": "".join(f"ARG A{n}=$A{n - 1}$A{n - 1}\n" for n in range(1, 60)) + "FROM $A59\n",
    "heredoc": "FROM x\nRUN <<EOF\n" + "a\n" * 100_000,
    "stages": "".join(f"FROM s{n} AS s{n + 1}\n" for n in range(20_000)),
    "escape": "# escape=`\n# syntax=evil/frontend\nFROM x\nCMD [" + '"a",' * 50_000 + "]\n",
}
EARTHFILE = {
    "base": f"FROM {'x' * LINE}\n" + "x:\n RUN b\n" * 50_000,
    "stages": "FROM a\n" + "RUN b\n" * 100_000 + "x:\n" + "RUN c\n" * 100_000,
}
PIPELINE = {
    "words": "steps:\n" + f"- script: '{'docker:' * 500}'\n" * 200,
    "signs": "steps:\n" + f"- script: '{'a:' * 1900}'\n" * 200,
    "images": "steps:\n" + f"- script: '{'--image=' * 450}'\n" * 200,
}
ANY = {
    "line": "a" * LINE,
    "quotes": '"' * LINE,
    "spaces": " " * LINE,
    "dollars": "$(" * (LINE // 2),
    "assignments": "x=" * (LINE // 2),
    "backslashes": "\\\n" * (LINE // 2),
}
EVIDENCE = {
    "script": "import os\nos.environ['<script>alert(1)</script>']\nx = '<img src=x onerror=alert(1)>' # {{7*7}} <div hx-get='/x' hx-trigger=load>\n",
    "key": f"import openai\nAPI_TOKEN = '{PLANTED}'\nrequests.get(url, headers={{'Authorization': '{PLANTED}'}})\n",
    "bidi": "import os\nHOST = '127.0.0.1' # \u202e \u2066 hidden \u2069 \u200b \x1b[31m \x07\nos.environ['A']\n",
    "formula": "import os\nos.environ['=cmd|calc!A0'] = '+1'\nopen('=HYPERLINK(\"x\")')\n",
}
ENCODINGS = {
    "utf-16": "import torch\n".encode("utf-16"),
    "utf-32": "import torch\n".encode("utf-32"),
    "utf-7": b"+AGkAbQBwAG8AcgB0- os\n",
    "latin": b"# caf\xe9\nimport torch\n",
    "broken": b"\xc3\x28\xff\xfe\xed\xa0\x80 import torch\n",
    "bom twice": b"\xef\xbb\xbf\xef\xbb\xbfimport torch\n",
}


def _notebooks() -> dict[str, bytes]:
    cell = {"cell_type": "code", "source": ["import torch\n"], "outputs": [], "metadata": {}}
    picture = {**cell, "outputs": [{"data": {"image/png": base64.b64encode(bytes(18_000_00)).decode()}}]}
    return {
        "large": json.dumps({"cells": [picture] * 7}).encode(),
        "many cells": json.dumps({"cells": [cell] * 30_000}).encode(),
        "numbers": json.dumps({"cells": [{**cell, "source": 5}, {**cell, "source": [1, None]}, 7, None]}).encode(),
        "broken cells": json.dumps({"cells": [{**cell, "source": "def f(:\n"}] * 3000}).encode(),
        "one line": json.dumps({"cells": [{**cell, "source": "x = 1;" * 100_000}]}).encode(),
        "deep cell": json.dumps({"cells": [{**cell, "source": "(" * DEEP}]}).encode(),
        "shell": json.dumps({"cells": [{**cell, "source": "!" + "a" * LINE}]}).encode(),
    }


def every() -> dict[tuple[str, str], bytes]:
    tables: list[tuple[str, dict]] = [
        ("config.yaml", YAML), ("docker-compose.yml", {key: YAML[key] for key in ("aliases", "merge keys", "itself")}),
        ("config.json", JSON), ("package.json", JSON), ("book.ipynb", JSON | _notebooks()), ("pyproject.toml", TOML),
        ("Pipfile", {key: TOML[key] for key in ("dotted key", "deep arrays")}), (".twelvefold.toml", TOML),
        ("train.py", PYTHON | EVIDENCE | ENCODINGS), ("pom.xml", XML), ("Dockerfile", DOCKERFILE), ("Earthfile", EARTHFILE), ("azure-pipelines.yml", PIPELINE),
    ]  # fmt: skip
    names = [
        "run.sh",
        "Makefile",
        "Jenkinsfile",
        "setup.cfg",
        ".env",
        "requirements.txt",
        "main.tf",
        "query.sql",
        "model.R",
        "App.java",
        "main.go",
        "app.js",
        "README.md",
    ]
    tables += [(name, ANY) for name in names]
    return {
        (name, trick): content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        for name, table in tables
        for trick, content in table.items()
    }
