"""Names of distributions that differ from the names of the modules they bring."""

from __future__ import annotations

import re
import sys

_PYTHON_2 = frozenset(
    [
        "ConfigParser",
        "Queue",
        "StringIO",
        "cStringIO",
        "cPickle",
        "urllib2",
        "urlparse",
        "httplib",
        "commands",
        "HTMLParser",
        "Tkinter",
        "tkMessageBox",
        "tkFileDialog",
        "SocketServer",
        "BaseHTTPServer",
        "SimpleHTTPServer",
        "xmlrpclib",
        "cookielib",
        "Cookie",
        "copy_reg",
        "dummy_thread",
        "thread",
        "anydbm",
        "dbhash",
        "whichdb",
        "sets",
        "md5",
        "sha",
        "new",
        "popen2",
        "__builtin__",
        "exceptions",
        "imp",
        "future_builtins",
        "itertools",
        "distutils",
        "asyncore",
        "asynchat",
        "smtpd",
        "lib2to3",
        "UserDict",
        "UserList",
        "UserString",
        "htmlentitydefs",
        "cgi",
        "pipes",
        "telnetlib",
        "crypt",
        "audioop",
        "aifc",
        "sunau",
        "nntplib",
        "uu",
        "xdrlib",
        "msilib",
        "spwd",
        "nis",
        "chunk",
        "imghdr",
        "sndhdr",
        "mailcap",
        "ossaudiodev",
        "cgitb",
    ]
)
# Brought by the interpreter's own installation, by the notebook's server or by the platform that runs the code.
_PLATFORM = frozenset(["pkg_resources", "setuptools", "pip", "wheel", "_pytest", "dbutils", "dbruntime", "awsglue", "kaggle_secrets", "kaggle_datasets", "IPython", "ipykernel", "__main__", "google.colab", "snowflake_ml_platform"])  # fmt: skip
STANDARD = sys.stdlib_module_names | _PYTHON_2

DISTRIBUTIONS: dict[str, str] = {
    "PIL": "pillow pillow-simd", "cv2": "opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless opencv py-opencv", "sklearn": "scikit-learn sklearn scikit-learn-intelex",
    "skimage": "scikit-image", "yaml": "pyyaml", "bs4": "beautifulsoup4 bs4", "dotenv": "python-dotenv", "jwt": "pyjwt", "jose": "python-jose", "dateutil": "python-dateutil", "attr": "attrs",
    "serial": "pyserial", "usb": "pyusb", "Crypto": "pycryptodome pycrypto", "Cryptodome": "pycryptodomex", "OpenSSL": "pyopenssl", "MySQLdb": "mysqlclient mysql-python", "mysql": "mysql-connector-python mysql-connector",
    "psycopg2": "psycopg2 psycopg2-binary", "psycopg": "psycopg psycopg-binary", "git": "gitpython", "github": "pygithub", "gitlab": "python-gitlab", "magic": "python-magic", "docx": "python-docx", "pptx": "python-pptx",
    "fitz": "pymupdf", "pymupdf4llm": "pymupdf4llm", "telegram": "python-telegram-bot", "slack": "slackclient", "wx": "wxpython", "zmq": "pyzmq", "nacl": "pynacl", "ldap": "python-ldap", "socks": "pysocks",
    "faiss": "faiss-cpu faiss-gpu faiss", "tensorflow": "tensorflow tensorflow-gpu tensorflow-cpu tensorflow-macos intel-tensorflow tf-nightly", "keras": "keras tensorflow", "tensorflow_hub": "tensorflow-hub",
    "tensorflow_model_analysis": "tensorflow-model-analysis", "tensorflow_transform": "tensorflow-transform", "tflite_runtime": "tflite-runtime", "torch": "torch pytorch pytorch-gpu pytorch-cpu", "torchtext": "torchtext",
    "pytorch_lightning": "pytorch-lightning lightning", "lightning": "lightning pytorch-lightning", "lightning_fabric": "lightning lightning-fabric", "apex": "apex nvidia-apex", "pytorch_pretrained_bert": "pytorch-pretrained-bert",
    "xgboost": "xgboost py-xgboost xgboost-cpu", "lightgbm": "lightgbm", "catboost": "catboost", "hydra": "hydra-core", "omegaconf": "omegaconf hydra-core", "wandb": "wandb", "umap": "umap-learn", "hdbscan": "hdbscan",
    "imblearn": "imbalanced-learn imblearn", "category_encoders": "category-encoders", "mlxtend": "mlxtend", "prophet": "prophet fbprophet", "fbprophet": "fbprophet prophet", "statsmodels": "statsmodels",
    "ruamel": "ruamel.yaml ruamel-yaml", "pkg_resources": "setuptools", "mpl_toolkits": "matplotlib matplotlib-base", "matplotlib": "matplotlib matplotlib-base", "pylab": "matplotlib", "tables": "tables pytables",
    "airflow": "apache-airflow", "pyspark": "pyspark databricks-connect", "delta": "delta-spark", "databricks": "databricks-sdk databricks-cli databricks-feature-store databricks-sql-connector", "beam": "apache-beam", "apache_beam": "apache-beam",
    "kfp": "kfp kfp-server-api", "azureml": "azureml-core azureml-sdk azureml-defaults azureml-pipeline azureml-mlflow", "sagemaker": "sagemaker", "sagemaker_training": "sagemaker-training", "sagemaker_inference": "sagemaker-inference",
    "smexperiments": "sagemaker-experiments", "aws_cdk": "aws-cdk-lib aws-cdk.core aws-cdk", "constructs": "constructs aws-cdk-lib", "googleapiclient": "google-api-python-client", "vertexai": "google-cloud-aiplatform vertexai",
    "apiclient": "google-api-python-client", "firebase_admin": "firebase-admin", "gcsfs": "gcsfs", "grpc": "grpcio", "grpc_health": "grpcio-health-checking", "grpc_tools": "grpcio-tools", "confluent_kafka": "confluent-kafka",
    "kafka": "kafka-python kafka-python-ng", "pika": "pika", "flask_sqlalchemy": "flask-sqlalchemy", "flask_restful": "flask-restful", "flask_cors": "flask-cors", "werkzeug": "werkzeug", "rest_framework": "djangorestframework",
    "corsheaders": "django-cors-headers", "environ": "django-environ environ-config", "decouple": "python-decouple", "multipart": "python-multipart", "socketio": "python-socketio", "engineio": "python-engineio", "pydantic_settings": "pydantic-settings",
    "prometheus_client": "prometheus-client", "opentelemetry": "opentelemetry-api opentelemetry-sdk opentelemetry-distro", "sentry_sdk": "sentry-sdk", "pythonjsonlogger": "python-json-logger", "snowflake": "snowflake-connector-python snowflake-snowpark-python",
    "pinecone": "pinecone pinecone-client", "qdrant_client": "qdrant-client", "chromadb": "chromadb", "weaviate": "weaviate-client", "elasticsearch_dsl": "elasticsearch-dsl", "neo4j": "neo4j neo4j-driver", "bson": "pymongo bson", "gridfs": "pymongo",
    "mlflow": "mlflow mlflow-skinny", "comet_ml": "comet-ml", "neptune": "neptune neptune-client", "dvc": "dvc", "dvclive": "dvclive", "whylogs": "whylogs", "great_expectations": "great-expectations", "evidently": "evidently", "nltk": "nltk",
    "sentence_transformers": "sentence-transformers", "transformers": "transformers pytorch-transformers", "datasets": "datasets", "evaluate": "evaluate", "huggingface_hub": "huggingface-hub", "spacy": "spacy", "en_core_web_sm": "en-core-web-sm spacy",
    "sentencepiece": "sentencepiece", "gensim": "gensim", "allennlp": "allennlp", "fairseq": "fairseq", "whisper": "openai-whisper", "langchain": "langchain", "llama_index": "llama-index llama-index-core", "llama_cpp": "llama-cpp-python",
    "unstructured": "unstructured", "pypdf": "pypdf", "PyPDF2": "pypdf2", "speech_recognition": "speechrecognition", "pyaudio": "pyaudio", "soundfile": "soundfile pysoundfile", "gym": "gym", "stable_baselines3": "stable-baselines3",
    "ale_py": "ale-py", "Bio": "biopython", "rdkit": "rdkit rdkit-pypi", "osgeo": "gdal", "shapely": "shapely", "ortools": "ortools", "pulp": "pulp", "cvxpy": "cvxpy", "igraph": "python-igraph igraph", "community": "python-louvain",
    "pygments": "pygments", "markdown": "markdown", "jinja2": "jinja2", "nbformat": "nbformat", "pywintypes": "pywin32", "win32api": "pywin32", "win32com": "pywin32", "Xlib": "python-xlib", "gi": "pygobject", "cairo": "pycairo",
    "tlz": "toolz", "levenshtein": "levenshtein python-levenshtein", "Levenshtein": "levenshtein python-levenshtein", "fuzzywuzzy": "fuzzywuzzy", "pycocotools": "pycocotools pycocotools-windows cocoapi", "ultralytics": "ultralytics", "detectron2": "detectron2",
    "mmcv": "mmcv mmcv-full", "timm": "timm", "ignite": "pytorch-ignite", "skopt": "scikit-optimize", "surprise": "scikit-surprise", "sksurv": "scikit-survival", "sklearn_pandas": "sklearn-pandas", "pandas_profiling": "pandas-profiling ydata-profiling",
    "ydata_profiling": "ydata-profiling", "plotly": "plotly", "dash": "dash", "dash_core_components": "dash dash-core-components", "dash_html_components": "dash dash-html-components", "streamlit_option_menu": "streamlit-option-menu", "numpy": "numpy", "pandas": "pandas",
    "typing_extensions": "typing-extensions", "six": "six", "slugify": "python-slugify unicode-slugify", "nmap": "python-nmap", "xdg": "pyxdg", "jsonschema": "jsonschema", "openai": "openai", "tqdm": "tqdm", "requests": "requests", "seaborn": "seaborn", "scipy": "scipy",
    "torchvision": "torchvision", "flask": "flask", "fastapi": "fastapi", "uvicorn": "uvicorn", "joblib": "joblib", "streamlit": "streamlit", "boto3": "boto3", "botocore": "botocore boto3", "redis": "redis", "celery": "celery", "sqlalchemy": "sqlalchemy", "ray": "ray",
    "optuna": "optuna", "prefect": "prefect", "dagster": "dagster", "kedro": "kedro", "zenml": "zenml", "click": "click", "typer": "typer", "loguru": "loguru", "pydantic": "pydantic", "starlette": "starlette", "pytest": "pytest", "pymongo": "pymongo", "gradio": "gradio",
    "bentoml": "bentoml", "jax": "jax", "flax": "flax", "optax": "optax", "einops": "einops", "tiktoken": "tiktoken", "anthropic": "anthropic", "onnx": "onnx", "onnxruntime": "onnxruntime onnxruntime-gpu", "locust": "locust locustio", "httpx": "httpx", "aiohttp": "aiohttp",
    "pyarrow": "pyarrow", "polars": "polars", "dask": "dask", "tornado": "tornado", "django": "django", "gunicorn": "gunicorn", "pytz": "pytz", "pendulum": "pendulum", "google.protobuf": "protobuf", "google.auth": "google-auth", "google.oauth2": "google-auth google-auth-oauthlib",
    "google.generativeai": "google-generativeai", "google.genai": "google-genai", "google.cloud.aiplatform": "google-cloud-aiplatform", "google.cloud.aiplatform_v1": "google-cloud-aiplatform", "google.api_core": "google-api-core", "google.appengine": "appengine-python-standard",
    "azure.ai.ml": "azure-ai-ml", "azure.cognitiveservices": "azure-cognitiveservices-speech", "azure.keyvault": "azure-keyvault azure-keyvault-secrets", "airflow.providers": "apache-airflow", "google.cloud.ndb": "google-cloud-ndb", "google.cloud": "gcloud", "pyx": "pyx",
}  # fmt: skip
# Modules below which each second or third part is a distribution of its own.
NAMESPACES = frozenset({"google", "azure", "azureml", "opentelemetry", "llama_index", "airflow", "zope", "jaraco", "ruamel", "aws_cdk", "snowflake", "databricks", "backports", "sphinxcontrib"})  # fmt: skip
_AFFIXES = re.compile(
    r"^(python-|py-?)|(-python|-py|-binary|-gpu|-cpu|-nightly|-headless|-client|-sdk|-core|-lib|-base|[23]|-cu\d+|-ng)$"
)

# What a managed base image brings along.
BROUGHT: tuple[tuple[str, str], ...] = (
    (r"airflow|astro-runtime|astronomer", "airflow pendulum"),
    (r"tensorflow|tfx", "tensorflow numpy keras tensorboard"),
    (r"pytorch|torchserve", "torch torchvision numpy torchaudio"),
    (r"huggingface|deepspeed", "torch transformers numpy tokenizers datasets"),
    (r"jupyter/(datascience|scipy|pyspark|all-spark|tensorflow)|kaggle|anaconda|dataproc|databricks|rapidsai", "numpy pandas scipy sklearn matplotlib seaborn pyspark bs4 sqlalchemy skimage statsmodels numba dask cudf cuml cupy"),
    (r"spark", "pyspark"),
    (r"rayproject|anyscale", "ray"),
    (r"lambda", "boto3 botocore"),
    (r"mlflow", "mlflow"),
    (r"prefect", "prefect"),
    (r"tiangolo/uvicorn-gunicorn-fastapi", "fastapi uvicorn gunicorn starlette pydantic"),
    (r"uwsgi-nginx-flask", "flask"),
)  # fmt: skip


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.split("[", 1)[0].strip().lower())


def is_platform(module: str) -> bool:
    top = module.split(".", 1)[0]
    return top in _PLATFORM or any(module.startswith(one) for one in ("google.colab", "google.appengine"))


def brings(declared: frozenset[str], module: str) -> bool:
    """Whether one of the declared distributions (normalised names) brings the dotted module."""
    parts = module.split(".")
    for depth in range(min(3, len(parts)), 0, -1):
        prefix = ".".join(parts[:depth])
        if any(normal(one) in declared for one in DISTRIBUTIONS.get(prefix, "").split()):
            return True
        if normal(prefix) in declared:
            return True
    if parts[0] in NAMESPACES:
        below = normal("-".join(parts[:2]))
        return any(one.startswith((below, f"apache-{below}")) for one in declared)
    return any(_bare(one) == _bare(normal(parts[0])) for one in declared)


def _bare(name: str) -> str:
    return _AFFIXES.sub("", name).replace("-", "")
