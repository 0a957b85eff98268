"""Factor 1: what counts as one codebase, and which stages are code."""

from __future__ import annotations

import json

from apps.analysis.checks.codebase import deployment, evaluation, inference, one_codebase, preprocessing, training
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "from sklearn.ensemble import RandomForestClassifier\n\nmodel = RandomForestClassifier(max_depth=3)\nmodel.fit(x, y)\n"
SERVE = "import joblib\nfrom flask import Flask\n\napp = Flask(__name__)\nmodel = joblib.load('model.joblib')\n\n@app.route('/predict')\ndef predict():\n    return str(model.predict([[1]]))\n"
FUNCTION = (
    "def clean(frame):\n"
    + "".join(f"    frame['column_{n}'] = frame['column_{n}'].fillna({n})\n" for n in range(16))
    + "    return frame\n"
)


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}}, indent=1)


class TestOneCodebase:
    def test_a_repository_without_copies_is_met(self) -> None:
        assert one_codebase.check(facts_of({"train.py": TRAIN, "app.py": SERVE})).state is State.MET

    def test_modules_that_are_asked_for_equally_often_are_named_in_the_order_of_their_imports(self) -> None:
        modules = {f"part_{letter}.py": f"VALUE = '{letter}'\n" for letter in "dcba"}
        imports = "import part_c\nimport part_a\nimport part_d\nimport part_b\n"
        found = one_codebase.check(facts_of({"train.py": imports + TRAIN, **modules}))
        assert [place.path for place in found.evidence][-2:] == ["part_c.py", "part_a.py"]

    def test_a_function_copied_between_modules_is_partial_though_the_files_differ(self) -> None:
        found = one_codebase.check(facts_of({"train.py": FUNCTION + TRAIN, "serve.py": SERVE + "\n\n" + FUNCTION}))
        assert found.state is State.PARTIAL
        assert {place.path for place in found.evidence} == {"train.py", "serve.py"}

    def test_an_old_version_beside_the_new_one_is_partial(self) -> None:
        found = one_codebase.check(
            facts_of({"train.py": TRAIN, "train_v2.py": TRAIN + "print(model)\n", "app.py": SERVE})
        )
        assert found.state is State.PARTIAL
        assert found.evidence[0].path == "train_v2.py"

    def test_versions_of_an_architecture_are_no_copies(self) -> None:
        files = {"models/mobilenet.py": "class MobileNet: ...\n", "models/mobilenetv2.py": "class MobileNetV2: ...\n"}
        assert one_codebase.check(facts_of(files)).state is State.MET

    def test_the_same_notebook_under_two_names_is_partial(self) -> None:
        book = notebook("import pandas\n" + FUNCTION)
        found = one_codebase.check(
            facts_of({"prep.ipynb": book, "preparation.ipynb": book, "app.py": SERVE, "b.py": TRAIN})
        )
        assert found.state is State.PARTIAL

    def test_copying_everything_is_unmet(self) -> None:
        files = {
            f"{folder}/{name}.py": f"# {folder}\nNAME = '{name}'\n" + FUNCTION
            for folder in ("dev", "prod", "staging")
            for name in ("etl", "train", "serve")
        }
        assert one_codebase.check(facts_of(files)).state is State.UNMET

    def test_an_own_module_that_is_not_tracked_is_unmet(self) -> None:
        files = {
            "src/core/config.py": "NAME = 1\n",
            "src/api/main.py": "from src.core.config import NAME\nfrom src.core.queues import ROUTES\n",
        }
        found = one_codebase.check(facts_of(files))
        assert found.state is State.UNMET
        assert "`src.core.queues`" in found.summary
        assert found.evidence[0].path == "src/api/main.py"

    def test_a_folder_named_like_a_package_hides_no_module_of_it(self) -> None:
        files = {"airflow/dags/score.py": "from airflow.operators.python import PythonOperator\n" + TRAIN}
        assert one_codebase.check(facts_of(files)).state is State.MET

    def test_code_in_an_archive_is_unmet(self) -> None:
        assert one_codebase.check(facts_of({"train.py": TRAIN, "source_code.zip": b"PK"})).state is State.UNMET

    def test_a_zipped_data_set_is_no_code(self) -> None:
        assert one_codebase.check(facts_of({"train.py": TRAIN, "data/images.zip": b"PK"})).state is State.MET


class TestPreprocessing:
    def test_an_importable_function_is_met(self) -> None:
        found = preprocessing.check(
            facts_of({"data.py": "def clean(frame):\n    return frame.dropna()\n", "train.py": TRAIN})
        )
        assert found.state is State.MET
        assert found.evidence[0].path == "data.py"

    def test_sql_as_a_step_is_met(self) -> None:
        files = {"queries/features.sql": "SELECT a,\n b,\n c\nFROM t\nWHERE a > 1\n", "train.py": TRAIN}
        assert preprocessing.check(facts_of(files)).state is State.MET

    def test_transforms_inline_in_the_training_script_are_partial(self) -> None:
        source = "from torchvision import transforms\n\nto = transforms.Compose([transforms.ToTensor()])\n" + TRAIN
        assert preprocessing.check(facts_of({"main.py": source})).state is State.PARTIAL

    def test_notebooks_only_are_partial(self) -> None:
        assert (
            preprocessing.check(facts_of({"a.ipynb": notebook("frame = frame.dropna()\n" + TRAIN)})).state
            is State.PARTIAL
        )

    def test_a_training_without_any_preparation_is_unmet(self) -> None:
        assert preprocessing.check(facts_of({"train.py": TRAIN})).state is State.UNMET

    def test_a_front_of_a_ready_model_needs_none(self) -> None:
        source = "from openai import OpenAI\n\nOpenAI().chat.completions.create(model='gpt-4o')\n"
        assert preprocessing.check(facts_of({"app.py": source})).state is State.NA

    def test_a_model_of_its_own_needs_one_though_it_was_trained_elsewhere(self) -> None:
        assert preprocessing.check(facts_of({"app.py": SERVE})).state is State.UNMET


class TestApplicationsOfReadyModels:
    def test_reading_the_text_of_an_answer_prepares_no_data(self) -> None:
        tool = "import re\nfrom openai import OpenAI\n\ndef extract_text(page):\n    return re.sub('<.*?>', '', page)\n"
        assert preprocessing.check(facts_of({"tools.py": tool})).state is State.NA

    def test_an_ingestion_module_does(self) -> None:
        ingest = (
            "import re\nfrom openai import OpenAI\n\ndef extract_text(page):\n    return re.sub('<.*?>', '', page)\n"
        )
        assert preprocessing.check(facts_of({"ingest.py": ingest})).state is State.MET


class TestTraining:
    def test_a_script_is_met(self) -> None:
        assert training.check(facts_of({"train.py": TRAIN})).state is State.MET

    def test_a_trainer_that_takes_no_argument_trains(self) -> None:
        source = "from trl import SFTTrainer\n\ntrainer = SFTTrainer(model=model)\ntrainer.train()\n"
        assert training.check(facts_of({"finetune.py": source})).state is State.MET

    def test_switching_a_network_to_training_mode_is_no_training(self) -> None:
        source = (
            "import torch\n\nmodel = torch.hub.load('pytorch/vision', 'resnet18')\nmodel.train()\nmodel.train(False)\n"
        )
        assert training.check(facts_of({"app.py": source})).state is State.NA

    def test_fitting_a_scaler_is_no_training(self) -> None:
        source = "from sklearn.preprocessing import StandardScaler\n\nsteps = StandardScaler()\nsteps.fit(x)\n"
        assert training.check(facts_of({"prep.py": source})).state is State.NA

    def test_python_2_is_understood(self) -> None:
        source = "from sklearn.svm import SVC\nprint 'training'\nclf = SVC()\nclf.fit(x, y)\n"
        assert training.check(facts_of({"train.py": source})).state is State.MET

    def test_r_is_understood(self) -> None:
        assert (
            training.check(facts_of({"train.R": "library(randomForest)\nfit <- randomForest(y ~ ., data = d)\n"})).state
            is State.MET
        )

    def test_notebooks_only_are_partial(self) -> None:
        assert training.check(facts_of({"a.ipynb": notebook(TRAIN)})).state is State.PARTIAL

    def test_a_half_written_cell_costs_only_itself(self) -> None:
        assert training.check(facts_of({"a.ipynb": notebook("for x in", TRAIN)})).state is State.PARTIAL

    def test_an_own_model_without_its_training_is_unmet(self) -> None:
        found = training.check(facts_of({"app.py": SERVE, "model.joblib": b"x"}))
        assert found.state is State.UNMET
        assert found.evidence[0].path == "app.py"

    def test_a_model_of_a_hub_needs_no_training(self) -> None:
        source = "from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained('bert-base-uncased')\n"
        assert training.check(facts_of({"app.py": source})).state is State.NA


class TestEvaluation:
    def test_a_script_is_met(self) -> None:
        source = "from sklearn.metrics import f1_score\n\ndef evaluate(model, x, y):\n    return f1_score(y, model.predict(x))\n"
        assert evaluation.check(facts_of({"train.py": TRAIN, "evaluate.py": source})).state is State.MET

    def test_a_flag_that_only_evaluates_is_met(self) -> None:
        source = (
            "import argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--eval', action='store_true')\n"
            + TRAIN
        )
        assert evaluation.check(facts_of({"train.py": source})).state is State.MET

    def test_metrics_at_the_end_of_training_are_partial(self) -> None:
        source = "from sklearn.metrics import f1_score\n" + TRAIN + "print(f1_score(y, model.predict(x)))\n"
        assert evaluation.check(facts_of({"train.py": source})).state is State.PARTIAL

    def test_an_application_of_a_language_model_that_measures_nothing_is_unmet(self) -> None:
        source = "from openai import OpenAI\n\nOpenAI().chat.completions.create(model='gpt-4o')\n"
        assert evaluation.check(facts_of({"app.py": source})).state is State.UNMET

    def test_validating_input_is_no_evaluation(self) -> None:
        source = "def validate_input(row):\n    return bool(row)\n"
        assert evaluation.check(facts_of({"train.py": TRAIN, "checks.py": source})).state is State.UNMET

    def test_figures_of_a_business_are_no_evaluation(self) -> None:
        source = "import requests\n\nrows = requests.get('u').json()\nfor row in rows:\n    print(row.get('a'), row.get('b'), len(row))\n"
        assert evaluation.check(facts_of({"train.py": TRAIN, "assets/member_metrics.py": source})).state is State.UNMET

    def test_checking_input_in_a_repository_without_a_model_is_none(self) -> None:
        assert (
            evaluation.check(facts_of({"config.py": "def validate_values(row):\n    return row\n"})).state is State.NA
        )

    def test_a_public_model_behind_an_endpoint_has_nothing_of_its_own_to_measure(self) -> None:
        source = "import torch\n\nmodel = torch.hub.load('pytorch/vision', 'resnet18')\n"
        assert evaluation.check(facts_of({"app.py": source})).state is State.NA


class TestInference:
    def test_a_service_is_met(self) -> None:
        assert inference.check(facts_of({"app.py": SERVE})).state is State.MET

    def test_predictions_on_the_test_split_are_no_inference(self) -> None:
        source = "from sklearn.metrics import f1_score\n" + TRAIN + "print(f1_score(y, model.predict(x)))\n"
        assert inference.check(facts_of({"train.py": source})).state is State.UNMET

    def test_a_notebook_that_loads_and_predicts_is_partial(self) -> None:
        book = notebook("import joblib\nmodel = joblib.load('model.joblib')\nmodel.predict(rows)\n")
        assert inference.check(facts_of({"predict.ipynb": book})).state is State.PARTIAL

    def test_a_repository_without_a_model_infers_nothing(self) -> None:
        assert inference.check(facts_of({"a.py": "print(1)\n"})).state is State.NA


class TestDeployment:
    DOCKERFILE = 'FROM python:3.11\nCMD ["python", "app.py"]\n'

    def test_an_image_and_what_composes_it_is_met(self) -> None:
        files = {
            "app.py": SERVE,
            "Dockerfile": self.DOCKERFILE,
            "docker-compose.yml": "services:\n  api:\n    build: .\n",
        }
        assert deployment.check(facts_of(files)).state is State.MET

    def test_a_compose_file_of_databases_only_deploys_nothing_of_the_system(self) -> None:
        files = {
            "app.py": SERVE,
            "Dockerfile": self.DOCKERFILE,
            "docker-compose.yml": "services:\n  db:\n    image: postgres:16\n",
        }
        assert deployment.check(facts_of(files)).state is State.PARTIAL

    def test_a_ci_job_that_rolls_out_is_met(self) -> None:
        workflow = "on: push\njobs:\n  deploy:\n    steps:\n      - run: gcloud run deploy api --image x\n"
        files = {"app.py": SERVE, "Dockerfile": self.DOCKERFILE, ".github/workflows/deploy.yml": workflow}
        assert deployment.check(facts_of(files)).state is State.MET

    def test_an_image_that_ci_pushes_and_nobody_deploys_is_partial(self) -> None:
        workflow = "on: push\njobs:\n  image:\n    steps:\n      - uses: docker/build-push-action@v5\n"
        files = {"app.py": SERVE, "Dockerfile": self.DOCKERFILE, ".github/workflows/image.yml": workflow}
        assert deployment.check(facts_of(files)).state is State.PARTIAL

    def test_secrets_in_ci_and_what_its_tests_start_deploy_nothing(self) -> None:
        workflow = "on: push\njobs:\n  test:\n    steps:\n      - run: docker compose up -d\n        env:\n          TOKEN: ${{ secrets.TOKEN }}\n"
        files = {
            "app.py": SERVE,
            ".github/workflows/test.yml": workflow,
            ".devcontainer/docker-compose.yml": "services:\n  dev:\n    build: .\n",
        }
        assert deployment.check(facts_of(files)).state is State.UNMET

    def test_a_pipeline_that_only_a_notebook_hands_to_a_platform_is_partial(self) -> None:
        source = "from sagemaker.workflow.pipeline import Pipeline\n\npipeline = Pipeline(name='churn', steps=steps)\npipeline.upsert(role_arn=role)\n"
        notebook = json.dumps({"cells": [{"cell_type": "code", "source": source}]})
        found = deployment.check(facts_of({"code/train.py": "x = 1\n", "pipeline.ipynb": notebook}))
        assert found.state is State.PARTIAL
        assert found.evidence[0].path == "pipeline.ipynb"

    def test_a_procfile_alone_is_partial(self) -> None:
        assert (
            deployment.check(facts_of({"app.py": SERVE, "Procfile": "web: gunicorn app:app\n"})).state is State.PARTIAL
        )

    def test_nothing_is_unmet(self) -> None:
        assert deployment.check(facts_of({"app.py": SERVE, "README.md": "Deploy with Docker.\n"})).state is State.UNMET


def test_an_archive_packed_from_source_beside_it_is_no_copy() -> None:
    packed = {"lambda/handler.py": "import os\n", "lambda.zip": b"PK"}
    assert one_codebase.check(facts_of(packed)).state is State.MET
    assert one_codebase.check(facts_of({"app.py": "import os\n", "lambda.zip": b"PK"})).state is State.UNMET


def test_a_trainer_that_is_run_trains_and_its_evaluator_is_inline() -> None:
    code = "from chainer import training\nfrom chainer.training import extensions\n\n\ndef fit(updater):\n    trainer = training.Trainer(updater, (5, 'epoch'))\n    trainer.extend(extensions.Evaluator(data, net))\n    trainer.run()\n"
    assert training.check(facts_of({"fit.py": code})).state is State.MET
    assert evaluation.check(facts_of({"fit.py": code})).state is State.PARTIAL


def test_a_network_that_is_called_without_gradients_infers() -> None:
    code = "import torch\n\nmodel = torch.hub.load('acme/vision', 'segment')\n\n\ndef segment(image):\n    with torch.no_grad():\n        return model(image)\n"
    assert inference.check(facts_of({"segments.py": code})).state is State.MET


def test_a_notebook_that_could_not_be_read_may_hold_the_training() -> None:
    files: dict[str, str | bytes] = {
        "predict.py": "import joblib\nmodel = joblib.load('model.joblib')\nmodel.predict([[1]])\n",
        "lab/points_model.ipynb": "",
    }
    assert training.check(facts_of(files)).state is State.PARTIAL
    files.pop("lab/points_model.ipynb")
    assert training.check(facts_of(files)).state is State.UNMET


class TestNamesThatOnlySeemToTell:
    def test_a_helper_in_a_folder_of_benchmarks_measures_nothing(self) -> None:
        helper = (
            "import os\nimport shutil\nimport mlflow\n\ndef fetch():\n    mlflow.set_tracking_uri(os.environ['URI'])\n"
            "    shutil.rmtree('out')\n    os.makedirs('out')\n\nif __name__ == '__main__':\n    fetch()\n"
        )
        measuring = "import time\n" + helper.replace("fetch()", "time.perf_counter()")
        assert evaluation.check(facts_of({"train.py": TRAIN, "benchmarks/load.py": helper})).state is State.UNMET
        assert evaluation.check(facts_of({"train.py": TRAIN, "benchmarks/load.py": measuring})).state is State.MET

    def test_a_payload_loads_no_data(self) -> None:
        payload = "package a;\npublic class Payload { private String value; }\n"
        loader = "package a;\npublic class DataLoader { void load() { read(); } }\n"
        service = '@RestController\nclass Api { @PostMapping("/predict") String predict(Payload p) { return model.predict(p); } }\n'
        assert preprocessing.check(facts_of({"a/Payload.java": payload, "a/Api.java": service})).state is not State.MET
        assert preprocessing.check(facts_of({"a/Loader.java": loader, "a/Api.java": service})).state is State.MET

    def test_a_licence_header_and_the_settings_of_tools_are_no_copies(self) -> None:
        header = "/****\n" + " *  Permission is hereby granted, free of charge, to any person.\n" * 6 + " ****/\n"
        settings = "module.exports = {\n" + "".join(f"  option{n}: 'value {n}',\n" for n in range(20)) + "}\n"
        files = {"a/one.ts": header, "b/two.ts": header, "a/jest.config.js": settings, "b/jest.config.js": settings}
        assert one_codebase.check(facts_of({"train.py": TRAIN, **files})).state is State.MET
        copied = {"a/limits.js": settings, "b/limits.js": settings}
        assert one_codebase.check(facts_of({"train.py": TRAIN, **copied})).state is State.PARTIAL

    def test_a_job_that_pushes_to_the_remote_of_a_platform_deploys(self) -> None:
        job = (
            "jobs:\n  deploy:\n    steps:\n      - run: |\n          git remote add space "
            "https://user:$TOKEN@huggingface.co/spaces/team/app.git\n          git push --force space HEAD:main\n"
        )
        image = {"app.py": SERVE, "Dockerfile": 'FROM python:3.11\nCMD ["gunicorn", "app:app"]\n'}
        assert deployment.check(facts_of({**image, ".github/workflows/deploy.yml": job})).state is State.MET
        assert deployment.check(facts_of(image)).state is State.PARTIAL

    def test_a_platform_of_others_that_a_task_installs_deploys_nothing_of_the_system(self) -> None:
        image = {"app.py": SERVE, "Dockerfile": 'FROM python:3.11\nCMD ["gunicorn", "app:app"]\n'}
        others = 'up:\n\tkubectl apply -k "github.com/kubeflow/pipelines/manifests?ref=2.0"\n\tdocker compose up -d\n'
        attached = {"compose.yaml": "services:\n  database:\n    image: postgres:16\n"}
        assert deployment.check(facts_of({**image, **attached, "Makefile": others})).state is State.PARTIAL
        own = "up:\n\tkubectl apply -f k8s/\n"
        assert deployment.check(facts_of({**image, "Makefile": own})).state is State.MET

    def test_a_vector_of_a_classified_text_is_no_preprocessing(self) -> None:
        code = "import joblib\n\nclass Classifier:\n    def classify(self, text):\n        return self.model.predict_proba(self.vectorizer.transform([text]))\n"
        assert preprocessing.check(facts_of({"api/classifier.py": code, "app.py": SERVE})).state is not State.MET

    def test_a_search_by_embeddings_infers(self) -> None:
        code = "from sentence_transformers import SentenceTransformer\n\nclass Client:\n    def vectors(self, texts):\n        return self._model.encode(texts)\n"
        assert inference.check(facts_of({"embedding.py": code})).state is State.MET

    def test_a_policy_that_is_evaluated_is_no_model(self) -> None:
        policy = "class Policy:\n    def evaluate(self, error_rate: float) -> bool:\n        return error_rate < self.limit\n"
        judged = "from sklearn.metrics import accuracy_score\n\ndef evaluate(model, x, y):\n    return accuracy_score(y, model.predict(x))\n"
        assert evaluation.check(facts_of({"train.py": TRAIN, "rollback.py": policy})).state is State.UNMET
        assert evaluation.check(facts_of({"train.py": TRAIN, "scores.py": judged})).state is State.MET

    def test_a_report_on_the_drift_of_data_measures_no_model(self) -> None:
        report = "from evidently import Report\nfrom evidently.presets import DataDriftPreset\n\ndef compare(old, new):\n    Report(metrics=[DataDriftPreset()]).run(reference_data=old, current_data=new)\n"
        assert evaluation.check(facts_of({"train.py": TRAIN, "drift/nodes.py": report})).state is State.UNMET

    def test_a_function_that_asks_an_endpoint_infers(self) -> None:
        code = "const client = new SageMakerRuntimeClient()\nexports.handler = (event) => client.send(new InvokeEndpointCommand({ Body: event.body }))\n"
        assert inference.check(facts_of({"train.py": TRAIN, "lambda/index.js": code})).state is State.MET
        other = code.replace("InvokeEndpointCommand", "PutObjectCommand")
        assert inference.check(facts_of({"train.py": TRAIN, "lambda/index.js": other})).state is State.UNMET


def test_a_program_that_loads_a_stored_model_to_use_it_is_inference_by_whatever_method() -> None:
    code = "import torch\nmodel = torch.load('model.pt')\nif __name__ == '__main__':\n    print(Translator(model).sentence('x'))\n"
    assert inference.check(facts_of({"translate.py": code})).state is State.MET
    assert inference.check(facts_of({"convert_weights.py": code})).state is not State.MET


def test_a_compose_service_of_the_image_that_a_script_builds_deploys_the_system() -> None:
    files = {
        "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        "Dockerfile": 'FROM python:3.11\nCMD ["python", "app.py"]\n',
        "docker-compose.yml": "services:\n  api:\n    image: scorer:latest\n",
    }
    assert deployment.check(facts_of(files)).state is State.PARTIAL
    assert deployment.check(facts_of({**files, "build.sh": "docker build --tag=scorer:latest .\n"})).state is State.MET
    first = {**files, "docker-compose.yml": "api:\n  image: scorer\n", "build.sh": "docker build -t=scorer .\n"}
    assert deployment.check(facts_of(first)).state is State.MET
