"""What a path says of a file: its kind, which decides the parser, and its role in the system."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(StrEnum):
    PYTHON = "python"
    NOTEBOOK = "notebook"
    SHELL = "shell"
    MAKE = "make"
    DOCKERFILE = "dockerfile"
    PROCFILE = "procfile"
    YAML = "yaml"
    JSON = "json"
    TOML = "toml"
    INI = "ini"
    ENV = "env"
    REQUIREMENTS = "requirements"
    TERRAFORM = "terraform"
    GROOVY = "groovy"
    SQL = "sql"
    R = "r"
    JAVA = "java"  # and its kin, Kotlin and C#: the same patterns read them
    SCALA = "scala"
    GO = "go"
    SCRIPT = "script"  # JavaScript and TypeScript
    XML = "xml"
    PROSE = "prose"
    LOCK = "lock"
    MODEL = "model"
    ARCHIVE = "archive"
    TEXT = "text"
    OPAQUE = "opaque"  # never read: images, tables, fonts, media


class Role(StrEnum):
    """What a file is for. Only SYSTEM files are evidence of how the system runs."""

    SYSTEM = "system"
    TEST = "test"
    DOCS = "docs"
    EXAMPLE = "example"
    VENDORED = "vendored"
    GENERATED = "generated"


_BY_NAME = {
    "makefile": Kind.MAKE, "gnumakefile": Kind.MAKE, "justfile": Kind.MAKE, ".justfile": Kind.MAKE,
    "procfile": Kind.PROCFILE, "jenkinsfile": Kind.GROOVY, "pipfile": Kind.TOML, "poetry.lock": Kind.LOCK,
    "uv.lock": Kind.LOCK, "pdm.lock": Kind.LOCK, "pipfile.lock": Kind.LOCK, "conda-lock.yml": Kind.LOCK,
    "pixi.lock": Kind.LOCK, "package-lock.json": Kind.LOCK, "yarn.lock": Kind.LOCK, "pnpm-lock.yaml": Kind.LOCK,
    "npm-shrinkwrap.json": Kind.LOCK, "go.sum": Kind.LOCK, "cargo.lock": Kind.LOCK, "renv.lock": Kind.LOCK,
    "packrat.lock": Kind.LOCK, "gemfile.lock": Kind.LOCK, "dvc.lock": Kind.LOCK, "gradle.lockfile": Kind.LOCK,
    "flake.lock": Kind.LOCK, "mlproject": Kind.YAML, "description": Kind.TEXT, "gemfile": Kind.TEXT,
    "go.mod": Kind.TEXT, "dockerfile": Kind.DOCKERFILE, "containerfile": Kind.DOCKERFILE, "earthfile": Kind.DOCKERFILE,
    "packages.txt": Kind.TEXT, "apt.txt": Kind.TEXT, "runtime.txt": Kind.TEXT, "aptfile": Kind.TEXT,
    "rakefile": Kind.TEXT, "directory.packages.props": Kind.XML, ".gitmodules": Kind.INI, "license": Kind.PROSE, "license.txt": Kind.PROSE,
}  # fmt: skip
_BY_SUFFIX = {
    "py": Kind.PYTHON, "pyw": Kind.PYTHON, "pyx": Kind.PYTHON, "ipynb": Kind.NOTEBOOK,
    "sh": Kind.SHELL, "bash": Kind.SHELL, "zsh": Kind.SHELL, "ps1": Kind.SHELL, "bat": Kind.SHELL, "cmd": Kind.SHELL,
    "slurm": Kind.SHELL, "sbatch": Kind.SHELL, "pbs": Kind.SHELL, "mk": Kind.MAKE, "just": Kind.MAKE,
    "yaml": Kind.YAML, "yml": Kind.YAML, "json": Kind.JSON, "toml": Kind.TOML, "dvc": Kind.YAML,
    "ini": Kind.INI, "cfg": Kind.INI, "conf": Kind.TEXT, "properties": Kind.INI, "gin": Kind.INI,
    "tf": Kind.TERRAFORM, "tfvars": Kind.TERRAFORM, "hcl": Kind.TERRAFORM, "bicep": Kind.TERRAFORM,
    "groovy": Kind.GROOVY, "gradle": Kind.GROOVY, "kts": Kind.GROOVY, "jenkinsfile": Kind.GROOVY, "sql": Kind.SQL, "hql": Kind.SQL, "ddl": Kind.SQL,
    "r": Kind.R, "rmd": Kind.R, "qmd": Kind.R, "rnw": Kind.R, "java": Kind.JAVA, "kt": Kind.JAVA, "cs": Kind.JAVA, "scala": Kind.SCALA,
    "sbt": Kind.SCALA, "go": Kind.GO, "js": Kind.SCRIPT, "mjs": Kind.SCRIPT, "cjs": Kind.SCRIPT, "ts": Kind.SCRIPT,
    "tsx": Kind.SCRIPT, "jsx": Kind.SCRIPT, "vue": Kind.SCRIPT, "xml": Kind.XML, "pom": Kind.XML,
    "md": Kind.PROSE, "rst": Kind.PROSE, "txt": Kind.TEXT, "adoc": Kind.PROSE, "markdown": Kind.PROSE,
    "dockerfile": Kind.DOCKERFILE, "containerfile": Kind.DOCKERFILE, "def": Kind.DOCKERFILE, "env": Kind.ENV, "lock": Kind.LOCK,
    "lua": Kind.TEXT, "jl": Kind.TEXT, "cpp": Kind.TEXT, "cc": Kind.TEXT, "c": Kind.TEXT, "h": Kind.TEXT,
    "cu": Kind.TEXT, "rs": Kind.TEXT, "rb": Kind.TEXT, "php": Kind.TEXT, "csproj": Kind.XML, "fsproj": Kind.XML, "html": Kind.TEXT,
    "j2": Kind.TEXT, "jinja": Kind.TEXT, "jinja2": Kind.TEXT, "tpl": Kind.TEXT, "proto": Kind.TEXT, "nix": Kind.TEXT,
    "service": Kind.INI, "config": Kind.TEXT, "pem": Kind.TEXT, "key": Kind.TEXT, "tftpl": Kind.TEXT,
    "ejs": Kind.TEXT, "cmake": Kind.TEXT, "star": Kind.TEXT, "bzl": Kind.TEXT, "prisma": Kind.TEXT,
}  # fmt: skip
_MODEL = frozenset(
    [
        "pkl",
        "pickle",
        "joblib",
        "pt",
        "pth",
        "h5",
        "hdf5",
        "keras",
        "onnx",
        "bin",
        "safetensors",
        "ckpt",
        "caffemodel",
        "pb",
        "tflite",
        "mar",
        "model",
        "cbm",
        "gguf",
        "ggml",
        "params",
        "weights",
        "t7",
        "mlmodel",
        "npz",
        "npy",
        "pmml",
        "rds",
        "rdata",
        "xgb",
        "ubj",
        "dill",
        "sav",
        "vec",
        "index",
        "faiss",
        "ann",
    ]
)
_ARCHIVE = frozenset(["zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "zst", "whl", "egg", "jar", "war"])
_OPAQUE = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "ico",
        "bmp",
        "tif",
        "tiff",
        "pdf",
        "csv",
        "tsv",
        "parquet",
        "feather",
        "arrow",
        "avro",
        "orc",
        "xls",
        "xlsx",
        "doc",
        "docx",
        "ppt",
        "pptx",
        "mp3",
        "mp4",
        "wav",
        "flac",
        "avi",
        "mov",
        "webm",
        "ogg",
        "woff",
        "woff2",
        "ttf",
        "otf",
        "eot",
        "map",
        "css",
        "scss",
        "less",
        "sass",
        "db",
        "sqlite",
        "sqlite3",
        "so",
        "dll",
        "dylib",
        "exe",
        "class",
        "pyc",
        "pyd",
        "o",
        "a",
        "mat",
        "dcm",
        "nii",
        "obj",
        "ply",
        "stl",
        "drawio",
        "psd",
        "ai",
        "eps",
        "gpickle",
        "graphml",
        "mid",
        "midi",
        "dat",
        "lmdb",
        "tfrecord",
        "tfrecords",
        "jsonl",
        "ndjson",
        "conll",
        "bib",
        "tex",
        "sty",
        "cls",
        "po",
        "mo",
    ]
)

SHARD = r"group\d{1,3}-shard\d{1,4}of\d{1,4}(\.bin)?"  # of the weights of TensorFlow.js
_SHARD = expression(SHARD)
_VENDORED = expression(
    r"(^|/)(node_modules|_?vendor|_?vendored|_extern|third[_-]?party|external_libs|bower_components|site-packages|dist-packages|"
    r"\.?venv|\.mvn|env/lib|virtualenv|__pycache__|\.ipynb_checkpoints|\.eggs|jspm_packages|\.yarn)/"
    r"|(^|/)(bootstrap|jquery|font-?awesome|datatables|tinymce|ckeditor)-?\d[\w.-]*/"
    r"|(^|/)(static|assets|public|js|lib)/(.*/)?(jquery|bootstrap|d3|vue|react|angular|chart|plotly|popper)[^/]*\.js$"
    r"|(^|/)swagger-ui[\w.-]*\.js$"
    r"|(^|/)[\w.-]*\.git/"  # a repository in the repository
    r"|(^|/)pipelines-profile-controller/sync\.py$"  # of Kubeflow, whose manifests many keep whole
    r"|(^|/)transformers/commands/"  # of the library, which many copy to change a model of it
    r"|(^|/)(renv/activate|packrat/init)\.R$|(^|/)packrat/(src|lib)/"
    r"|\.min\.(js|css)$|(^|/)(versioneer\.py|mvnw(\.cmd)?|gradlew(\.bat)?)$",
    re.IGNORECASE,
)
# In folders that hold what was made as often as what makes it, these files were written by somebody.
_NOT_WRITTEN = r"(?!(.*\.(py|ipynb|sh|ya?ml|tf|dockerfile)|(.*/)?(dockerfile[^/]*|makefile|requirements[^/]*\.txt))$)"
_GENERATED = expression(
    rf"(^|/)(build|dist|target|out)/(lib|bdist[^/]*|temp[^/]*|classes)/|(^|/)(build|dist|target|out)/{_NOT_WRITTEN}"
    r"|(^|/)(\.next|htmlcov|_build|mlruns|lightning_logs|wandb|\.dvc/cache|coverage)/|\.egg-info/"
    r"|(^|/)gotk-components\.ya?ml$|_pb2(_grpc)?\.pyi?$|\.pb\.go$|\.g(enerated)?\.cs$|\.d\.ts$|[.-](vsdoc|intellisense)\.js$|(^|/)(swagger|openapi)\.(json|ya?ml)$",
    re.IGNORECASE,
)
_TEST = expression(
    r"(^|/)([\w.]+\.Tests?|tests?|testing|unit_?tests?|integration_?tests?|e2e|spec|__tests__|__mocks__|mocks?|fixtures|testdata|test_data|load_?-?tests?|stress_?tests?|performance_?tests?|locust)/"
    r"|(^|/)(test_[^/]*|[^/]*_test|conftest|tests|locustfile)\.(py|ipynb|sh|go|r|scala|java|js|ts)$"
    r"|(^|/)(tox\.ini|pytest\.ini|noxfile\.py)$|(^|/)benches/[^\n]*\.rs$|(Test|Tests|Spec|IT)\.(java|scala|kt|cs)$|\.(test|spec)\.[jt]sx?$",
)
# What assistants that write code are told, and the hooks and scripts that they run, are no part of the system.
_ASSISTED = r"(^|/)\.(claude|codex|cursor|agents|gemini|windsurf|roo|kiro|clinerules|opencode|github/(skills|prompts|agents|chatmodes|instructions))/|(^|/)\.(vscode/)?mcp\.json$"
_DOCS = expression(
    rf"{_ASSISTED}|(^|/)(docs?|documentation|papers?|slides|figures?|vignettes|\.github/ISSUE_TEMPLATE)/|(^|/)(images?|site|website|wiki)/{_NOT_WRITTEN}"
    r"|(^|/)mkdocs\.ya?ml$",
    re.IGNORECASE,
)
_EXAMPLE = expression(
    r"(^|/)(examples?|samples?|tutorials?|demos?|playground|archived?|deprecated|obsolete|trash|attic)/",
    re.IGNORECASE,
)


@lru_cache(maxsize=65536)
def kind_of(path: str) -> Kind:  # noqa: C901, PLR0912 - a ladder of names
    name = path.rsplit("/", 1)[-1].lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.endswith(":zone.identifier"):  # what Windows notes of a download
        return Kind.OPAQUE
    if f"/{path}".endswith("/.dvc/config"):
        return Kind.INI
    if name.endswith("dockerfile") or (
        name.startswith(("dockerfile", "containerfile")) and not name.endswith((".md", ".py", ".sh"))
    ):
        return Kind.DOCKERFILE
    if name.startswith((".env", "env.")) and not name.endswith((".py", ".yml", ".yaml", ".sh", ".js", ".ts", ".md")):
        return Kind.ENV
    if name.startswith("procfile") and not name.endswith((".md", ".py", ".sh")):
        return Kind.PROCFILE
    if name.endswith(".conf") and "supervisor" in path.lower():
        return Kind.INI
    if re.match(r"(singularity|apptainer)(\.(?!md|py|sh|ya?ml|txt|json)[\w.-]+)?$", name):
        return Kind.DOCKERFILE
    if name.startswith("jenkinsfile"):
        return Kind.GROOVY
    if name.startswith("makefile"):
        return Kind.MAKE
    stem, dot, suffix = name.rpartition(".")
    if _SHARD.fullmatch(name):
        return Kind.MODEL
    if not dot or not stem:
        return Kind.TEXT
    if suffix in {"txt", "in", "pip"} and ("requirement" in name or "/requirements/" in f"/{path.lower()}"):
        return Kind.REQUIREMENTS
    if suffix == "txt" and re.search(
        r"(^|[_.-])(reqs?|constraints|dependencies|conda|linux-64|osx-64|osx-arm64|win-64|spec-(file|list))([_.-]|$)",
        stem,
    ):
        return Kind.REQUIREMENTS
    if suffix in {"example", "sample", "template", "dist", "tmpl", "default"}:
        return Kind.ENV if ".env" in name or stem.endswith("env") else kind_of(path[: -len(suffix) - 1])
    if suffix in _MODEL:
        return Kind.MODEL
    if suffix in _ARCHIVE:
        return Kind.ARCHIVE
    if suffix in _OPAQUE:
        return Kind.OPAQUE
    return _BY_SUFFIX.get(suffix, Kind.OPAQUE if len(suffix) > 12 else Kind.TEXT)


# The owner's name in a package of the JVM, which generators of projects begin as `com.example.demo`.
_OWNER = expression(
    r"(^|/)src/main/(?:java|kotlin|scala)/(?!(?:example|sample|demo|test)s?/)\w+/(?:(?:example|sample|demo)s?/(?:(?:example|sample|demo)s?/)?|\w+/(?:(?:example|sample|demo)/)?)",
    re.IGNORECASE,
)


def with_outer(folders: Iterable[str]) -> set[str]:
    """The folders and all that they lie in, up to the root, which is ""."""
    found = {""}
    for folder in folders:
        outer = folder
        while outer not in found:
            found.add(outer)
            outer = outer.rpartition("/")[0]
    return found


@lru_cache(maxsize=65536)
def role_of(path: str) -> Role:
    if _VENDORED.search(path):
        return Role.VENDORED
    if _GENERATED.search(path):
        return Role.GENERATED
    path = _OWNER.sub(r"\1src/main/", path)
    if _TEST.search(path):
        return Role.TEST
    if _DOCS.search(path):
        return Role.DOCS
    if _EXAMPLE.search(path):
        return Role.EXAMPLE
    return Role.SYSTEM
