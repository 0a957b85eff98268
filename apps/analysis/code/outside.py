"""The vocabulary of where values come from: names of what reads the environment, flags, parameters and config files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.repository import File

LOCAL = expression(
    r"^(?:\.{0,2}/|~|[A-Za-z]:[\\/]|file:|sqlite\w*(?:\+\w+)?:///)|^[\w.{} -]+(?:[/\\][\w.{}()* -]+)+[/\\]?$"
    r"|^[\w{} -]+\.\w{1,12}$"
)
IN_A_FILE = expression(r"^(?:sqlite|duckdb)\w*(?:\+\w+)?:///")  # databases that have a file in place of a host
ENVIRONMENT = expression(
    r"^(?:os\.(?:getenv|environ)|environ|getenv|decouple\.config|prettyconf\.config|envparse\.env|environs|starlette\.config|"
    r"dotenv\.(?:get_key|dotenv_values)|streamlit\.secrets|st\.secrets|google\.colab\.userdata|kaggle_secrets|"
    r"django\.conf\.settings|keyring|dynaconf|airflow\.models\.Variable)(?:\(|\[|\.\w+\(|\.get\b|\.\w+$)"
    r"|^env(?:\(|\[|\.get\b|\.(?:str|bytes|bool|int|float|decimal|list|tuple|dict|json|url|path|uuid|enum|log_level|date|datetime|timedelta|read_env|get_value|subset|"
    r"(?:db|cache|email|search|queue|channels|dj_db|dj_cache)(?:_url)?)\(|\.(?!(?:action|observation|obs|act|state)_space\b|unwrapped\b)\w+$)"  # no simulation
    r"|os\.environ|\bgetenv\(|get_secret|SecretManager|access_secret_version|get_connection\(|get_parameter\(|Secret\.load|"
    r"UserSecretsClient|getpass\(|dbutils\.secrets|Variable\.get|EnvYAML|get_env|\bEnvVar\(|^prefect[\w.]*\.load\(|^prefect_\w+[\w.]*\.load\(|"
    r"^typed_settings\.load"
)
# How a configuration file says that a value comes from the environment.
IN_CONFIG = expression(r"\$\{(oc\.env:|env:)?[A-Z][A-Z0-9_]{2,}|env_var|Sys\.getenv|!ENV|%\(ENV|ENV\[")
FLAG = expression(
    r"parse_args|parse_known_args|sys\.argv|\bFLAGS\b|fire\.Fire|docopt|getopt|^input\(|parse_args_into_dataclasses|tyro\.cli|"
    r"^typer\.(?:Option|Argument)|^click\.|simple_parsing|from_cli|parse_arguments|get_args\(|parse_opt|gin\.REQUIRED|"
    r"getResolvedOptions|^(?:metaflow|luigi)\.(?:\w+\.)?\w*(?:Parameter|Config|IncludeFile)\b|spark\.conf\.get\(|\bgetArgument\("
)
REQUEST = expression(
    r"^(?:fastapi\.(?:Query|Form|Body|File|Header|Path|Depends)|flask\.request|request)\b|widgets\.get|"
    r"context\.(?:params|resources|op_config)|op_config|dag_run\.conf|xcom_pull|^kwargs|^streamlit\.|^st\.|PipelineParam|"
    r"\.properties\.|\.outputs?(?:\[|\b)|ParameterString|ParameterInteger|event\[|event\.get"
)
CONFIG_FILE = expression(
    r"(?:yaml|toml|tomllib|tomli|hocon|omegaconf|ruamel|jsonnet|ConfigFactory)\b.*(?:load|parse|create)|\bjson\.load\(|ConfigParser|"
    r"(?:load|read|get|parse)_?(?:yaml|config|conf|cfg|params|toml|ini|settings)\w*\(|params_show|Config\.from_?file|ConfigBox|"
    r"\.read_text|\.read\(|\.readline",
    re.IGNORECASE,
)
HERE = expression(r"__file__|getcwd|\.cwd\(|Path\.home|tempfile|gettempdir|find_dotenv")
# Calls whose value comes from their first argument.
WRAPPERS = frozenset({
    "str", "int", "float", "bool", "Path", "PurePath", "PosixPath", "join", "abspath", "realpath", "expanduser",
    "expandvars", "normpath", "URL", "make_url", "urljoin", "SecretStr", "fspath", "cast", "to_absolute_path", "open", "glob",
    "listdir", "as_posix", "from_url", "from_dsn", "AnyUrl", "HttpUrl", "PostgresDsn", "quote", "quote_plus", "dirname", "list", "vars", "sorted", "UPath", "latest_checkpoint", "get_checkpoint_state", "loads", "AttrDict", "EasyDict", "edict", "Munch", "DotDict", "DotMap", "Box",
})  # fmt: skip
FLAG_ROOTS = expression(
    r"^(?:self\.)?_?(?:args?|opts?|options|flags|FLAGS|hparams|hps|parsed(?:_args)?|cli_args|[a-z]+_args|arguments)$"
)
SETTINGS_ROOT = expression(
    r"settings|config|conf$|cfg|^env$|constants?|params|const$|_args$|^args$|vars?$", re.IGNORECASE
)
SETTINGS_BASES = expression(
    r"BaseSettings|EnvSettings|Settings$|environ\.Config|^dagster\.(?:\w+\.)?(?:\w*Config|ConfigurableResource)$|^(?:tap|typed_argument_parser)\.\w*Tap$|^confz\."
)
FLAG_DECORATORS = expression(
    r"click|typer|\.command|\.option|\.argument|hydra\.main|\.callback|fire|invoke\.task|cyclopts|^hydra_zen\.|^(?:app|cli)\.default$|\.cli|gin\.(?:configurable|register)|"
    r"\.automain$|\bex(?:periment)?\.(?:main|capture)$"
)
PARAMETER_DECORATORS = expression(
    r"flow$|flow\(|pipeline$|component|\.pipeline|entrypoint|workflow|dagster|\.dag$|^dag$|asset$|\bop$|\.job$|serve\.|"
    r"\.(?:post|get|put|route|api_route|websocket)$|tool$|dynamic$|activity"
)
# Functions whose value may be taken for what they read inside.
GIVES_CONFIG = expression(r"config|conf$|cfg|settings|params|yaml|toml|props|options|secret|credential", re.IGNORECASE)
# Wrappers that make a path of a text, whatever it looks like.
PATHS = frozenset({"join", "Path", "PurePath", "PosixPath", "abspath", "realpath", "expanduser", "open", "normpath"})
# Attributes of a path, and of what TensorFlow tells of the checkpoints at one, that lead to a path.
OF_PATHS = frozenset({"parent", "parents", "model_checkpoint_path", "all_model_checkpoint_paths"})
# A path that a call makes, with the folders around it that are then taken: `Path().resolve().parent.parent`.
FOLDERS_OF_CALL = expression(r"^(.*?\(\))(?:\.(?:parents?(?:\[\])?|resolve\(\)|absolute\(\)))+$")
# Keys of dictionaries by which clients are told where their server is.
HOSTS = frozenset({"host", "hostname", "server", "db_host"})
STEP_DECORATORS = frozenset({"task", "step", "node"})
# Parsers that are given a class and make flags of its fields, and all that make flags of fields or parameters.
TAKE_CLASSES = (
    "*HfArgumentParser", "*TrlParser", "tyro.cli", "simple_parsing.*", "draccus.*", "pyrallis.*", "datargs.*", "jsonargparse.*", "chz.entrypoint", "chz.nested_entrypoint",
)  # fmt: skip
CLASS_PARSERS = (*TAKE_CLASSES, "*.LightningCLI", "*.from_cli", "fire.Fire", "*.OmegaConf.merge", "*.from_dotlist")
# What makes such flags of a class where it stands as a decorator.
_CLASS_WRAPPERS = expression(r"^(?:pyrallis|draccus)\.(?:config\.)?wrap$")
# Calls by which the parameters of a function of the same file become flags.
FUNCTION_PARSERS = frozenset({
    "fire.Fire", "typer.run", "tyro.cli", "jsonargparse.CLI", "jsonargparse.auto_cli", "defopt.run", "plac.call", "argh.dispatch_command",
    "clize.run", "cyclopts.run", "hydra_zen.zen", "tyro.extras.subcommand_cli_from_dict",
})  # fmt: skip
OPERATOR = expression(r" (?:Add|Sub|Mult|Div|FloorDiv|Pow|Mod|And|BitOr) ")


def is_parsed(_: File, define: Define) -> bool:
    """Whether a decorator makes flags of the class or of what the function takes."""
    return any(_CLASS_WRAPPERS.search(one.name) for one in define.decorators)


def is_setting(file: File, call: Call) -> bool:
    """Whether the call describes a field of a settings class."""
    return call.last == "Field" and bool(call.target) and has_settings_base(file, call.scope)


def has_settings_base(file: File, scope: str) -> bool:
    """Whether the class is one of settings, also through other classes of its file."""
    return scope.rsplit(".", 1)[-1] in file.once(of_settings)


def of_settings(file: File) -> set[str]:
    """The names of its classes of settings, for `file.once`."""
    bases = {one.name: one.bases for one in (file.facts.code.defines if file.facts.code else ())}
    derived: dict[str, list[str]] = {}
    for name, many in bases.items():
        for base in many:
            derived.setdefault(base.rsplit(".", 1)[-1], []).append(name)
    waiting = [name for name, many in bases.items() if any(SETTINGS_BASES.search(base) for base in many)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += derived.get(name, ())
    return found
