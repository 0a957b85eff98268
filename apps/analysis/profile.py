"""What the system *is*: whether it trains, serves, runs batch jobs, uses a language model. Applicability rests on this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.analysis.repository import places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


@dataclass(frozen=True, slots=True)
class Claim:
    """A truth about the system with the places that show it, the most telling first."""

    holds: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    trains: Claim
    serves: Claim
    batch: Claim
    language_model: Claim  # it calls or hosts a large language model
    model: Claim  # it loads, trains or calls some model at all
    notebooks_only: bool
    corrected: dict[str, bool] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        claims = {name: getattr(self, name) for name in ("trains", "serves", "batch", "language_model", "model")}
        shown: dict[str, object] = {
            name: {
                "holds": claim.holds,
                "evidence": [{"path": place.path, "line": place.line} for place in claim.evidence],
            }
            for name, claim in claims.items()
        }
        return shown | {"notebooks_only": self.notebooks_only}


def profile_of(facts: Facts) -> Profile:
    trains, serves, batch = _trains(facts), _serves(facts), _batch(facts)
    language_model = _language_model(facts)
    loads = places(facts.calls(*MODEL_LOADS))
    return Profile(
        trains=_claim(trains),
        serves=_claim(serves),
        batch=_claim(batch),
        language_model=_claim(language_model),
        model=_claim([*trains, *loads, *language_model]),
        notebooks_only=bool(facts.notebooks) and not facts.scripts,
    )


def _claim(evidence: Iterable[Evidence]) -> Claim:
    kept = tuple(dict.fromkeys(evidence))[:6]
    return Claim(bool(kept), kept)


MODEL_LOADS = (
    "joblib.load", "pickle.load", "cPickle.load", "dill.load", "cloudpickle.load", "torch.load", "torch.jit.load", "*.load_state_dict",
    "*.load_model", "*.from_pretrained", "transformers.pipeline", "sentence_transformers.SentenceTransformer",
    "onnxruntime.InferenceSession", "spacy.load", "tensorflow.saved_model.load", "torch.hub.load", "*.load_weights",
    "timm.create_model", "torchvision.models.*", "ultralytics.YOLO", "whisper.load_model", "*.load_from_checkpoint", "*.restore",
)  # fmt: skip

# Learners whose `fit` is preparation of data, not training of the system's model.
_PREPARING = (
    "scaler",
    "encoder",
    "vectorizer",
    "imputer",
    "tokenizer",
    "pca",
    "transformer",
    "binarizer",
    "selector",
    "preprocess",
    "ohe",
    "tfidf",
    "le",
    "label",
    "sc",
    "datagen",
)
_LEARNING_TOPS = (
    "sklearn", "xgboost", "lightgbm", "catboost", "torch", "tensorflow", "keras", "pytorch_lightning", "lightning", "fastai", "transformers",
    "statsmodels", "prophet", "fbprophet", "surprise", "implicit", "gensim", "spacy", "mxnet", "paddle", "jax", "flax", "pyspark", "h2o", "autogluon",
    "pycaret", "tflearn", "caffe", "theano", "chainer", "sagemaker", "ultralytics", "peft", "trl", "deepspeed", "accelerate", "lightfm", "skorch",
    "tpot", "flaml", "darts", "pmdarima", "ray", "neuralprophet", "imblearn", "cuml", "dask_ml", "river", "allennlp", "detectron2", "mmcv", "mmdet",
)  # fmt: skip


def _trains(facts: Facts) -> list[Evidence]:
    learning = {file.path for file, _ in facts.imports(*_LEARNING_TOPS)}
    sure = facts.calls(
        "*.backward", "*.fit_generator", "*.train_on_batch", "xgboost.train", "lightgbm.train", "lightgbm.cv", "catboost.train",
        "*.Trainer().train", "*.Trainer().fit", "tensorflow.GradientTape", "*.fit_one_cycle", "*.fine_tune", "*.minimize",
        "fasttext.train_supervised", "*.fasttext.train_unsupervised", "optax.*", "statsmodels.*.fit", "*.compute_gradients",
        "*.fine_tuning.jobs.create", "*.FineTuningJob.create",
    )  # fmt: skip
    fits = [
        (file, call)
        for file, call in facts.calls("*.fit", "*.train", "*.partial_fit", "*.fit_resample")
        if file.path in learning and _is_learning(call)
    ]
    functions = [
        (file, one) for file, one in facts.defines(r"^train(_model|_step|_epoch|ing)?$") if file.path in learning
    ]
    managed = facts.calls("sagemaker.*.fit", "*.TrainingStep", "*.CustomTrainingJob*", "azureml.*.Estimator", "*.ScriptRunConfig",
                          "google.cloud.aiplatform.*TrainingJob*", "*.create_training_job")  # fmt: skip
    others = [(file, line) for file, line, _ in facts.signals("train")]
    return [
        *places(_scripts_first(sure)), *places(_scripts_first(fits)), *places(managed), *places(functions), *places(others),
    ]  # fmt: skip


def _is_learning(call: Call) -> bool:
    """`scaler.fit(x)` prepares, `model.fit(x, y)` learns; `model.train()` without arguments only switches a mode."""
    receiver = call.name.rsplit(".", 1)[0].lower().rsplit(".", 1)[-1].removesuffix("()")
    if any(receiver == word or (len(word) > 3 and word in receiver) for word in _PREPARING):
        return False
    if call.last == "train":
        return bool(call.args or call.kwargs) and call.args not in ([False], [True])
    return bool(call.args or call.kwargs)


def _scripts_first(pairs: list[tuple[File, Call]]) -> list[tuple[File, Call]]:
    return sorted(pairs, key=lambda pair: pair[0].name.endswith(".ipynb"))


SERVERS = (
    "fastapi.FastAPI", "flask.Flask", "flask_restful.Api", "bottle.run", "bottle.Bottle", "tornado.web.Application", "aiohttp.web.Application",
    "sanic.Sanic", "falcon.App", "falcon.API", "starlette.applications.Starlette", "grpc.server", "grpc.aio.server", "dash.Dash",
    "gradio.Interface", "gradio.Blocks", "gradio.ChatInterface", "bentoml.Service", "bentoml.service", "ray.serve.run", "ray.serve.deployment",
    "litserve.LitServer", "uvicorn.run", "waitress.serve", "*.HTTPServer", "quart.Quart", "connexion.*App", "django.core.wsgi.get_wsgi_application",
    "django.core.asgi.get_asgi_application", "chainlit.*", "panel.serve", "litestar.Litestar", "robyn.Robyn", "mcp.server.fastmcp.FastMCP", "xmlrpc.server.*",
    "responder.API", "hug.get", "hug.post", "cherrypy.quickstart", "web.application", "solara.*", "nicegui.ui.run", "modal.web_endpoint", "modal.asgi_app",
)  # fmt: skip


def _serves(facts: Facts) -> list[Evidence]:
    started = facts.calls(*SERVERS)
    decorated = [
        (file, one)
        for file, one in facts.defines("")
        for decorator in one.decorators
        if decorator.name.startswith(("bentoml.", "ray.serve.", "chainlit.", "litserve."))
    ]
    streamlit = [(file, line) for file, line in facts.imports("streamlit")]
    managed = [
        (file, one)
        for file, one in facts.calls("*.create_endpoint", "*.online_endpoints.begin_create_or_update", "sagemaker.*.deploy", "*.Endpoint.create",
                                     "azureml.core.model.Model.deploy", "*.AksWebservice.*", "*.AciWebservice.*", "*.create_endpoint_config")
    ]  # fmt: skip
    scoring = [
        (file, one)
        for file, one in facts.defines(r"^init$")
        if any(
            other.name == "run" and not other.scope for other in (file.facts.code.defines if file.facts.code else ())
        )
        and "scor" in file.name
    ]
    declared = [
        (file, leaf)
        for file, leaf in facts.leaves(r"\.ya?ml$", "kind", value=r"^(InferenceService|SeldonDeployment|RayService)$")
    ] + facts.leaves(r"\.(ya?ml|json)$", "**", "Type", value=r"^AWS::SageMaker::Endpoint$")
    images = [
        (file, one)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name in {"CMD", "ENTRYPOINT"}
        and any(
            word in one.value
            for word in (
                "uvicorn",
                "gunicorn",
                "streamlit",
                "tensorflow_model_server",
                "torchserve",
                "tritonserver",
                "flask run",
            )
        )
    ]
    commands = facts.commands(
        r"\b(uvicorn|gunicorn|streamlit run|torchserve|tensorflow_model_server|mlflow models serve|bentoml serve|flask run|vllm serve)\b"
    )
    others = [(file, line) for file, line, _ in facts.signals("server")]
    return [
        *places(started), *places(decorated), *places(streamlit), *places(scoring), *places(images), *places(managed), *places(declared),
        *places(commands), *places(others),
    ]  # fmt: skip


ORCHESTRATORS = (
    "airflow",
    "prefect",
    "dagster",
    "kedro",
    "zenml",
    "kfp",
    "luigi",
    "metaflow",
    "flytekit",
    "argo_workflows",
    "hera",
    "sagemaker.workflow",
    "azureml.pipeline",
    "azure.ai.ml",
)


def _batch(facts: Facts) -> list[Evidence]:
    orchestrated = facts.imports(*ORCHESTRATORS)
    named = [
        (file, file.facts.code.main)
        for file in facts.scripts
        if file.facts.code
        and file.facts.code.main
        and any(word in file.name for word in ("batch", "predict", "score", "infer", "pipeline"))
    ]
    declared = facts.leaves(r"(^|/)(dvc\.yaml|MLproject)$") + facts.leaves(
        r"\.ya?ml$", "kind", value=r"^(CronJob|Job|Workflow|CronWorkflow|SparkApplication)$"
    )
    spark = [(file, line) for file, line, _ in facts.signals("spark")]
    return [
        *places(orchestrated),
        *places(named),
        *places(declared[:3]),
        *places(facts.calls("pyspark.sql.SparkSession*")),
        *places(spark),
    ]


LANGUAGE_MODELS = (
    "openai", "anthropic", "langchain", "langchain_openai", "langchain_core", "langchain_community", "langchain_anthropic", "langgraph", "llama_index",
    "cohere", "litellm", "vllm", "ollama", "google.generativeai", "google.genai", "vertexai.generative_models", "vertexai.language_models", "groq", "mistralai",
    "haystack", "dspy", "guidance", "instructor", "llama_cpp", "semantic_kernel", "autogen", "crewai", "replicate", "together", "chainlit", "smolagents", "pydantic_ai",
    "langchain_groq", "langchain_google_genai", "langchain_ollama", "langchain_huggingface", "langchain_aws",
)  # fmt: skip


def _language_model(facts: Facts) -> list[Evidence]:
    return places(facts.imports(*LANGUAGE_MODELS))
