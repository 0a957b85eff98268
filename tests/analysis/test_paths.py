"""What paths say of files."""

from __future__ import annotations

import pytest

from apps.analysis.paths import Role, role_of, with_outer


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/main/java/com/example/demo/Application.java", Role.SYSTEM),
        ("api/src/main/kotlin/org/sample/Scorer.kt", Role.SYSTEM),
        ("app/src/main/java/com/acme/sample/digits/Classifier.kt", Role.SYSTEM),
        ("src/main/java/org/acme/examples/Usage.java", Role.EXAMPLE),
        ("src/main/java/examples/acme/Usage.java", Role.EXAMPLE),
        ("src/test/java/com/example/demo/ApplicationTests.java", Role.TEST),
        ("examples/src/main/java/com/example/Usage.java", Role.EXAMPLE),
        ("examples/usage.py", Role.EXAMPLE),
    ],
)
def test_the_name_of_a_package_makes_no_example_of_a_program(path: str, role: Role) -> None:
    assert role_of(path) is role


@pytest.mark.parametrize(
    "path",
    [
        "Core/Matrix.Add.Generated.cs",
        "src/churn.egg-info/PKG-INFO",
        "obj/App.g.cs",
        "types/kendo.d.ts",
        "js/kendo-vsdoc.js",
        "a/b.intellisense.js",
    ],
)
def test_what_tools_write_is_generated(path: str) -> None:
    assert role_of(path) is Role.GENERATED


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (".claude/hooks/check.sh", Role.DOCS),
        ("service/.cursor/scripts/start.py", Role.DOCS),
        (".github/skills/review/run.py", Role.DOCS),
        (".mcp.json", Role.DOCS),
        (".vscode/mcp.json", Role.DOCS),
        ("servers/mcp.json", Role.SYSTEM),
        (".github/workflows/test.yml", Role.SYSTEM),
        ("agents/claude/app.py", Role.SYSTEM),
    ],
)
def test_what_assistants_are_told_is_no_part_of_the_system(path: str, role: Role) -> None:
    assert role_of(path) is role


@pytest.mark.parametrize("path", ["Core/Generated.cs", "src/kd.ts", "src/vsdoc.js", "Settings.Designer.cs"])
def test_what_somebody_wrote_is_not(path: str) -> None:
    assert role_of(path) is Role.SYSTEM


def test_pages_that_describe_an_interface_are_brought_by_their_library() -> None:
    assert role_of("static/swagger-ui-bundle.js") is Role.VENDORED
    assert role_of("src/swagger.js") is Role.SYSTEM


def test_commands_of_a_library_that_is_copied_serve_nothing() -> None:
    assert role_of("transformers/commands/serving.py") is Role.VENDORED
    assert role_of("flow/_vendor/metadata/parts.py") is Role.VENDORED
    assert role_of("transformers/modeling_gpt2.py") is Role.SYSTEM


def test_folders_lie_in_others_up_to_the_root() -> None:
    assert with_outer(["a/b/c", "a/d", ""]) == {"", "a", "a/b", "a/b/c", "a/d"}
    assert with_outer([]) == {""}
