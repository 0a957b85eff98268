"""What confined scans and pasts would compile anew each time lies ready before the first of them."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).resolve().parents[2]
PREPARED = """
import sys
from pathlib import Path
from apps.analysis import compilations
from apps.scans.prepare import prepare
compilations.PLACE = Path(sys.argv[2])
prepare(Path(sys.argv[1]))
"""


@pytest.fixture
def prepared(tmp_path):
    """Prepares with a small system, in a process of its own, and gives what is kept then."""
    folder, place = tmp_path / "system", tmp_path / "compilations.kept"
    folder.mkdir()
    (folder / "train.py").write_text("import torch\n\nmodel.fit(torch.load('rows.pt'))\n")
    (folder / "Makefile").write_text("train:\n\tpython train.py\n")
    (folder / "deploy.yaml").write_text("kind: Job\nspec: {image: 'trainer:1.2'}\n")

    def prepared():
        settings = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        command = [sys.executable, "-c", PREPARED, str(folder), str(place)]
        subprocess.run(command, check=True, cwd=ROOT, env=settings, timeout=120)
        return place.read_bytes()

    return prepared


def test_words_that_only_pasts_ask_for_are_kept_and_nothing_is_compiled_again(prepared):
    first = prepared()
    _, known = msgspec.msgpack.decode(first, type=tuple[str, dict[bytes, msgspec.Raw]])
    assert sum(key.startswith(b"needed ") for key in known) > 50
    assert prepared() == first
