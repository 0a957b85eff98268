"""Jobs of a cluster, tasks that install at first, jobs by the clock, and how training goes on: factors 5, 8 and 9."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import release, run
from apps.analysis.checks.concurrency import inference, process_types, training
from apps.analysis.checks.disposability import resume, shutdown, startup
from apps.analysis.learning import frameworks
from apps.catalog import State
from tests.analysis.making import facts_of

FIT = "from sklearn.svm import SVC\nmodel = SVC().fit(x, y)\n"
API = "from fastapi import Depends, FastAPI\nimport joblib\napp = FastAPI()\n"
SERVED = {"app.py": API, "Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "app:app"]\n'}
JOB = "#!/bin/bash\n#SBATCH --gres=gpu:1\npython {}.py\n"


class TestJobsOfClusters:
    def test_their_scripts_declare_process_types(self) -> None:
        one = {"train.py": FIT, "jobs/train.sh": JOB.format("train")}
        two = {**one, "jobs/test.sh": JOB.format("test")}
        plain = {"train.py": FIT, "jobs/train.sh": JOB.format("train").replace("#SBATCH", "# SBATCH")}
        assert process_types.check(facts_of(one)).state is State.PARTIAL
        assert process_types.check(facts_of(two)).state is State.MET
        assert process_types.check(facts_of(plain)).state is State.UNMET

    @pytest.mark.parametrize(
        ("asked", "state"),
        [("--nodes=2", State.MET), ("--nodes=1", State.UNMET), ("--array=0-9", State.MET), ("-n 4", State.MET)],
    )
    def test_several_nodes_tasks_or_jobs_are_several_processes(self, asked: str, state: State) -> None:
        job = JOB.format("train").replace("--gres=gpu:1", asked)
        assert training.check(facts_of({"train.py": FIT, "jobs/train.sh": job})).state is state


class TestTasks:
    @pytest.mark.parametrize(
        ("makefile", "state"),
        [
            ("train: install\n\tpython train.py\ninstall:\n\tpip install -r requirements.txt\n", State.PARTIAL),
            ("train:\n\tpip install -r requirements.txt\n\tpython train.py\n", State.PARTIAL),
            ("train: data/raw.csv\n\tpython train.py\ninstall:\n\tpip install -r requirements.txt\n", State.MET),
            ("train: install\n\tpython train.py\npredict:\n\tpython predict.py\n", State.MET),
        ],
    )
    def test_tasks_that_install_at_first_also_build(self, makefile: str, state: State) -> None:
        assert run.check(facts_of({"train.py": FIT, "Makefile": makefile})).state is state

    @pytest.mark.parametrize(("command", "state"), [("python train.py", State.MET), ("python -m pytest", State.UNMET)])
    def test_ci_runs_the_system_by_the_clock(self, command: str, state: State) -> None:
        workflow = f"on:\n  schedule:\n    - cron: '0 0 * * *'\njobs:\n  night:\n    steps:\n      - run: |\n          pip install -r requirements.txt\n          {command}\n"
        assert run.check(facts_of({"train.py": FIT, ".github/workflows/night.yml": workflow})).state is state


class TestReleases:
    @pytest.mark.parametrize(("tag", "state"), [('""', State.MET), ("latest", State.PARTIAL)])
    def test_a_chart_gives_its_own_version_to_an_empty_tag(self, tag: str, state: State) -> None:
        chart = "name: fox\nversion: 0.1.0\nappVersion: 1.4.2\n"
        values = f"image:\n  repository: me/fox\n  tag: {tag}\n"
        template = "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: '{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}'\n"
        files = {**SERVED, "chart/Chart.yaml": chart, "chart/values.yaml": values, "chart/templates/d.yaml": template}
        assert release.check(facts_of(files)).state is state

    @pytest.mark.parametrize(("of", "state"), [("sagemaker.pytorch", State.MET), ("fox.pytorch", State.UNMET)])
    def test_an_estimator_names_the_script_that_a_platform_runs(self, of: str, state: State) -> None:
        source = f"from {of} import PyTorch\njob = PyTorch(entry_point='train.py', role=role)\njob.fit()\n"
        assert run.check(facts_of({"launch.py": source, "train.py": FIT})).state is state


LOOP = "import argparse, torch\np = argparse.ArgumentParser()\np.add_argument('--{}')\nargs = p.parse_args()\nopt = torch.optim.Adam(net.parameters())\nfor epoch in range(9):\n    loss = net(x)\n    loss.backward()\n    opt.step()\n    torch.save(net.state_dict(), f'{{epoch}}.pt')\n"


class TestGoingOn:
    @pytest.mark.parametrize(
        ("flag", "state"),
        [("restart-dir", State.MET), ("load_epoch", State.MET), ("epochs", State.PARTIAL), ("load-data", State.PARTIAL)],
    )  # fmt: skip
    def test_flags_by_which_training_restarts(self, flag: str, state: State) -> None:
        assert resume.check(facts_of({"train.py": LOOP.format(flag)})).state is state

    @pytest.mark.parametrize(
        ("source", "state"),
        [
            ("import xgboost\nmodel = xgboost.train(p, d, xgb_model=before)\n", State.MET),
            ("import xgboost\nmodel = xgboost.train(p, d, xgb_model=None)\n", State.UNMET),
            ("import xgboost\ndef fit(d, old=None):\n    return xgboost.train(p, d, xgb_model=old)\n", State.UNMET),
            ("from keras.models import load_model\nmodel = load_model(path)\nmodel.fit(x, y, initial_epoch=begin)\n", State.MET),
            ("from keras.models import load_model\nmodel = load_model(path)\nmodel.fit(x, y, initial_epoch=0)\n", State.UNMET),
        ],
    )  # fmt: skip
    def test_frameworks_are_handed_the_model_to_go_on_from(self, source: str, state: State) -> None:
        assert resume.check(facts_of({"train.py": source})).state is state

    @pytest.mark.parametrize(("command", "state"), [("fairseq-train", State.MET), ("sockeye-train", State.UNMET)])
    def test_commands_that_go_on_by_themselves(self, command: str, state: State) -> None:
        assert resume.check(facts_of({"train.sh": f"{command} data\n"})).state is state

    @pytest.mark.parametrize(
        ("line", "state"),
        [("opt.load_state_dict(kept['opt'])", State.MET), ("adopted.load_state_dict(kept['net'])", State.PARTIAL)],
    )
    def test_short_names_of_optimisers(self, line: str, state: State) -> None:
        assert resume.check(facts_of({"train.py": f"{LOOP.format('lr')}{line}\n"})).state is state

    @pytest.mark.parametrize(
        ("source", "trains"),
        [
            ("from mmdet.apis import train_detector\ntrain_detector(model, data, cfg)\n", True),
            ("from mmengine.runner import Runner\nrunner = Runner.from_cfg(cfg)\nrunner.train()\n", True),
            ("from mmengine.runner import Runner\nrunner = Runner.from_cfg(cfg)\nrunner.test()\n", False),
        ],
    )
    def test_runners_of_toolboxes_train(self, source: str, *, trains: bool) -> None:
        assert bool(frameworks.fits(facts_of({"tools/run.py": source}))) is trains


class TestTrainers:
    @pytest.mark.parametrize(
        ("config", "state"),
        [("devices: 4", State.MET), ("strategy: ddp", State.MET), ("devices: 1", State.UNMET), ("devices: auto", State.UNMET)],
    )  # fmt: skip
    def test_configuration_that_hydra_hands_to_lightning(self, config: str, state: State) -> None:
        source = "import hydra, pytorch_lightning as pl\n@hydra.main(config_path='conf')\ndef main(cfg):\n    pl.Trainer(**cfg.trainer).fit(model, data)\n"
        assert training.check(facts_of({"train.py": source, "conf/trainer/gpu.yaml": f"{config}\n"})).state is state

    @pytest.mark.parametrize(("given", "state"), [("deepspeed='z.json'", State.MET), ("seed=1", State.UNMET)])
    def test_arguments_that_spread_a_trainer(self, given: str, state: State) -> None:
        source = f"from transformers import Trainer, TrainingArguments\nTrainer(model=m, args=TrainingArguments('o', {given})).train()\n"
        assert training.check(facts_of({"train.py": source})).state is state

    @pytest.mark.parametrize(("copies", "state"), [(4, State.MET), (1, State.UNMET)])
    def test_copies_of_a_job_that_trains(self, copies: int, state: State) -> None:
        job = f"kind: Job\nmetadata:\n  name: train\nspec:\n  parallelism: {copies}\n  template:\n    spec:\n      containers:\n        - name: train\n          image: me/train:1\n"
        files = {"train.py": FIT, "Dockerfile": "FROM python:3.12\nCOPY . .\n", "job.yaml": job}
        assert training.check(facts_of(files)).state is state


CONSUMER = "from kafka import KafkaConsumer\nfor message in KafkaConsumer('t'):\n    model.predict(message.value)\n"


class TestConsumers:
    def test_one_that_nothing_deploys_runs_for_long_too(self) -> None:
        handled = f"import signal\nsignal.signal(signal.SIGTERM, stop)\n{CONSUMER}"
        assert shutdown.check(facts_of({"consume.py": CONSUMER})).state is State.UNMET
        assert shutdown.check(facts_of({"consume.py": handled})).state is State.MET
        assert shutdown.check(facts_of({"train.py": FIT})).state is State.NA


class TestFetching:
    @pytest.mark.parametrize(
        ("line", "state"),
        [
            ("gdown.download(url, 'data.csv')", State.UNMET),
            ("gdown.download(url, 'model.pt')", State.PARTIAL),
            ("def fetch():\n    gdown.download(url, 'data.csv')", State.MET),
        ],
    )
    def test_a_page_fetches_its_data_when_it_is_loaded(self, line: str, state: State) -> None:
        page = f"import gdown\nimport streamlit as st\n{line}\nst.write('x')\n"
        assert startup.check(facts_of({"app.py": page})).state is state


class TestServing:
    @pytest.mark.parametrize(("mark", "state"), [("", State.PARTIAL), ("@lru_cache\n", State.MET)])
    def test_what_a_route_depends_on_runs_for_each_request(self, mark: str, state: State) -> None:
        source = f"{API}{mark}def get_model():\n    return joblib.load('m.joblib')\n@app.post('/p')\ndef p(x: float, model=Depends(get_model)):\n    return model.predict([[x]])\n"
        assert startup.check(facts_of({"app.py": source})).state is state

    @pytest.mark.parametrize(("weights", "state"), [("'DEFAULT'", State.PARTIAL), ("None", State.MET)])
    def test_published_weights_are_fetched_at_the_start(self, weights: str, state: State) -> None:
        source = f"{API}import torchvision\nnet = torchvision.models.resnet18(weights={weights})\n@app.get('/p')\ndef p():\n    return net(x)\n"
        assert startup.check(facts_of({**SERVED, "app.py": source})).state is state

    @pytest.mark.parametrize(("count", "state"), [(3, State.MET), (1, State.PARTIAL)])
    def test_replicas_of_overlays_and_of_terraform(self, count: int, state: State) -> None:
        base = "kind: Deployment\nmetadata:\n  name: api\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n        - name: api\n          image: me/api:v1\n"
        overlay = f"resources: [../base]\nreplicas:\n  - name: api\n    count: {count}\n"
        files = {**SERVED, "k8s/base/api.yaml": base, "k8s/prod/kustomization.yaml": overlay}
        service = f'resource "aws_ecs_service" "api" {{\n  desired_count = {count}\n}}\n'
        assert inference.check(facts_of(files)).state is state
        assert inference.check(facts_of({**SERVED, "main.tf": service})).state is state

    @pytest.mark.parametrize(
        ("path", "text", "state"),
        [
            ("render.yaml", "services:\n  - type: web\n    name: api\n    numInstances: 2\n", State.MET),
            ("fly.toml", "[http_service]\nmin_machines_running = 2\n", State.MET),
            ("fly.toml", "[http_service]\nmin_machines_running = 0\n", State.PARTIAL),
            ("main.bicep", "scale: {\n  maxReplicas: 10\n}\n", State.MET),
            ("main.bicep", "scale: {\n  maxReplicas: 1\n}\n", State.PARTIAL),
        ],
    )
    def test_platforms_are_told_how_many_run(self, path: str, text: str, state: State) -> None:
        assert inference.check(facts_of({**SERVED, path: text})).state is state

    @pytest.mark.parametrize(("name", "state"), [("gunicorn.conf.py", State.MET), ("gunicorn_old.py", State.PARTIAL)])
    def test_gunicorn_reads_its_own_file_by_itself(self, name: str, state: State) -> None:
        image = SERVED["Dockerfile"].replace("uvicorn", "gunicorn")
        assert inference.check(facts_of({**SERVED, "Dockerfile": image, name: "workers = 4\n"})).state is state

    def test_mapped_tasks_predict_side_by_side(self) -> None:
        source = "from airflow.decorators import task\nimport joblib\n@task\ndef score(part):\n    model = joblib.load('m.pkl')\n    return model.predict(part)\n"
        assert inference.check(facts_of({"dags/score.py": source})).state is State.UNMET
        assert inference.check(facts_of({"dags/score.py": f"{source}score.expand(part=[1, 2])\n"})).state is State.MET

    def test_a_job_by_the_clock_stands_beside_the_image_of_the_service(self) -> None:
        clock = "on:\n  schedule:\n    - cron: '0 0 * * *'\njobs:\n  night:\n    steps:\n      - run: python train.py\n"
        files = {"train.py": FIT, ".github/workflows/night.yml": clock}
        assert process_types.check(facts_of(files)).state is State.PARTIAL
        assert process_types.check(facts_of({**SERVED, **files})).state is State.MET

    def test_programs_of_supervisord_are_process_types(self) -> None:
        programs = "[supervisord]\nnodaemon=true\n[program:api]\ncommand=uvicorn app:app\n"
        two = f"{programs}[program:ui]\ncommand=streamlit run ui.py\n"
        image = 'FROM python:3.12\nCOPY . .\nCMD ["supervisord"]\n'
        files = {"app.py": API, "Dockerfile": image}
        assert process_types.check(facts_of({**files, "supervisord.conf": programs})).state is State.PARTIAL
        assert process_types.check(facts_of({**files, "supervisord.conf": two})).state is State.MET


EMBEDDING = "import argparse, json\nparser = argparse.ArgumentParser()\nparser.add_argument({flag})\nargs = parser.parse_args()\n{more}if __name__ == '__main__':\n    with open('embeddings.jsonl', 'a') as out:\n        out.write(text)\n"


@pytest.mark.parametrize(
    ("flag", "more", "state"),
    [
        ("'--resume', action='store_true'", "", State.MET),
        ("'--skip-existing', action='store_true'", "", State.MET),
        ("'--rows'", "done = load_progress()\nsave_progress(done)\n", State.MET),
        ("'--rows'", "done = load_progress()\n", State.UNMET),
        ("'--skip-header'", "", State.UNMET),
    ],
)
def test_a_long_job_that_trains_nothing_goes_on_where_it_stopped(flag: str, more: str, state: State) -> None:
    code = EMBEDDING.format(flag=flag, more=more)
    assert resume.check(facts_of({"scripts/make_embeddings.py": code})).state is state
