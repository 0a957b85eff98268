"""Models that the system does not train: brought by packages, asked as services, held by servers of models."""

from __future__ import annotations

import re

import pytest

from apps.analysis.checks.codebase import inference
from apps.analysis.checks.processes import model_external
from apps.analysis.findings import State
from tests.analysis.making import facts_of

FLASK = "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route('/faces')\ndef faces():\n"
TRITON = "services:\n  models:\n    image: tritonserver:24.01-py3\n    command: tritonserver --model-repository=/m\n"
KSERVE = "kind: InferenceService\nspec:\n  predictor:\n    model:\n      storageUri: gs://acme/models/7\n"


class TestBroughtByPackages:
    @pytest.mark.parametrize(
        "source",
        [
            f"from deepface import DeepFace\n{FLASK}    return DeepFace.analyze(request.data)\n",
            f"import face_recognition\n{FLASK}    return face_recognition.face_encodings(request.data)\n",
            "import mediapipe as mp\n\nhands = mp.solutions.hands.Hands()\nseen = hands.process(frame)\n",
            "from insightface.app import FaceAnalysis\n\nfaces = FaceAnalysis(name='buffalo_l')\n",
            "from paddleocr import PaddleOCR\n\nreader = PaddleOCR(lang='en')\n",
            "import easyocr\n\nreader = easyocr.Reader(['en'])\n",
            "import cv2\n\nfaces = cv2.CascadeClassifier('faces.xml').detectMultiScale(image)\n",
        ],
    )
    def test_they_are_loaded_and_asked_but_not_own(self, source: str) -> None:
        facts = facts_of({"app.py": source, "requirements.txt": "opencv-python\n"})
        assert facts.profile.loads_model.holds
        assert not facts.profile.own_model.holds
        assert inference.check(facts).state is State.MET
        assert model_external.check(facts).state is State.MET

    @pytest.mark.parametrize(("path", "is_own"), [("search/reranker.py", False), ("score.py", True)])
    def test_what_ranks_hits_of_a_search_comes_from_a_hub(self, path: str, is_own: bool) -> None:
        load = "import onnxruntime\n\nranks = onnxruntime.InferenceSession(f'{folder}/model.onnx')\n"
        assert facts_of({path: load}).profile.own_model.holds is is_own

    def test_an_own_module_of_the_same_name_brings_none(self) -> None:
        files = {
            "mtcnn.py": "def detect(image):\n    return image\n",
            "app.py": "import mtcnn\n\nmtcnn.detect(image)\n",
        }
        assert not facts_of({**files}).profile.loads_model.holds
        assert facts_of({"app.py": files["app.py"]}).profile.loads_model.holds

    def test_beside_a_model_that_is_trained_they_infer_nothing(self) -> None:
        files = {
            "train.py": "from sklearn.svm import SVC\n\nmodel = SVC()\nmodel.fit(x, y)\n",
            "crop.py": "import face_recognition\n\nbox = face_recognition.face_locations(image)\n",
        }
        assert inference.check(facts_of(files)).state is State.UNMET

    @pytest.mark.parametrize(
        "source",
        [
            "from mmdet.apis import init_detector\n\nmodel = init_detector('a.py', 'w.pth')\n",
            "from detectron2.engine import DefaultPredictor\n\npredict = DefaultPredictor(options)\n",
            "import clip\n\nmodel, prepare = clip.load('ViT-B/32')\n",
            "from openvino.runtime import Core\n\ncore = Core()\nmodel = core.read_model('m.xml')\n",
            "import bentoml\n\nrunner = bentoml.sklearn.get('iris:latest').to_runner()\n",
            "from zenml import get_step_context\n\nmodel = get_step_context().model.load_artifact('model')\n",
            "import pickle\n\nsimilarity = pickle.load(open('similarity.pkl', 'rb'))\n",
        ],
    )
    def test_so_are_models_that_other_frameworks_load(self, source: str) -> None:
        assert facts_of({"app.py": source}).profile.loads_model.holds


class TestAskedAsServices:
    @pytest.mark.parametrize(
        "ask",
        [
            "import boto3\n\nlabels = boto3.client('rekognition').detect_labels(Image=image)\n",
            "import boto3\n\nboto3.client('sagemaker-runtime').invoke_endpoint(EndpointName=name, Body=body)\n",
            "from google.cloud import vision\n\nclient = vision.ImageAnnotatorClient()\n",
            "from azure.ai.textanalytics import TextAnalyticsClient\n\nclient = TextAnalyticsClient(endpoint, key)\n",
            "import tritonclient.grpc as triton\n\nclient = triton.InferenceServerClient(url)\n",
            "import requests\n\nanswer = requests.post('http://models:8501/v1/models/cats:predict', json=rows)\n",
        ],
    )
    def test_a_model_is_asked_but_none_is_loaded(self, ask: str) -> None:
        facts = facts_of({"ask.py": ask})
        assert facts.profile.model.holds
        assert not facts.profile.loads_model.holds
        assert inference.check(facts).state is State.MET

    @pytest.mark.parametrize(
        ("path", "line"),
        [
            ("read.js", "const vision = require('@google-cloud/vision');"),
            ("read.ts", "import { RekognitionClient } from '@aws-sdk/client-rekognition';"),
            ("Read.java", "import com.google.cloud.vision.v1.ImageAnnotatorClient;"),
            ("Look.java", "import com.google.cloud.dlp.v2.DlpServiceClient;"),
            ("look.ts", "import { DlpServiceClient } from '@google-cloud/dlp';"),
            ("look.py", "from google.cloud import dlp_v2\n\nfound = dlp_v2.DlpServiceClient().inspect_content(asked)"),
        ],
    )
    def test_in_other_languages_too(self, path: str, line: str) -> None:
        facts = facts_of({path: f"{line}\n"})
        assert facts.profile.model.holds
        assert inference.check(facts).state is State.MET
        other = re.sub(r"vision|dlp(_v2)?", "storage", line).replace("rekognition", "s3")
        assert not facts_of({path: f"{other}\n"}).profile.model.holds

    def test_a_feature_store_scores_batches_by_a_model(self) -> None:
        assert inference.check(facts_of({"score.py": "rows = store.score_batch(uri, frame)\n"})).state is State.MET

    def test_a_client_for_a_bucket_asks_no_model(self) -> None:
        assert not facts_of({"ask.py": "import boto3\n\nbucket = boto3.client('s3')\n"}).profile.model.holds

    def test_a_route_of_the_system_itself_is_no_model_asked_elsewhere(self) -> None:
        source = (
            "from flask import Flask\n\napp = Flask('a')\n\n\n@app.post('/invocations')\ndef answer():\n    return 1\n"
        )
        assert not facts_of({"app.py": source}).profile.model.holds

    def test_a_model_of_vertex_answers_from_afar(self) -> None:
        source = "from vertexai import language_models as of\n\nmodel = of.TextEmbeddingModel.from_pretrained('e')\n"
        assert facts_of({"embed.py": source}).profile.model.holds
        assert not facts_of({"embed.py": source}).profile.loads_model.holds

    def test_an_own_method_that_is_named_for_an_endpoint_makes_none(self) -> None:
        source = "from index import Manager\n\nmanager = Manager()\nmanager.create_endpoint('vectors')\n"
        assert not facts_of({"setup.py": source}).profile.serves.holds
        made = source.replace("from index import Manager", "import boto3").replace(
            "Manager()", "boto3.client('sagemaker')"
        )
        assert facts_of({"setup.py": made}).profile.serves.holds

    def test_bedrock_answers_by_a_language_model(self) -> None:
        source = "import boto3\n\nclient = boto3.client(service_name='bedrock-runtime')\n"
        assert facts_of({"ask.py": source}).profile.language_model.holds
        assert not facts_of({"ask.py": source.replace("bedrock-runtime", "lambda")}).profile.language_model.holds


class TestHeldByServers:
    @pytest.mark.parametrize(
        ("path", "content"),
        [("compose.yaml", TRITON), ("k8s/model.yaml", KSERVE), ("run.sh", "vllm serve acme/small\n")],
    )
    def test_a_server_of_models_loads_what_its_deployment_names(self, path: str, content: str) -> None:
        facts = facts_of({path: content, "a.py": "x = 1\n"})
        assert facts.profile.loads_model.holds
        assert model_external.check(facts).state is State.MET

    @pytest.mark.parametrize("text", ["docker pull tritonserver\n", "docker tag ollama/ollama registry/ollama\n"])
    def test_an_image_that_is_only_copied_holds_no_model(self, text: str) -> None:
        assert not facts_of({"mirror.sh": text, "a.py": "x = 1\n"}).profile.loads_model.holds

    def test_what_an_operator_may_offer_holds_none(self) -> None:
        files: dict[str, str | bytes] = {"roles/seldon/defaults/main.yml": "server:\n  image: tritonserver:24.01-py3\n"}
        assert not facts_of({**files, "a.py": "x = 1\n"}).profile.loads_model.holds

    def test_an_image_of_a_client_of_triton_serves_nothing(self) -> None:
        files: dict[str, str | bytes] = {
            "Dockerfile": "FROM nvcr.io/nvidia/tritonserver:24.01-py3-sdk\n",
            "a.py": "x = 1\n",
        }
        assert not facts_of(files).profile.serves.holds

    def test_ollama_holds_a_language_model(self) -> None:
        files: dict[str, str | bytes] = {"compose.yaml": "services:\n  llm:\n    image: ollama/ollama:0.3\n"}
        assert facts_of(files).profile.language_model.holds
        assert not facts_of({"compose.yaml": TRITON}).profile.language_model.holds

    @pytest.mark.parametrize(
        ("command", "language", "other"),
        [
            ("xinference-local", True, True),
            ("swift deploy m", True, True),
            ("docker run lmsysorg/sglang:v0.4", True, True),
            ("infinity_emb v2 --model-id m", False, True),
            ("litellm --config c.yaml", False, False),
            ("docker pull lmsysorg/sglang:v0.4", False, False),
        ],
    )
    def test_engines_load_what_they_hold_and_gateways_hold_nothing(
        self, command: str, *, language: bool, other: bool
    ) -> None:
        profile = facts_of({"run.sh": f"{command}\n", "a.py": "x = 1\n"}).profile
        assert (profile.language_model.holds, profile.loads_model.holds) == (language, other)


class TestClientsInManifests:
    MANIFEST = '{"dependencies": {"openai": "4.0.0", "express": "4.0.0"}}'

    def test_what_a_scaffold_lists_and_nothing_imports_is_no_language_model(self) -> None:
        files: dict[str, str | bytes] = {"package.json": self.MANIFEST, "a.js": "import express from 'express';\n"}
        assert not facts_of(files).profile.language_model.holds
        assert facts_of({**files, "b.js": "import OpenAI from 'openai';\n"}).profile.language_model.holds

    def test_a_message_that_a_messenger_creates_asks_no_model(self) -> None:
        sent = "await client.messages.create({ body: code, to: number });\n"
        twilio: dict[str, str | bytes] = {"sms.js": f"import twilio from 'twilio';\n{sent}"}
        assert not facts_of(twilio).profile.stages["inference"].holds
        asked: dict[str, str | bytes] = {"ask.js": f"import Anthropic from '@anthropic-ai/sdk';\n{sent}"}
        assert facts_of(asked).profile.stages["inference"].holds
