"""Libraries, toolkits and platforms that train, load, ask and measure models: each is known by its own names."""

from __future__ import annotations

import json

import pytest

from apps.analysis.learning import measuring, stages
from tests.analysis.making import facts_of

TRAIN = "import torch\n\nloss.backward()\n"


def cell(source: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": source}]})


def trains(files: dict[str, str | bytes]) -> bool:
    return facts_of(files).profile.trains.holds


@pytest.mark.parametrize(
    "source",
    [
        "from lightning.pytorch.cli import LightningCLI\n\nLightningCLI(Net, Data)\n",
        "from mmengine.runner import Runner\n\nrunner = Runner.from_cfg(cfg)\nrunner.train()\n",
        "from mmdet.apis import train_detector\n\ntrain_detector(net, data, cfg)\n",
        "from trl import PPOTrainer\n\nppo = PPOTrainer(config, net)\nppo.step(q, r, rewards)\n",
        "import mlx.nn as nn\n\nstep = nn.value_and_grad(net, loss)\n",
        "from tflite_model_maker import object_detector\n\nnet = object_detector.create(data)\n",
        "import cv2\n\nfaces = cv2.face.LBPHFaceRecognizer_create()\nfaces.train(images, ids)\n",
        "import statsmodels.api as sm\n\nfound = sm.OLS(y, x).fit()\n",
        "from arch import arch_model\n\nam = arch_model(r)\nfound = am.fit()\n",
        "from surprise import SVD\n\nalgo = SVD()\nalgo.fit(trainset)\n",
        "from river import tree\n\nm = tree.HoeffdingTreeClassifier()\nm.learn_one(x, y)\n",
        "from pycaret.regression import *\n\nsetup(data=d, target='y')\nbest = create_model('lr')\n",
        "import autosklearn.classification\n\na = autosklearn.classification.AutoSklearnClassifier()\na.fit(x, y)\n",
        "from lightautoml.presets import TabularAutoML\n\na = TabularAutoML(task=t)\na.fit_predict(d, roles=r)\n",
        "from statsforecast import StatsForecast\n\nsf = StatsForecast(models=m, freq='M')\nsf.forecast(df=d, h=12)\n",
        "import keras_tuner as kt\n\ntuner = kt.Hyperband(build)\ntuner.search(x, y, epochs=5)\n",
        "import gpt_2_simple as gpt2\n\ngpt2.finetune(session, 'rows.txt', steps=10)\n",
        "from mrcnn import model as lib\n\nm = lib.MaskRCNN(mode='training')\nm.train(a, b, epochs=3)\n",
        "import pymc as pm\n\nwith pm.Model():\n    trace = pm.sample(1000)\n",
        "from numpyro.infer import MCMC, NUTS\n\nm = MCMC(NUTS(net))\nm.run(key)\n",
        "from ray.rllib.algorithms.ppo import PPOConfig\n\nalgo = PPOConfig().environment('e').build()\nalgo.train()\n",
        "from tianshou.trainer import offpolicy_trainer\n\noffpolicy_trainer(policy, a, b)\n",
        "from recbole.quick_start import run_recbole\n\nrun_recbole(model='BPR')\n",
        "import boto3\n\nboto3.client('bedrock').create_model_customization_job(jobName='j')\n",
        "from vertexai.tuning import sft\n\njob = sft.train(source_model='m', train_dataset='gs://b/t.jsonl')\n",
        "from azure.ai.ml import automl\n\njob = automl.classification(training_data=d, target_column_name='y')\n",
        "from textblob.classifiers import NaiveBayesClassifier\n\nc = NaiveBayesClassifier(rows)\n",
        "from snowflake.ml.modeling.xgboost import XGBClassifier\n\nc = XGBClassifier()\nc.fit(frame)\n",
    ],
)
def test_training_by_a_library(source: str) -> None:
    assert trains({"run.py": source})


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nimport torchvision\n\nnet = torchvision.models.resnet18()\nnet.train()\n",
        "import xlsxwriter\n\nsheet = book.add_worksheet()\nsheet.autofit()\n",
        "from mmengine.runner import Runner\n\nrunner = Runner.from_cfg(cfg)\nrunner.test()\n",
        "from shop import *\n\nm = create_model('order')\n",
        "from app import index\n\ntuner = index.Tuner()\nfound = tuner.search('text')\n",
        "from app.cli import Runner\n\nRunner().run('x')\n",
        "import pandas as pd\n\nrows = pd.read_csv('a.csv').sample(10)\n",
    ],
)
def test_the_same_words_of_others_train_nothing(source: str) -> None:
    assert not trains({"run.py": source})


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("run.sh", "CUDA_VISIBLE_DEVICES=0 fairseq-hydra-train task.data=/d\n"),
        ("run.sh", "yolo task=detect mode=train model=yolov8s.pt data=d.yaml\n"),
        ("run.sh", "./darknet detector train obj.data yolo.cfg conv.137\n"),
        ("run.sh", "tune run --nproc_per_node 2 lora_finetune_distributed --config c\n"),
        ("run.sh", "python src/train_bash.py --stage sft --do_train\n"),
        ("run.sh", "gcloud ai custom-jobs create --region=r --worker-pool-spec=s\n"),
        ("run.sh", "zcat rows.gz | vw --loss_function logistic -f model.vw\n"),
        ("run.sh", "python -m baselines.run --alg=ppo2 --env=Pong\n"),
        ("run.sh", "steps/train_mono.sh --nj 4 data/train data/lang exp/mono\n"),
        ("Makefile", "fit:\n\tludwig train --dataset d.csv --config c.yaml\n"),
        ("project.yml", "commands:\n  - name: fit\n    script:\n      - 'python -m spacy train c.cfg -o out'\n"),
        ("dvc.yaml", "stages:\n  fit:\n    cmd: rasa train --domain domain.yml\n"),
        (
            "docker-compose.yml",
            "services:\n  fit:\n    image: axolotl:1\n    command: python -m axolotl.cli.train c.yml\n",
        ),
        ("fit.ipynb", cell("!python train.py --img 640 --epochs 5 --data d.yaml")),
        ("fit.ipynb", cell("!yolo detect train data=d.yaml")),
    ],
)
def test_training_by_a_command(path: str, content: str) -> None:
    assert trains({path: content})


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("run.sh", "yolo task=detect mode=predict model=best.pt source=in\n"),
        ("run.sh", "echo 'use: rasa train --domain d'\n"),
        ("run.sh", "pip install axolotl ludwig\n"),
        ("run.sh", "tune run server --port 80\n"),
        ("run.sh", "docker run -v $PWD:/w vw:1 ls -l\n"),
        ("run.sh", "python -m pytest tests run_glue.py\n"),
        ("fit.ipynb", cell("!python detect.py --img 640")),
    ],
)
def test_other_commands_train_nothing(path: str, content: str) -> None:
    assert not trains({path: content})


def test_a_program_of_a_toolkit_that_lies_here_is_judged_by_what_it_does() -> None:
    files: dict[str, str | bytes] = {"run.sh": "torchrun --nproc_per_node 2 lm/run_glue.py --task_name sst2\n"}
    assert trains(files)
    assert not trains({**files, "lm/run_glue.py": "print('to be done')\n"})


OWN = [
    "from ultralytics import YOLO\n\nnet = YOLO('weights/helmets.pt')\n",
    "import torch\n\nnet = torch.hub.load('ultralytics/yolov5', 'custom', path='best.pt')\n",
    "import spacy\n\nnlp = spacy.load('./out/model-best')\n",
    "from peft import PeftModel\n\nnet = PeftModel.from_pretrained(base, './out/checkpoint-500')\n",
    "from gensim.models.doc2vec import Doc2Vec\n\nnet = Doc2Vec.load('d.model')\n",
    "import fasttext\n\nnet = fasttext.load_model('models/intents.bin')\n",
    "from autogluon.tabular import TabularPredictor\n\nnet = TabularPredictor.load('ag')\n",
    "from stable_baselines3 import DQN\n\nnet = DQN.load('dqn')\n",
    "from pyspark.ml.classification import GBTClassificationModel\n\nnet = GBTClassificationModel.load('m')\n",
    "import paddle\n\nstate = paddle.load('m.pdparams')\n",
    "import mxnet as mx\n\nsym, arg, aux = mx.model.load_checkpoint('m', 3)\n",
    "import h2o\n\nnet = h2o.import_mojo('m.zip')\n",
]
PUBLIC = [
    "from ultralytics import YOLO\n\nnet = YOLO('yolov8n-seg.pt')\n",
    "import torch\n\nnet = torch.hub.load('ultralytics/yolov5', 'yolov5s')\n",
    "import spacy\n\nnlp = spacy.load('en_core_web_sm')\n",
    "import fasttext\n\nnet = fasttext.load_model('lid.176.bin')\n",
    "from transformers import AutoModel\n\nnet = AutoModel.from_pretrained('acme/base-finetuned-sst2')\n",
    "import clip\n\nnet, prepare = clip.load('ViT-B/32')\n",
]


@pytest.mark.parametrize("source", [*OWN, *PUBLIC])
def test_a_model_that_is_loaded(source: str) -> None:
    profile = facts_of({"app.py": source}).profile
    assert profile.loads_model.holds
    assert profile.own_model.holds == (source in OWN)


@pytest.mark.parametrize(
    "source",
    [
        "import mediapipe as mp\n\nhands = mp.solutions.hands.Hands()\n",
        "import face_recognition\n\nfound = face_recognition.face_encodings(image)\n",
        "import cv2\n\nfaces = cv2.CascadeClassifier('haarcascade_frontalface_default.xml')\n",
        "import nudenet\n\nfound = nudenet.NudeDetector().detect('a.png')\n",
        "import speech_recognition as sr\n\ntext = sr.Recognizer().recognize_google(sound)\n",
    ],
)
def test_what_brings_a_trained_model_with_it_is_a_model_of_somebody_else(source: str) -> None:
    facts = facts_of({"app.py": source})
    assert facts.profile.model.holds
    assert not facts.profile.own_model.holds
    assert stages.inference(facts).own


@pytest.mark.parametrize(
    "source",
    [
        "import pycrfsuite\n\nt = pycrfsuite.Tagger()\nt.open('m')\nt.tag(x)\n",
        "from detectron2.engine import DefaultPredictor\n\np = DefaultPredictor(cfg)\nout = p(image)\n",
        "from transformers import pipeline\n\np = pipeline('ner')\nout = p('text')\n",
        "from sentence_transformers import SentenceTransformer\n\nm = SentenceTransformer('a')\nm.encode(texts)\n",
        "import tensorflow_hub as hub\n\nembed = hub.load('https://tfhub.dev/a/1')\nembed(texts)\n",
        "from pyspark.ml import PipelineModel\n\nm = PipelineModel.load('m')\nm.transform(rows)\n",
        "from vosk import Model, KaldiRecognizer\n\nr = KaldiRecognizer(Model('m'), 16000)\nr.AcceptWaveform(w)\n",
    ],
)
def test_a_model_that_is_asked_by_a_name_of_its_own(source: str) -> None:
    assert stages.inference(facts_of({"step.py": source})).own


@pytest.mark.parametrize(
    "source",
    [
        "from ultralytics import YOLO\n\nm = YOLO('best.pt')\nm.val()\n",
        "import lightning as L\n\nt = L.Trainer()\nt.test(net, data)\n",
        "import nltk\n\nprint(nltk.classify.accuracy(c, rows))\n",
        "from stable_baselines3.common.evaluation import evaluate_policy\n\nevaluate_policy(m, env)\n",
        "from darts.metrics import mape\n\nprint(mape(a, b))\n",
    ],
)
def test_a_measure_by_a_name_of_its_own(source: str) -> None:
    assert measuring.evaluation(facts_of({"fit.py": TRAIN, "check.py": source})).evidence


def test_a_value_of_a_box_is_no_measure() -> None:
    files = {"fit.py": TRAIN, "check.py": "from ui import Box\n\nb = Box()\nb.val()\nb.test()\n"}
    assert not measuring.evaluation(facts_of(files)).evidence


@pytest.mark.parametrize("command", ["lighteval accelerate 'pretrained=a' b", "sacrebleu ref.txt -i out.txt"])
def test_a_measure_by_a_command(command: str) -> None:
    assert measuring.evaluation(facts_of({"fit.py": TRAIN, "check.sh": f"{command}\n"})).own
    assert not measuring.evaluation(facts_of({"fit.py": TRAIN, "check.sh": f"pip install {command}\n"})).own
