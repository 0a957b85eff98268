"""What has the words of something else: ordinary code, configuration and prose that must not be taken for it."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import retraining, tasks
from apps.analysis.checks.build_release_run import release
from apps.analysis.checks.codebase import deployment, evaluation, inference, one_codebase
from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.config import hyperparameters, secrets
from apps.analysis.checks.dependencies import system
from apps.analysis.checks.processes import share_nothing
from apps.catalog import State
from tests.analysis.making import facts_of

FIT = "import pandas as pd\nfrom sklearn.svm import SVC\n\nmodel = SVC()\nmodel.fit(pd.read_csv('a.csv'), y)\n"
TRAIN = {"train.py": FIT}
WEB = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route('/')\ndef ask():\n    return 'a'\n"


class TestConfiguration:
    @pytest.mark.parametrize(
        ("other", "platform"),
        [
            ("run: baseline\nsetup: plain\n", "run: python train.py\nsetup: pip install .\n"),
            ("environments:\n  ci:\n    jobs: 4\n", "environments:\n  ci:\n    jobs:\n    - name: fit\n"),
            ("type: task\nmodel: resnet\n", "type: task\nmodel: resnet\ncommands: [python train.py]\n"),
        ],
    )
    def test_of_an_experiment_is_none_of_a_platform(self, other: str, platform: str) -> None:
        assert deployment.check(facts_of({**TRAIN, "conf/a.yaml": other})).state is State.UNMET
        assert deployment.check(facts_of({**TRAIN, "conf/a.yaml": platform})).state is State.MET

    @pytest.mark.parametrize("more", ["replicas: 2", "url: http://a"])
    def test_that_lists_services_is_no_composition(self, more: str) -> None:
        listed = f"services:\n  api:\n    image: me/api:1\n    {more}\n"
        assert process_types.check(facts_of({**TRAIN, "conf/values.yaml": listed})).state is State.UNMET
        composed = {**TRAIN, "conf/stack.yaml": f"{listed}    ports: ['80:80']\n"}
        assert process_types.check(facts_of(composed)).state is State.PARTIAL

    def test_of_a_package_installs_none_of_the_system(self) -> None:
        recipe = {**TRAIN, "conda.recipe/meta.yaml": "package:\n  name: mine\n"}
        assert system.check(facts_of(recipe)).state is State.UNMET
        play = {**TRAIN, "play.yml": "- hosts: all\n  tasks:\n  - package:\n      name: libgomp1\n"}
        assert system.check(facts_of(play)).state is State.MET

    def test_that_only_speaks_of_sealing_is_not_sealed(self) -> None:
        plain = "kind: Secret\nstringData:\n  password: hunter2Xy9\n"
        assert secrets.check(facts_of({"a.yaml": f"# to become a SealedSecret\n{plain}"})).state is State.UNMET
        assert secrets.check(facts_of({"a.yaml": plain.replace("Secret", "SealedSecret")})).state is State.MET


class TestFiles:
    def test_an_ending_of_a_unit_may_be_one_of_an_image(self) -> None:
        image = {**TRAIN, "Dockerfile.container": "FROM python:3.11\nCOPY . .\nCMD python train.py\n"}
        assert deployment.check(facts_of(image)).state is State.PARTIAL
        assert deployment.check(facts_of({**image, "api.container": "[Container]\nImage=a\n"})).state is State.MET

    def test_pages_of_documentation_are_no_application(self) -> None:
        told = '[build]\ncommand = "{}"\n'
        documents = {**TRAIN, "netlify.toml": told.format("mkdocs build")}
        assert deployment.check(facts_of(documents)).state is State.UNMET
        pages = {**TRAIN, "netlify.toml": told.format("npm run build")}
        assert deployment.check(facts_of(pages)).state is State.PARTIAL

    def test_an_example_in_a_readme_tells_a_hub_nothing(self) -> None:
        head = "---\ntitle: A\nsdk: gradio\n---\n"
        assert deployment.check(facts_of({**TRAIN, "README.md": f"{head}# A\n"})).state is State.PARTIAL
        assert deployment.check(facts_of({**TRAIN, "README.md": f"# A\n```\n{head}```\n"})).state is State.UNMET
        below = "---\ntitle: A\n---\n# A\nsdk: gradio\n"
        assert deployment.check(facts_of({**TRAIN, "README.md": below})).state is State.UNMET

    def test_a_second_network_of_no_makers_count_is_a_copy(self) -> None:
        assert one_codebase.check(facts_of({"unet.py": "x = 1\n", "unet_v2.py": "y = 2\n"})).state is State.PARTIAL
        assert (
            one_codebase.check(facts_of({"mobilenet.py": "x = 1\n", "mobilenet_v2.py": "y = 2\n"})).state is State.MET
        )


class TestLibraries:
    def test_one_that_also_brings_data_asks_no_model(self) -> None:
        source = "from roboflow import Roboflow\n\nRoboflow(key).project('a').version(1).download('yolov8')\n"
        assert inference.check(facts_of({"train.py": f"{source}{FIT}"})).state is State.UNMET

    def test_one_that_translates_data_for_training_infers_nothing(self) -> None:
        source = "from deep_translator import GoogleTranslator\n\nGoogleTranslator(target='de').translate(text)\n"
        assert inference.check(facts_of({**TRAIN, "augment.py": source})).state is State.UNMET
        assert inference.check(facts_of({"app.py": source})).state is State.MET

    def test_own_modules_and_methods_may_have_their_names(self) -> None:
        own = {"schedule.py": "def cosine(x):\n    return x\n", "fit.py": "from schedule import cosine\n\ncosine(1)\n"}
        assert not facts_of(own).profile.batch.holds
        assert facts_of({"fit.py": "import schedule\n\nschedule.every().day.do(job)\n"}).profile.batch.holds
        methods = "class App:\n    def start(self):\n        self.init_detector()\n        self.db.read_model('a')\n"
        assert not facts_of({"app.py": methods}).profile.loads_model.holds
        network = {"arch.py": "class Net:\n    pass\n", "app.py": "from arch import Net\n\nnet = Net()\nnet.fit()\n"}
        assert not facts_of(network).profile.trains.holds

    def test_rows_are_sampled_in_r_too(self) -> None:
        assert not facts_of({"a.R": "rows <- sampling(rows, n = 100)\n"}).profile.trains.holds
        assert facts_of({"a.R": "fit <- rstan::sampling(model, data = rows)\n"}).profile.trains.holds

    def test_rows_of_a_database_are_no_answers_of_a_model(self) -> None:
        stored = "await prisma.messages.create({})\nawait prisma.translations.create({})\n"
        assert inference.check(facts_of({**TRAIN, "api.ts": stored})).state is State.UNMET
        asked = "await client.audio.translations.create({})\n"
        assert inference.check(facts_of({**TRAIN, "api.ts": asked})).state is State.MET


class TestCommands:
    def test_to_install_a_tool_is_not_to_run_it(self) -> None:
        install = {
            "setup.sh": "pip install lm-eval axolotl autotrain-advanced\ngit clone https://a/axolotl && cd axolotl\n"
        }
        assert evaluation.check(facts_of({**TRAIN, **install})).state is State.UNMET
        assert not facts_of({"app.py": "x = 1\n", **install}).profile.trains.holds
        for run in ("pip install lm-eval && lm_eval --model hf", "poetry run lm_eval --model hf"):
            assert evaluation.check(facts_of({**TRAIN, "run.sh": f"{run}\n"})).state is State.MET

    def test_what_serves_a_trained_model_does_not_train(self) -> None:
        program = "[program:api]\ncommand={}\n"
        serves = {**TRAIN, "supervisord.conf": program.format("gunicorn app:app --env MODEL=trained.pkl")}
        assert retraining.check(facts_of(serves)).state is State.PARTIAL
        trains = {**TRAIN, "supervisord.conf": program.format("python train_daily.py --quiet")}
        assert retraining.check(facts_of(trains)).state is State.MET

    def test_a_program_that_tells_its_own_version_releases_none(self) -> None:
        flag = "parser.add_argument('--version', {})\nsubprocess.run(['kubectl', 'apply', '-f', 'k8s/'])\n"
        program = f"import argparse\nimport subprocess\n\nparser = argparse.ArgumentParser()\n{flag}"
        own = {"app.py": WEB, "deploy.py": program.format("action='version', version='1'")}
        assert release.check(facts_of(own)).state is State.PARTIAL
        told = {"app.py": WEB, "deploy.py": program.format("required=True")}
        assert release.check(facts_of(told)).state is State.MET

    def test_tags_of_a_resource_are_none_of_an_image(self) -> None:
        files = {
            "app.py": WEB,
            "Dockerfile": "FROM python:3.11\nCOPY . .\nCMD gunicorn app:app\n",
            ".github/workflows/b.yml": "jobs:\n  b:\n    steps:\n    - run: docker push me/a:${{ github.sha }}\n",
        }
        made = "resource a 'Microsoft.App/containerApps@2023-05-01' = {\n"
        assert release.check(facts_of({**files, "m.bicep": f"param tags object\n{made}"})).state is State.PARTIAL
        assert release.check(facts_of({**files, "m.bicep": f"param imageTag string\n{made}"})).state is State.MET


class TestTasks:
    def test_chores_of_the_forge_maintain_nothing(self) -> None:
        told = "name: {}\non: workflow_dispatch\njobs: {{}}\n"
        chore = {**TRAIN, ".github/workflows/a.yml": told.format("Cleanup caches of pull requests")}
        assert tasks.check(facts_of(chore)).state is State.UNMET
        task = {**TRAIN, ".github/workflows/a.yml": told.format("Cleanup old predictions")}
        assert tasks.check(facts_of(task)).state is State.MET

    def test_a_group_in_a_module_named_cli_is_not_that_of_flask(self) -> None:
        command = "from a.cli import cli\n\n\n@cli.command()\ndef serve():\n    pass\n"
        assert tasks.check(facts_of({**TRAIN, "a/b.py": command})).state is State.UNMET

    def test_keys_and_logs_are_no_inputs_of_training(self) -> None:
        read = "import os\n\nx = os.getenv('{}')\n"
        assert retraining.check(facts_of({"train.py": read.format("DATADOG_API_KEY") + FIT})).state is State.PARTIAL
        assert retraining.check(facts_of({"train.py": read.format("LOG_FILE") + FIT})).state is State.PARTIAL
        assert retraining.check(facts_of({"train.py": read.format("DATA_PATH") + FIT})).state is State.MET


def test_a_message_about_a_failure_measures_nothing() -> None:
    predict = "import cv2\nimport torch\n\nmodel = torch.load('m.pt')\nseen = model.predict(cv2.imread('test_a.jpg'))\n"
    failed = {**TRAIN, "predict.py": f"{predict}print('Error: could not open the image')\n"}
    assert evaluation.check(facts_of(failed)).state is State.UNMET
    measured = {**TRAIN, "predict.py": f"{predict}print('mean error', total / count)\n"}
    assert evaluation.check(facts_of(measured)).state is State.MET


def test_a_field_without_a_default_is_no_parameter() -> None:
    fields = "import attr\nfrom sklearn.svm import SVC\n\n\n@attr.s\nclass Kept:\n    gamma: float = attr.ib({})\n\n\n"
    source = f"{fields}model = SVC(C=3.0)\nmodel.fit(x, y)\n"
    assert hyperparameters.check(facts_of({"train.py": source.format("")})).state is State.UNMET
    assert hyperparameters.check(facts_of({"train.py": source.format("default=0.1")})).state is State.PARTIAL


def test_what_a_script_or_a_page_stores_is_no_state_of_a_server() -> None:
    written = "const fs = require('fs')\nfs.writeFileSync('a.json', x)\n"
    for path in ("scripts/upload.js", "web/src/store.ts", "server/restore.ts"):
        assert share_nothing.check(facts_of({"app.py": WEB, path: written})).state is not State.UNMET
    assert share_nothing.check(facts_of({"app.py": WEB, "server/uploads.ts": written})).state is State.UNMET
