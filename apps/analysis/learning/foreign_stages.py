"""Which code in other languages than Python prepares data and measures models, on its own or inside of training."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from apps.analysis.expressions import expression
from apps.analysis.foreign import languages, model_loading
from apps.analysis.learning import trained_elsewhere
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

# Libraries of language models.
LANGUAGE = r"langchain4j|springframework\.ai|['\"]@langchain/|['\"](openai|langchain|ai|ollama|llamaindex|groq-sdk|chromadb)['\"/]|['\"](@ai-sdk/|@anthropic-ai|@google/gen)|go-openai|openai-go|cloudwego/eino|ollama/api|langchaingo|google\.golang\.org/genai|generative-ai-go|anthropic-sdk-go"
_KINDS = (Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT)
_STUB = 8  # lines: an interface or a type does nothing


class Found(NamedTuple):
    """Code of its own, and code that stands where a model is trained."""

    own: Lines
    inline: Lines


def snake(name: str) -> str:
    """`numTrees` is `num_trees`, `DataProcessor` is `data_processor`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _has_model(facts: Facts) -> bool:
    """Whether code in these languages trains, loads or asks a model: elsewhere the same words mean other things."""
    return facts.once(_find_model)


def _find_model(facts: Facts) -> bool:
    had = [*model_loading.loads(facts), *model_loading.public(facts), *trained_elsewhere.training(facts)]
    return any(_counts(file) for file, _ in had)


def _counts(file: File) -> bool:
    return file.kind in _KINDS or languages.is_compiled(file)


def _training(facts: Facts) -> set[str]:
    return {file.path for file, _ in trained_elsewhere.training(facts) if _counts(file)}


_PREPARING = expression(
    r"pre_?process|(^|_)prep(are|aration)?_|feature_?(extract|engineer|build|vector|transform|encod)|data_?(process|prep|clean|load|set_?(load|build|prep)|reader|normali)|cleans|tokeni[sz]|normali[sz]|vectori[sz]|"
    r"(image|text|audio|csv)_?(process|pars|util|load)|(^|_)etl(_|$)|ingest|chunk"
)
_NAMED = expression(
    r"^(?:[\w<>\[\],.?() \t]*[ \t])?(?:def|func|function|const|public|private|protected|static|async)\b"
)
_PAGE = expression(r"\.[jt]sx$|\.vue$|(^|/)(components|hooks|pages|views)/|\.d\.ts$", re.IGNORECASE)


def is_page(file: File) -> bool:
    """Whether a browser runs it, or nothing does: types of TypeScript say what values are."""
    return bool(_PAGE.search(file.path))


def asks(facts: Facts) -> Lines:
    """Where code asks a language model by the methods that libraries of these give their objects."""
    asking = _speaking(facts)
    messengers = {
        file.path for file, _, text in facts.signals("import") if "twilio" in text
    }  # they create messages, too
    named = [(file, line) for file, line, _ in facts.signals("model-ask") if file.path not in messengers]
    named += [(file, line) for file, line, _ in facts.signals("language-service") if file.kind in _KINDS]
    return [*named, *((file, line) for file, line, _ in languages.lines(facts, "language-ask") if file.path in asking)]


def _speaking(facts: Facts) -> set[str]:
    return {file.path for file, _, _ in facts.signals("import", LANGUAGE) if file.kind in _KINDS}


_CUTS = expression(r"[sS]plitter|split(Documents|Text)\s*\(|[cC]hunk")


def _called(facts: Facts, pattern: re.Pattern[str]) -> Lines:
    """Files whose name says so, but those of pages and stubs."""
    return [
        (file, 1)
        for file in [*facts.of_kind(*_KINDS), *languages.compiled_files(facts)]
        if pattern.search(file.once(_stem)) and not is_page(file) and file.facts.lines > _STUB
    ]


def _stem(file: File) -> str:
    return snake(file.path.rsplit("/", 1)[-1].rsplit(".", 1)[0])


def preparing(facts: Facts) -> Found:
    trained = {file.path for file, _ in trained_elsewhere.training(facts)}
    in_r = [(file, line) for file, line, _ in languages.lines(facts, "prepare-in-r")]
    own, inline = _preparing(facts)
    return Found([*own, *(one for one in in_r if one[0].path not in trained)], [*inline, *in_r])


def _preparing(facts: Facts) -> Found:
    if not _has_model(facts):
        cut = [(file, line) for file, line, text in languages.lines(facts, "prepare") if _CUTS.search(text)]
        return Found([one for one in cut if one[0].path in _speaking(facts)], [])
    training = _training(facts)
    files = _called(facts, _PREPARING)
    lines = [(file, line, text) for file, line, text in languages.lines(facts, "prepare") if not is_page(file)]
    own = [(file, line) for file, line, text in lines if file.path not in training or _NAMED.search(text)]
    return Found([*files, *own], [(file, line) for file, line, _ in lines])


_EVALUATING = expression(
    r"(^|_)(eval(uat(e|or|ion))?s?|benchmark\w*|backtest\w*|cross_valid\w*|model_?(test|valid)\w*)(_|$)"
)


def evaluating(facts: Facts) -> Found:
    """What measures a model; inside of the code that trains it, that is a part of the training."""
    signals = [
        (file, line) for file, line, _ in facts.signals("evaluate")
        if file.kind in {Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO}
    ]  # fmt: skip
    signals += [(file, line) for file, line, _ in facts.signals("measure-query")]
    signals += [(file, text.line) for file, text in facts.texts(r"\bML\.(EVALUATE|CONFUSION_MATRIX|ROC_CURVE)\s*\(")]
    checked = languages.lines(facts, "validation")
    compared = [(file, line) for file, line, _ in languages.lines(facts, "measure-in-r")]
    if compared:
        trained = {file.path for file, _ in trained_elsewhere.training(facts)}
        signals += [one for one in compared if one[0].path not in trained]
    if not _has_model(facts):
        return Found(signals, [*compared, *((file, line) for file, line, _ in checked if file.kind is Kind.R)])
    signals += [(file, line) for file, line, _ in facts.signals("evaluate") if languages.is_compiled(file)]
    training = _training(facts)
    files = _called(facts, _EVALUATING)
    own = [one for one in signals if one[0].kind is Kind.R or one[0].path not in training]
    own += [(file, line) for file, line, text in checked if file.path not in training and ".evaluate" in text]
    return Found([*files, *own], [*signals, *compared, *((file, line) for file, line, _ in checked)])


_BINDS = expression(r"bind|SpringApplication\.run")


def trained_at_start(facts: Facts) -> Lines:
    """Training in classes that a framework runs when the application starts, or beside what binds its port."""
    begun = {file.path for file, _, _ in languages.lines(facts, "at-start")}
    begun |= {
        file.path
        for file, _, text in languages.lines(facts, "server")
        if file.kind in {Kind.JAVA, Kind.SCALA} and _BINDS.search(text)  # a script may train in a route beside it
    }
    return [
        (file, line) for file, line in trained_elsewhere.training(facts) if file.kind in _KINDS and file.path in begun
    ]


def told_where_trained(facts: Facts, measure: re.Pattern[str]) -> Found:
    """What code that trains, or that measures, tells of what the `measure` finds: by a logger, and by prints."""
    where = _training(facts)
    if not where:
        return Found([], [])
    where |= {file.path for file, _ in evaluating(facts).own if file.kind in _KINDS}
    where |= {file.path for file, _, _ in languages.lines(facts, "validation")}
    logged = languages.lines(facts, "log-call")
    printed = [*languages.lines(facts, "print"), *languages.lines(facts, "logger", r"console\.")]
    return Found(
        *(
            [(file, line) for file, line, text in lines if file.path in where and measure.search(text)]
            for lines in (logged, printed)
        )
    )
