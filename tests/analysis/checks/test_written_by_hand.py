"""What people write by hand, half declare, or write in other encodings."""

from __future__ import annotations

from apps.analysis.checks.dependencies import declared, pinned
from apps.analysis.checks.disposability import resume, shutdown
from apps.catalog import State
from tests.analysis.making import facts_of

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
TORCH = "import torch\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor batch in batches:\n    model(batch).backward()\n    optimizer.step()\n"


def test_a_list_that_a_shell_wrote_in_utf_16_is_read() -> None:
    files = {"app.py": "import torch\n", "requirements.txt": "torch==2.4.0\r\n".encode("utf-16")}
    assert declared.check(facts_of(files)).state is State.MET
    assert pinned.check(facts_of(files)).state is State.MET


def test_a_list_beside_a_lock_counts_only_where_something_installs_it() -> None:
    project = '[project]\nname = "x"\ndependencies = ["torch"]\n'
    files = {
        "pyproject.toml": project,
        "uv.lock": 'version = 1\n[[package]]\nname = "torch"\nversion = "2.4.0"\n',
        "requirements.txt": "torch\nnumpy\n",
        "app.py": "import torch\n",
    }
    assert pinned.check(facts_of(files)).state is State.MET
    installed = facts_of({**files, "Dockerfile": "FROM python:3.12\nRUN pip install -r requirements.txt\n"})
    assert pinned.check(installed).state is State.PARTIAL


def test_a_server_in_code_behind_a_script_without_exec_is_partial() -> None:
    files = {
        "app/api.py": FASTAPI + "import uvicorn\nuvicorn.run(app)\n",
        "Dockerfile": 'FROM python:3.11\nCMD ["/bin/bash", "start.sh"]\n',
    }
    assert shutdown.check(facts_of({**files, "start.sh": "cd app\npython api.py\n"})).state is State.PARTIAL
    assert shutdown.check(facts_of({**files, "start.sh": "cd app\nexec python api.py\n"})).state is State.MET


def test_weights_that_a_flag_loads_into_training_are_gone_on_with() -> None:
    code = TORCH + "torch.save(model.state_dict(), 'c.pth')\nmodel.load_state_dict(torch.load(args.{}))\n"
    assert resume.check(facts_of({"train.py": code.format("load")})).state is State.MET
    assert resume.check(facts_of({"train.py": code.format("pretrained")})).state is not State.MET
