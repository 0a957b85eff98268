import pytest

from apps.dashboard.forges import comparison_address, line_address, web_address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b/blob/c0ffee/src/my%20app.py#L3"),
        ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c/-/blob/c0ffee/src/my%20app.py#L3"),
        ("https://gitlab.example.org/a/b", "https://gitlab.example.org/a/b/-/blob/c0ffee/src/my%20app.py#L3"),
        ("https://codeberg.org/a/b/", "https://codeberg.org/a/b/src/commit/c0ffee/src/my%20app.py#L3"),
        ("https://gitea.example.org/a/b", "https://gitea.example.org/a/b/src/commit/c0ffee/src/my%20app.py#L3"),
        ("https://forgejo.example.org/a/b", "https://forgejo.example.org/a/b/src/commit/c0ffee/src/my%20app.py#L3"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/src/c0ffee/src/my%20app.py#lines-3"),
        ("https://git.example.org/a/b", ""),
        ("https://notgithub.com/a/b", ""),
        ("http://github.com/a/b", ""),
        ("/srv/git/b", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_line_of_a_file_at_a_commit(url, expected):
    assert line_address(url, commit="c0ffee", path="src/my app.py", line=3) == expected


def test_file_without_a_line_and_repository_without_a_commit():
    assert (
        line_address("https://github.com/a/b", commit="c0", path="a.py", line=None)
        == "https://github.com/a/b/blob/c0/a.py"
    )
    assert line_address("https://github.com/a/b", commit="", path="a.py", line=1) == ""


def test_page_of_a_repository():
    assert web_address("https://github.com/a/b.git") == "https://github.com/a/b"
    assert web_address("/srv/git/b") == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b/compare/c0...d1"),
        ("https://gitlab.example.org/a/b", "https://gitlab.example.org/a/b/-/compare/c0...d1"),
        ("https://codeberg.org/a/b", "https://codeberg.org/a/b/compare/c0...d1"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/branches/compare/d1..c0"),
        ("https://git.example.org/a/b", ""),
        ("/srv/git/b", ""),
    ],
)
def test_what_changed_between_two_commits(url, expected):
    assert comparison_address(url, before="c0", after="d1") == expected
    assert comparison_address(url, before="c0", after="c0") == ""
    assert comparison_address(url, before="", after="d1") == ""
