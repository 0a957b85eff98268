"""What counts as a setting of the environment: names of places, and values that elsewhere would be others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import File

_PLACE = (
    r"host(name)?|ports?|ur[il]s?|endpoint\w*|address|addr|server\w*|broker\w*|bootstrap\w*|path|dir(ectory)?|folder|root|file(name|path)?|fp|loc(ation)?|bucket\w*|container|region|zone|"
    r"project(_?id)?|account(_?id)?|subscription\w*|resource_?group|workspace\w*|cluster\w*|namespace|registry|repository|database|db(_?name)?|dsn|schema|table|topic\w*|queue|device|gpus?|cuda|"
    r"tracking_uri|output|input|data(set)?|save|cache|home|role(_?arn)?|env(ironment)?|stage|index|collection|prefix|backend|domain|profile|image(_?uri)?|instance_type|debug|catalog|warehouse|ckpt|checkpoint|weights|artifact\w*"
)
PLACE_FLAG = expression(rf"^-{{0,2}}([\w-]*[_-])?({_PLACE})([_-]\w+)?$", re.IGNORECASE)
# Of these, names of files and folders: what lies in the repository differs nowhere.
_FILE_FLAG = expression(
    r"^-{0,2}([\w-]*[_-])?(path|dir(ectory)?|folder|root|file(name|path)?|fp|output|input|data(set)?|save|cache|index|prefix|ckpt|checkpoint|weights|images?|artifact\w*|table|schema|collection)([_-]\w+)?$",
    re.IGNORECASE,
)
_HOW = expression(r"^-{0,2}(is_?)?(debug|verbose)([_-]?mode)?$", re.IGNORECASE)
TUNING = expression(
    r"CUDA_VISIBLE|TOKENIZERS_PARALLEL|^(OMP|MKL|NCCL|TF_CPP|PYTHON|KMP|PYTORCH|LC_|LANG|PATH$|TERM|CI$|DJANGO_SETTINGS_MODULE$|(ON_|IS_)?(KAGGLE|COLAB)_?)|^(OPENAI|ANTHROPIC|COHERE|GROQ|MISTRAL|GEMINI|GOOGLE|PALM|HUGGINGFACE|HF|REPLICATE|TOGETHER|DEEPSEEK)_API$|KEY$|TOKEN$|SECRET|PASSWORD",
    re.IGNORECASE,
)

ABSOLUTE = expression(
    r"^(/(?!opt/ml/)(home|Users|mnt|data|opt|srv|var|usr/(?:local|src|app)|efs|content|kaggle|scratch|workspace|root|nfs|tmp/\w|dbfs|datasets?|raid|media|gpfs|shared|app|net|Volumes)/|[A-Za-z]:[\\/]\w|~/\w|\\\\\w)"
)
BUCKET = expression(r"^((s3a?|gs|wasbs?|abfss?|hdfs|adl|az)://|(dbfs|hdfs):/+)[\w{]")
_CLOUD = expression(
    r"\.(amazonaws|azure|windows|azurewebsites|azurecr|run\.app|cloudfunctions|pkg\.dev|mongodb|rds|snowflakecomputing|databricks)\b|\bgcr\.io/|\d{12}\.dkr|arn:aws:(?!iam::aws)\w+:[\w-]*:\d{12}|"
    r"^(us|eu|ap|ca|sa|me|af)-(east|west|central|north|south|northeast|southeast)\w*-?\d$"
)
REGION = expression(
    r"^(us|eu|ap|ca|sa|me|af|cn|il)-(gov-)?(east|west|central|north|south|northeast|southeast|northwest|southwest)\w*-?\d$"
)
CLOUD_REGION = expression(
    rf"{REGION.pattern}|^(east|west|north|south|central|southcentral|northcentral|westcentral)(us|europe|asia|india)\d?$"
    r"|^(us|europe|asia|australia|northamerica|southamerica)-(east|west|north|south|central|northeast|southeast)\d$"
)
MANY_REGIONS = 4
# Registries, resources and workspaces of one account of a cloud.
CLOUD_ACCOUNT = expression(
    r"\d{12}\.dkr|arn:aws:(?!iam::aws)\w+:[\w-]*:\d{12}|\w\.azurecr\.io|-docker\.pkg\.dev/[\w-]+|\.rds\.amazonaws|adb-\d+"
    r"|\b\w*\.?gcr\.io/(?!google|kaniko|distroless|ml-pipeline|kubeflow|knative|deeplearning|cloud)[\w-]+/"
)
ADDRESS = expression(
    r"^(?!0\.0\.0\.0|127\.0\.0\.1|1\.2\.3\.4|1\.1\.1\.1|8\.8\.[48]\.[48]|255\.)\d{1,3}(\.\d{1,3}){3}(:\d+)?$|://\d{1,3}(\.\d{1,3}){3}"
)
URL = expression(
    r"^(https?|grpc|tcp|redis|amqp|postgres(ql)?(\+\w+)?|(jdbc:)?mysql(\+\w+)?|jdbc:\w+(:\w+)?|mongodb(\+srv)?|bolt|neo4j|kafka|nats|spark|wss?|ftp)://[\w{.-]+",
    re.IGNORECASE,
)
# An address whose host is a variable; what is put together of variables stands where these come from.
COMPOSED = expression(r"^[\w+:]{1,40}://(?:\{[^{}]*\}:\{[^{}]*\}@)?\{[^{}]*\}")
HOST_PORT = expression(r"^(localhost|[a-z][\w-]*(\.[\w-]+)*):\d{2,5}$")
# Pages, standards, public hubs and data sets are the same for everybody; whose own hosts bear such a name
# (`mlflow.acme.com`, `acme.streamlit.app`) are not.
PUBLIC = expression(
    r"^https?://([\w.-]+\.)?(github|githubusercontent|huggingface|arxiv|w3|python|pytorch|tensorflow|kaggle|wikipedia|stackoverflow|medium|google|youtube|twitter|linkedin|facebook|readthedocs|pypi|"
    r"scikit-learn|keras|apache|mozilla|schema|json-schema|openai|fast|nltk|stanford|toronto|uci|zenodo|dropbox|googleapis|microsoft|example|fbaipublicfiles|unsplash|imgur|shields|jsdelivr|cloudflare|"
    r"unpkg|bootstrapcdn|openml|cloudfront|kubeflow|mlflow|wandb|langchain|anthropic|cohere|pinecone|groq|mistral|openrouter|perplexity|together|deepseek|replicate|nvidia|langfuse|smith\.langchain|posthog|helicone|logfire|creativecommons|opensource|gnu|mit|paperswithcode|jupyter|streamlit|googlesource|anaconda|ubuntu|debian|docker|doi|r-project|rstudio|posit|bioconductor|tidyverse|tidymodels)"
    r"\.(com|org|io|ai|co|net|dev|edu|gov|info|design|cc)(\.\w{2})?(?=[/:?#]|$)"
    r"|\.(zip|tar|gz|tgz|csv|txt|json|jsonl|parquet|pkl|h5|pth?|bin|onnx|png|jpe?g|pdf|html?|bz2|npz|md)$|/resolve/",
    re.IGNORECASE,
)
# Interfaces that somebody offers to everybody: the same one for development and production.
THIRD_PARTY = expression(r"^https?://([\w-]*-)?api\d?\.[\w-]+\.\w+(/|$)", re.IGNORECASE)
# Where people read about something; a program never asks there.
_DOCUMENT = expression(
    r"^https?://(docs?|wiki|blog|help|support|learn|www)\.|/(docs?|documentation|wiki|blog|tutorials?|issues|reference|guides?)(/|$)|#[\w-]+$",
    re.IGNORECASE,
)
LOCAL_DEFAULT = expression(
    r"localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|^(?!gc?s|wasbs?|abfss?|adl|az)[a-z]+://[a-z][\w-]*(:\d+)?(/|$)|^[a-z]+://[^@/]*@[a-z][\w-]*(:\d+)?(/|$)"
)

# What nobody can run with: whoever runs the system has to say it.
TO_FILL = expression(r"\b(?:change|replace)[-_]?me\b|\byour[-_]", re.IGNORECASE)


class Places(msgspec.Struct):
    """Evidence of settings by how they are reached. `defaults` are production values behind an override."""

    settable: list[Evidence] = []
    given: list[Evidence] = []  # files that are settable, and else lie in the repository
    asked: list[Evidence] = []  # flags for places without which nothing runs
    files: list[Evidence] = []
    defaults: list[Evidence] = []
    literals: list[Evidence] = []
    elsewhere: list[Evidence] = []  # literals that name a whole host or bucket, no local one
    shown: dict[Evidence, str] = {}  # the value at a place

    def note_flag(self, place: Evidence, name: str, default: object, *, required: bool = False) -> None:
        """Adds a flag or parameter: of a file whose default is no place of its own it tells little, and how much is
        told of a run tells nothing."""
        if _HOW.match(name):
            return
        if isinstance(default, (int, float)) and _FILE_FLAG.match(name):
            return  # how often, how many or whether
        if required:
            self.asked.append(place)
        here = default is None or (isinstance(default, str) and not is_placed(default) and not default.startswith("/"))
        (self.given if here and _FILE_FLAG.match(name) else self.settable).append(place)

    def note(self, among: list[Evidence], place: Evidence, value: str, *, whole: bool = False) -> None:
        """Adds a `place` with its value; `whole` says that the value names a host or bucket that is no local one."""
        among.append(place)
        self.shown[place] = value[:80]
        if whole:
            self.elsewhere.append(place)


def is_placed(value: str) -> bool:
    """Whether the text names a place that another environment would have elsewhere."""
    if len(value) > 200 or " " in value.strip() or "\n" in value:
        return bool(ABSOLUTE.search(value)) and "\n" not in value and len(value) < 120 and "\\" in value
    if value.endswith("/.default"):
        return False  # what a login to a cloud asks for, the same for all of its customers
    if ADDRESS.search(value) or BUCKET.search(value) or _CLOUD.search(value):
        return not re.search(r"://\{|public|example|^[\w-]+\.amazonaws\.com$", value)
    if URL.search(value):
        if ".." in value.partition("://")[2].partition("/")[0]:
            return False  # to be filled in
        return not (PUBLIC.search(value) or _DOCUMENT.search(value)) and not COMPOSED.match(value)
    return bool(ABSOLUTE.search(value) or HOST_PORT.match(value)) and value != "/media/"  # where pages ask for uploads


def is_of_cloud(value: str) -> bool:
    """Whether the address is one of a cloud's customer, or of a machine."""
    return bool(_CLOUD.search(value) or ADDRESS.search(value) or LOCAL_DEFAULT.search(value))


# Names that one owner gave: another environment has others.
OF_ONE_OWNER = expression(
    r"^(?![\w-]*(wandb|weave|comet|neptune|mlflow|tracking|lang(smith|chain|fuse)|phoenix|opik|clearml))([\w-]*[_-])?(bucket(_?name)?|project(_?id)?|dataset_id|account(_?id)?|resource_?group(_?name)?|subscription_?id|workspace_?name)$",
    re.IGNORECASE,
)
_NO_OWNER = expression(
    r"^$|^\W|[$<{ /]|your|example|changeme|placeholder|todo|test|local|default|dummy|none|sample|xxx", re.IGNORECASE
)


def is_owned(value: str) -> bool:
    """Whether the text is a name that an owner gave, no word that everybody would choose."""
    return not _NO_OWNER.search(value) and bool(re.search(r"[-_\d]", value))


def note_owner(file: File, line: int, value: str, found: Places, *, literal: bool = False) -> None:
    if not is_owned(value):
        return
    found.note(found.literals if literal else found.defaults, file.at(line), value, whole=True)
