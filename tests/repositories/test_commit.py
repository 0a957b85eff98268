"""One commit is read as it is in git, whatever lies in the work tree and whatever is missing."""

import os
import subprocess

import pytest

from apps.repositories.commit import GitSnapshot, find_commit, locate
from apps.repositories.errors import RepositoryError
from apps.repositories.folder import FolderSnapshot


def contents(snapshot):
    paths = {entry.blob: entry.path for entry in snapshot.entries}
    return {paths[blob]: content for blob, content in snapshot.read(paths)}


def test_a_commit_is_read_without_its_work_tree(repository):
    first = repository.commit({"train.py": "lr = 0.1\n", "data/a b.csv": b"\0\1"})
    (repository.path / "train.py").write_text("never committed")
    snapshot = GitSnapshot(repository.path / ".git", first)
    assert contents(snapshot) == {"train.py": b"lr = 0.1\n", "data/a b.csv": b"\0\1"}
    assert {entry.path: entry.size for entry in snapshot.entries} == {"train.py": 9, "data/a b.csv": 2}


def test_many_blobs_are_read_whole(repository):
    files = {f"part{number}.txt": f"{number}\n" * number for number in range(1000)}
    commit = repository.commit(files)
    found = contents(GitSnapshot(repository.path / ".git", commit))
    assert {path: content.decode() for path, content in found.items()} == files


def test_reading_may_stop_early(repository):
    commit = repository.commit({f"{number}.bin": os.urandom(100_000) for number in range(300)})
    snapshot = GitSnapshot(repository.path / ".git", commit)
    reading = snapshot.read([entry.blob for entry in snapshot.entries])
    next(reading)
    reading.close()


@pytest.mark.parametrize("options", [(), ("--bare",)])
def test_a_repository_is_found_from_its_folder_bare_or_not(repository, tmp_path, options):
    commit = repository.commit({"a.py": "1"})
    subprocess.run(["git", "clone", "-q", *options, repository.path, tmp_path / "clone"], check=True)
    git_dir, inside = locate(tmp_path / "clone")
    assert (find_commit(git_dir), inside) == (commit, "")


def test_a_folder_inside_a_repository_knows_its_place(repository):
    repository.commit({"services/scorer/app.py": "1"})
    assert locate(repository.path / "services" / "scorer") == (repository.path / ".git", "services/scorer")


def test_a_folder_outside_of_any_repository_has_none(tmp_path):
    assert locate(tmp_path) is None


def test_commits_are_found_by_name_and_missing_ones_are_named(repository):
    first = repository.commit({"a.py": "1"})
    repository.git("tag", "v1")
    repository.commit({"a.py": "2"})
    git_dir = repository.path / ".git"
    assert find_commit(git_dir, "v1") == find_commit(git_dir, first[:10]) == first
    for missing in ("0" * 40, "nope", "--help", "-h"):
        with pytest.raises(RepositoryError, match=f"There is no commit {missing} in this repository"):
            find_commit(git_dir, missing)


def test_an_empty_repository_says_so(repository):
    with pytest.raises(RepositoryError, match="has no commit yet"):
        find_commit(repository.path / ".git")


def test_links_and_submodules_are_listed_and_never_followed(repository):
    (repository.path / "Dockerfile").symlink_to("/etc/passwd")
    first = repository.commit({"a.py": "1"})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{first},vendored")
    repository.git("commit", "-q", "-m", "Add a submodule")
    snapshot = GitSnapshot(repository.path / ".git", find_commit(repository.path / ".git"))
    assert {entry.path: oct(entry.mode) for entry in snapshot.entries} == {
        "Dockerfile": "0o120000",
        "a.py": "0o100644",
        "vendored": "0o160000",
    }
    assert contents(snapshot) == {"Dockerfile": b"/etc/passwd", "a.py": b"1"}


def test_a_blob_that_is_absent_has_no_size_and_is_not_read(repository):
    commit = repository.commit({"a.py": "1", "model.bin": "weights"})
    blob = repository.git("rev-parse", "HEAD:model.bin")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    snapshot = GitSnapshot(repository.path / ".git", commit)
    assert {entry.path: entry.size for entry in snapshot.entries} == {"a.py": 1, "model.bin": None}
    assert contents(snapshot) == {"a.py": b"1"}


def test_a_blob_above_the_limit_keeps_its_size_and_is_not_read(repository):
    commit = repository.commit({"a.py": "1", "zeros.bin": b"\0" * 2000})
    snapshot = GitSnapshot(repository.path / ".git", commit, largest_blob=1000)
    assert {entry.path: entry.size for entry in snapshot.entries} == {"a.py": 1, "zeros.bin": 2000}
    assert contents(snapshot) == {"a.py": b"1"}


def test_strange_paths_are_shown_as_text_that_any_store_takes(repository):
    folder = repository.path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "a\nb.py").write_text("1")
    snapshot = GitSnapshot(repository.path / ".git", repository.commit({}))
    assert [entry.path for entry in snapshot.entries] == ["caf\\xe9/a\nb.py"]
    assert contents(FolderSnapshot(repository.path)) == {"caf\\xe9/a\nb.py": b"1"}


def test_a_repository_with_long_object_ids_is_read_too(make_repository):
    repository = make_repository("modern", "--object-format=sha256")
    commit = repository.commit({"a.py": "1"})
    assert len(commit) == 64
    assert contents(GitSnapshot(repository.path / ".git", commit)) == {"a.py": b"1"}


def test_a_repository_of_somebody_else_and_its_hostile_config_are_harmless(repository, tmp_path):
    commit = repository.commit({"a.py": "1"})
    marker = tmp_path / "ran"
    repository.git("config", "core.fsmonitor", f"touch {marker}")
    repository.git("config", "core.pager", f"touch {marker}")
    if os.geteuid() == 0:
        os.chown(repository.path / ".git", 65534, 65534)
    git_dir, _ = locate(repository.path)
    assert find_commit(git_dir) == commit
    assert contents(GitSnapshot(git_dir, commit)) == {"a.py": b"1"}
    assert not marker.exists()


def test_a_plain_folder_is_read_like_a_commit_without_following_links(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("1")
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    (tmp_path / ".venv" / "lib" / "b.py").write_text("2")
    (tmp_path / "Dockerfile").symlink_to("/etc/passwd")
    (tmp_path / "settings").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    snapshot = FolderSnapshot(tmp_path)
    assert contents(snapshot) == {"src/a.py": b"1", "Dockerfile": b"/etc/passwd", "settings": b"/etc"}
    assert snapshot.commit == ""


def test_a_file_of_a_folder_that_vanished_or_is_too_large_is_left_out(tmp_path):
    (tmp_path / "gone.py").write_text("1")
    (tmp_path / "large.bin").write_text("12345")
    (tmp_path / "kept.py").write_text("2")
    snapshot = FolderSnapshot(tmp_path, largest_blob=4)
    (tmp_path / "gone.py").unlink()
    assert contents(snapshot) == {"kept.py": b"2"}
