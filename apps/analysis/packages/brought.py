"""Packages that a declared base image or managed runtime brings, so that no manifest needs to name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.packages.names import names_of
from apps.analysis.running import clusters, compose

if TYPE_CHECKING:
    from apps.analysis.repository import Facts

# A pattern of image names, two spaces, the packages. What those need themselves is not brought: it may change.
_ANACONDA = "numpy scipy pandas matplotlib scikit-learn scikit-image statsmodels seaborn bokeh plotly h5py sympy nltk numba dask distributed requests beautifulsoup4 lxml sqlalchemy pillow networkx jupyter ipython notebook tqdm joblib pyyaml flask pytables openpyxl xlrd gensim boto3 cython"
_KAGGLE = "opencv-python albumentations catboost timm fastai spacy shap optuna polars pytorch-lightning torchvision torchaudio torchmetrics wandb imageio geopandas pyarrow librosa sentencepiece datasets tokenizers accelerate"
_TABLE = r"""
apache/airflow|astro-?runtime|astronomer\S{0,40}/(runtime|ap-airflow)|astrocrpublic|puckel/docker-airflow|bitnami/airflow|cloud-composer|mwaa-local  apache-airflow
jupyter/(scipy|datascience|tensorflow|pytorch|pyspark|all-spark|r-)  $anaconda
jupyter/(pyspark|all-spark)|(bitnami|apache)/spark|spark-?py|datamechanics/spark|emr-(serverless|containers)|/dataproc  pyspark py4j
jupyter/tensorflow|tensorflow/tensorflow|/tensorflow:|tensorflow-(training|inference)|/tf2?[-:]  tensorflow numpy keras h5py protobuf absl-py six tensorboard
pytorch/pytorch|nvidia/pytorch|pytorch-(training|inference)|jupyter/pytorch|pytorch-(gpu|cpu|xla)|anibali/pytorch|cnstark/pytorch  torch torchvision torchaudio numpy pillow pyyaml tqdm
huggingface/|huggingface-pytorch|text-generation-inference  torch transformers datasets tokenizers numpy huggingface-hub accelerate
(rayproject|anyscale)/ray  ray
ray-ml  torch tensorflow scikit-learn xgboost lightgbm
continuumio/anaconda|/anaconda3?:  $anaconda
gcr\.io/kaggle|kaggle/python|kaggle-images  $kaggle
kaggle-images|gcr\.io/kaggle|kaggle/python|deeplearning-platform-release  $anaconda torch tensorflow keras xgboost lightgbm transformers google-cloud-storage google-cloud-bigquery google-cloud-aiplatform
lambda/python|aws-lambda|public\.ecr\.aws/sam  boto3 botocore
azureml/curated|azureml/sklearn|AzureML-[a-z]|azureml://registries/azureml/environments  scikit-learn pandas numpy scipy joblib mlflow azureml-mlflow azureml-core azureml-defaults azureml-dataset-runtime matplotlib inference-schema
AzureML-(tensorflow|tf)|acpt|AzureML-(acft|pytorch)  tensorflow torch torchvision transformers datasets numpy
azureml/(openmpi|intelmpi|minimal|mlflow)|azureml/[\w-]+-inference  azureml-inference-server-http
databricksruntime|spark_version  $anaconda pyspark mlflow delta-spark
tiangolo/uvicorn-gunicorn-fastapi  fastapi uvicorn gunicorn
tiangolo/(uwsgi-nginx-|meinheld-gunicorn-)?flask  flask
prefecthq/prefect  prefect
dagster/|dagster-k8s  dagster
mageai/  mage-ai
bentoml/  bentoml
zenmldocker/  zenml
mlflow/mlflow  mlflow
seldonio/  seldon-core numpy
tritonserver  tritonclient triton-python-backend-utils numpy
torchserve  torch torchvision ts numpy pillow
tensorflow/tfx|tfx-oss-public  tfx tensorflow tensorflow-transform tensorflow-model-analysis apache-beam absl-py
sagemaker-(scikit|sklearn)|sagemaker-xgboost  numpy scipy pandas matplotlib scikit-learn xgboost boto3 joblib
nvidia/(merlin|nemo)  torch numpy pandas cudf
rapidsai  cudf cuml cupy numpy pandas dask
apache/superset  apache-superset
feastdev/  feast
osgeo/gdal  gdal numpy
vllm/  vllm torch transformers
ultralytics/  ultralytics torch torchvision opencv-python numpy pillow
"""
_IMAGES = [
    (expression(pattern), packages.replace("$anaconda", _ANACONDA).replace("$kaggle", _KAGGLE))
    for pattern, _, packages in (row.partition("  ") for row in _TABLE.strip().split("\n"))
]
_ESTIMATORS = {
    "boto3 botocore sagemaker-training numpy pandas scipy scikit-learn joblib": ("sagemaker.sklearn.*", "sagemaker.*.SKLearn*", "sagemaker.*.ScriptProcessor", "sagemaker.*.FrameworkProcessor"),
    "torch torchvision torchaudio boto3 sagemaker-inference numpy pandas scikit-learn": ("sagemaker.pytorch.*", "sagemaker.*.PyTorch*"),
    "tensorflow keras boto3 numpy pandas scikit-learn h5py": ("sagemaker.tensorflow.*", "sagemaker.*.TensorFlow*"),
    "xgboost boto3 numpy pandas scikit-learn scipy": ("sagemaker.xgboost.*", "sagemaker.*.XGBoost*"),
    "transformers torch datasets tokenizers boto3 numpy accelerate": ("sagemaker.huggingface.*", "sagemaker.*.HuggingFace*"),
    "pyspark py4j boto3": ("sagemaker.spark.*", "sagemaker.*.PySparkProcessor"),
    "mxnet gluoncv boto3 numpy": ("sagemaker.mxnet.*", "sagemaker.*.MXNet*"),
}  # fmt: skip


def brought(facts: Facts) -> set[str]:
    """Names of packages that a declared base image or managed runtime brings."""
    names: set[str] = set()
    for image in _images(facts):
        for pattern, packages in _IMAGES:
            if pattern.search(image):
                names.update(*(names_of(one) for one in packages.split()))
    sagemaker = facts.imports("sagemaker")
    for packages_, patterns in _ESTIMATORS.items():
        if sagemaker and facts.calls(*patterns):
            names.update(*(names_of(one) for one in packages_.split()))
    images = facts.calls("*.image_uris.retrieve") if sagemaker else []
    frameworks = {str(call.argument(0, "framework")) for _, call in images}
    for packages_, patterns in _ESTIMATORS.items():
        if any(f"sagemaker.{one}.*" in patterns for one in frameworks):
            names.update(*(names_of(one) for one in packages_.split()))
    if _runs_on_lambda(facts):
        names |= {"boto3", "botocore"}
    return names


def _images(facts: Facts) -> set[str]:
    """Image names of Dockerfiles, compose and Kubernetes files, CI jobs and platform files, and of code that names one."""
    named = {part.value for file in facts.dockerfiles for part in file.facts.instructions if part.name == "FROM"}
    keys = ("image", "base_image", "baseImage", "docker_image", "dockerImage", "image_uri", "imageName", "environment")
    named |= {
        leaf.text
        for key in keys
        for file, leaf in facts.leaves(r"\.(ya?ml|json)$", "**", key, value=r"[/:]|AzureML-")
        if not (re.search(compose.COMPOSE, file.path) and clusters.ATTACHED.search(leaf.text))  # runs no code from here
    }
    named |= {f"spark_version {leaf.text}" for _, leaf in facts.leaves(r"\.(ya?ml|json)$", "**", "spark_version")}
    named |= {
        one.value
        for _, one in facts.texts(r"^(mcr|gcr|[\w.-]+-docker\.pkg|\d+\.dkr|nvcr|docker)[\w.-]*\.\w+/|AzureML-")
    }
    return named


def _runs_on_lambda(facts: Facts) -> bool:
    return bool(
        facts.signals("terraform-block", "aws_lambda_function")
        or facts.leaves(r"\.(ya?ml|json)$", "**", "Type", value=r"^AWS::(Serverless::Function|Lambda::Function)$")
        or facts.leaves(r"serverless\.ya?ml$", "provider", "name", value="aws")
        or facts.calls("aws_cdk.aws_lambda.*", "aws_cdk.*.Function")
    )
