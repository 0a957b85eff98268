"""Parameters of training and of models in languages other than Python: by their names, and what stands behind these."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.sources import Source
from apps.analysis.expressions import expression
from apps.analysis.foreign import languages, model_loading
from apps.analysis.learning.foreign_stages import LANGUAGE, is_page, snake
from apps.analysis.parameters import names as words
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.parameters.places import Matcher
    from apps.analysis.repository import Facts, File

    # Group, name, source, file, line, and how it is written.
    Told = tuple[str, str, Source, File, int, str]

_LEARNING = (
    r"deeplearning4j|nd4j|spark\.ml|mllib|\bweka\.|\bsmile\.|tribuo|ai\.djl|xgboost|lightgbm|\bhex\.|h2o|org\.tensorflow|tensorflow/go|tfgo|gorgonia|golearn|gomlx|Microsoft\.ML|encog|mahout|opennlp|"
    r"@tensorflow/tfjs|brain\.js|['\"](ml5|synaptic|natural|@?ml-[\w-]+|@mljs/[\w-]+)"
)
# A name, what tells its type, and what is given to it.
_GIVEN = expression(
    r"(?:\b|\.)([A-Za-z][\w.-]{0,40}?)['\"]?[ \t]{0,4}(?::[ \t]{0,4}[A-Za-z]\w{0,12}(?=[ \t]{0,4}=))?[ \t]{0,4}(?::=|[:=(,])[ \t]{0,4}([^\s=>)].{0,80})"
)
_OPTIMISER = expression(r"\b(?:new |train\.)(?:Adam|Sgd|Nesterovs|RmsProp|AdaGrad|adam|sgd|rmsprop|momentum)\w{0,4}[ \t]{0,4}\([ \t]{0,4}(.{1,80})")  # fmt: skip
_LITERAL = expression(
    r"^([-+]?\.?\d|['\"`]|\[\s*[\d.'\"]|(?:new\s+|tf\.)?[\w.]*\(\s*['\"]?[\d.]|(Array|List|Seq)\b|[A-Z]\w*\.[A-Z])"
)
_FLAG = expression(r"\bargs?\s*[\[(.]|argv|\bcmd\.|getOptionValue|yargs|program\.|\bflag\.|[fF]lags\(\)")
_ENVIRONMENT = expression(
    r"[gG]etenv|LookupEnv|process\.env|import\.meta\.env|sys\.env|Deno\.env|viper\.|System\.getProperty|@Value"
)
_REQUEST = expression(r"\breq(uest)?\.|\bbody\b|\bdto\b|@RequestParam|@RequestBody|\bquery\.|searchParams|formData")
_CONFIG = expression(r"\b\w{0,30}(conf|config|props?|properties|settings)\b\w{0,20}\s*[.\[(]|getProperty|\.get(Int|Double|String|Float)\w{0,8}\s*\(", re.IGNORECASE)  # fmt: skip
_HANDED = expression(r"^[a-z]\w*(\.\w+(\(\))?)+")
_CONFIG_FILE = expression(r"config|param|constant|settings|hyper|options")


def found(facts: Facts, matcher: Matcher, *, language: bool) -> list[Told]:
    """What sets a parameter that the `matcher` knows, outside of Python."""
    if not facts.of_kind(Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT):
        return []
    told = [*_of_lines(facts, matcher, language=language), *_of_leaves(facts, matcher)]
    if language and matcher.group_of("model"):
        told += _named_models(facts)
    handed = [one for one in told if one[5] == "handed"]
    told = [one for one in told if one[5] != "handed"]
    groups = {one[0] for one in told}
    return [*told, *(one for one in handed if one[0] not in groups)]


def _of_lines(facts: Facts, matcher: Matcher, *, language: bool) -> Iterator[Told]:
    learning = {file.path for file, _, _ in facts.signals("import", LANGUAGE if language else _LEARNING)}
    if not language:
        learning |= {file.path for name in ("train", "weights-updated") for file, _, _ in languages.lines(facts, name)}
    if not learning:
        return
    bound = {file.path for file, _, _ in facts.signals("environment", "@ConfigurationProperties")}
    takes = _trains_on_request(facts)
    for file, line, text in languages.lines(facts, "parameter"):
        in_config = bool(_CONFIG_FILE.search(file.name))
        if file.path not in learning and not in_config:
            continue
        for name, value in _pairs(text):
            group = _group(matcher, name)
            if not group or (group in words.ALSO_EVERYDAY and file.path not in learning):
                continue
            source, how = _source(text, value)
            if file.path in bound:
                source, how = Source.ENVIRONMENT, "field"
            elif source is Source.LITERAL and in_config:
                source = Source.CONFIG_FILE
            if how == "handed" and not takes:
                continue
            if source is not Source.UNKNOWN:
                yield group, name, source, file, line, how


def _trains_on_request(facts: Facts) -> bool:
    """Whether a request can ask for training, so that what training is handed may come with the request."""
    asked = {file.path for file, _, _ in languages.lines(facts, "request-body")}
    training = {file.path for file, _, _ in facts.signals("import", r"train|learn|\bfit") if file.path in asked}
    return bool(training) or any("train" in path.rsplit("/", 1)[-1].lower() for path in asked)


def _pairs(text: str) -> list[tuple[str, str]]:
    """The names of a line with what is given to each."""
    pairs, at = [], 0
    while (one := _GIVEN.search(text, at)) is not None:  # what is given may hold the next name
        pairs.append((one.group(1), one.group(2)))
        at = one.start(2)
    optimiser = _OPTIMISER.search(text)
    if optimiser:
        pairs.append(("learning_rate", optimiser.group(1)))
    return list(dict.fromkeys(pairs))


def _group(matcher: Matcher, name: str) -> str:
    bare = re.sub(r"^set_?(?=[A-Z_])|^with(?=[A-Z])", "", name.rsplit(".", 1)[-1].replace("-", "_"))
    named = _ALSO.get(snake(bare), bare)
    return matcher.group_of(named) or matcher.group_of(snake(named))


# What libraries of other languages call parameters that Python's call otherwise.
_ALSO = {
    "rank": "factors",
    "n_out": "units",
    "hidden_nodes": "hidden_units",
    "num_clusters": "n_clusters",
    "updater": "optimizer",
}


def _source(text: str, value: str) -> tuple[Source, str]:
    if _FLAG.search(value) or _FLAG.search(text):
        return Source.FLAG, "flag"
    if _REQUEST.search(value):
        return Source.PARAMETER, "call"
    if _ENVIRONMENT.search(text):
        return Source.ENVIRONMENT, "call"
    if _LITERAL.search(value):
        return Source.LITERAL, "field"
    if _CONFIG.search(value):
        return Source.CONFIG_FILE, "field"
    if _HANDED.search(value):
        return Source.PARAMETER, "handed"
    return Source.UNKNOWN, ""


def _named_models(facts: Facts) -> Iterator[Told]:
    """Names of language models that stand in the code."""
    for file, line, text in languages.lines(facts, "language-model"):
        if is_page(file):
            continue
        source = Source.ENVIRONMENT if _ENVIRONMENT.search(text) else Source.LITERAL
        yield "model", "model", source, file, line, "field"


# --- files ------------------------------------------------------------------------------------------------------------
_SETTINGS = r"(^|/)(src/main/resources|resources|conf|config)/[^/]+\.(properties|ya?ml|json|toml|conf)$|(^|/)(application|config|conf|params?|settings)[\w-]*\.(properties|ya?ml|json|toml)$"
_READS_ENVIRONMENT = expression(r"spring-boot|quarkus|micronaut|helidon")
_OF_FRAMEWORK = expression(
    r"^(spring\.(?!ai\.)|hibernate|server|management|logging|kafka|quarkus\.(?!langchain)|micronaut|jpa|datasource|DEFAULT\.(spring\.(?!ai\.)|server))"
)
_NO_GROUP = frozenset({"rate", "batch", "k", "alpha", "beta", "c"})  # alone, elsewhere these name anything


def _of_leaves(facts: Facts, matcher: Matcher) -> Iterator[Told]:
    """What files of settings give: a framework that reads each from the environment as well, or a flag, lets a run choose."""
    if facts.code or not (model_loading.loads(facts) or languages.lines(facts, "train") or _asks(facts)):
        return
    framework = any(_READS_ENVIRONMENT.search(one.name) for _, one in facts.dependencies)
    chosen = bool(languages.lines(facts, "arguments", r"conf|cfg"))
    for file, leaf in facts.leaves(_SETTINGS):
        if words.NO_CONFIG.search(file.path) or leaf.value is None or isinstance(leaf.value, bool):
            continue
        parts = [part for part in ".".join(leaf.keys).split(".") if part]
        if _OF_FRAMEWORK.search(".".join(parts)):
            continue
        names = ["_".join(parts[-2:]), *(part for part in parts[-1:] if part.lower() not in _NO_GROUP)]
        group = next((one for name in names if (one := _group(matcher, name))), "")
        if group:
            by_framework = framework and file.name.startswith("application")
            source = Source.ENVIRONMENT if by_framework or "${" in leaf.text else Source.CONFIG_FILE
            yield group, parts[-1], Source.FLAG if chosen else source, file, leaf.line, "file"


def _asks(facts: Facts) -> bool:
    return facts.profile.language_model.holds
