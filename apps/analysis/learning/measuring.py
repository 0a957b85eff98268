"""Where a model is measured: the calls that do it, and evaluation as a stage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.findings import spread
from apps.analysis.kept import kept
from apps.analysis.learning import commands, foreign_stages, frameworks, objects, owned
from apps.analysis.learning import names as words
from apps.analysis.learning.stage import Stage, handed_as_steps, in_notebooks, is_ml, is_step, networks_of, scripted
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering

if TYPE_CHECKING:
    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.learning.frameworks import Calls
    from apps.analysis.repository import Facts, File

# --- measures ---------------------------------------------------------------------------------------------------------


_NAMES = r"test|val|eval|acc|rmse|auc|roc|f1|r2|mae|mse|mape|precision|recall|bleu|rouge"


@kept
def measures(facts: Facts) -> Calls:
    """Calls that measure a model's output against what was expected."""
    logged = [
        (file, call)
        for file, call in facts.calls("*.log_metric")
        if re.search(_NAMES, str(call.argument(0)), re.IGNORECASE)
    ]
    scores = bool(facts.defines(r"^score$", files=facts.scripts))
    return frameworks.ordered(
        [
            *(
                (file, call)
                for file, call in facts.calls(*words.METRICS)
                if not _is_pairwise(call)
                and not (scores and call.last == "score" and len(call.args) == 1)  # what a program of its own answers
                and not (call.name.startswith("numpy.testing.") and file.kind is not Kind.NOTEBOOK)  # guards a run
                and not re.search(r"drift[^/]*(/[^/]*)?$", file.path)  # compares data, not answers
            ),
            *logged,
            *objects.methods(facts, words.MEASURING),
        ],
        r"eval|valid|metric|test|score|bench|report",
    )


# Reports of a monitor that measure answers; its others compare data.
_OF_ANSWERS = expression(r"Classif|Regress|Performance|Accuracy|F1|RMSE|MAE|RecSys|Ranking|LLM|Eval|Correct")


def _is_pairwise(call: Call) -> bool:
    """Distances are computed for the sake of the product, not of its quality."""
    return (
        "pairwise" in call.name
        or call.name.startswith(("re.", "ast.", "pandas."))
        or (call.name.startswith("evidently.") and not _OF_ANSWERS.search(call.last))
        or (call.last in {"score", "auc", "r2"} and not call.args)
    )


# --- the stage ----------------------------------------------------------------------------------------------------
_EVALUATING = (
    r"(^|_)(eval(uate|uation|uator)?|validat(e|ion)_?(model)?|benchmark|backtest|score_model|test_model|"
    r"compute_metrics|compare_models?|judge)(_|$|s$)|Evaluat(or|ion)|log_?loss"
)
_EVALUATING_FILE = r"(^|[/_-])(eval(uat\w*)?|benchmark\w*|validat\w*|backtest\w*|metrics?(?![_-](server|service|exporter|collector|middleware|push\w*))|judge)([_.\-/]|$)"
_TIMERS = ("time.time", "time.perf_counter*", "timeit.*", "requests.*", "httpx.*", "*.evaluate")
_EVALUATING_FLAG = r"eval|test_only|validate|benchmark"
_NOT_MODEL = expression(
    r"valid(ate|ation)_?(input|schema|config|arg|data|env|request|email|file|param|url|api|token|user|column|type|json|payload|row|record|response|feature|message|header|form|option|and_warn|warning)|validator$|_validator|to_eval|\beval$|validate_(\w{0,40}_)?(director|dirs?\b|paths?\b|folders?\b|dim(?:ension)?s?\b|shapes?\b|lengths?\b|types?\b|names?\b|versions?\b|keys?\b|fields?\b|formats?\b|ranges?\b)|valid(ate|ation)_?(\w{0,40}_)?(split|loader|generator|imput\w*|missing|quality|integrity|events?|messages)\b|(eval\w*|validat\w*)_(\w{0,40}_)?(kurtosis|skew\w*|outliers?|normality|(multi)?collinearity|correlations?|null\w*|duplicates?)\b|evaluate_(actions?|log_?probs?|positions?|board)$|^_?(log|plot|print|show|draw|save|load|on|parse|format)_",
    re.IGNORECASE,
)

# With these, what is validated is data.
_OF_DATA = ("great_expectations", "pandera", "pydeequ", "tensorflow_data_validation", "cerberus", "jsonschema")


def _is_named_for_evaluating(file: File) -> bool:
    return bool(re.search(_EVALUATING_FILE, file.name))


def _lies_with_evaluating(file: File) -> bool:
    return bool(re.search(_EVALUATING_FILE, file.path.lower()))


@kept
def evaluation(facts: Facts) -> Stage:
    measured, networks = measures(facts), facts.once(networks_of)
    training_files = frameworks.training_files(facts)
    # in a folder that is named for evaluation, what asks a model or takes the time; helpers lie there as well
    named_so = [pair for pair in measured if pair[1].last != "evaluate" or is_ml(pair[0])]  # rules are evaluated too
    with_measures = {file.path for file, _ in named_so}
    measuring = with_measures | {file.path for file, _ in frameworks.predictions(facts)}
    asking = measuring | {file.path for file, _ in facts.calls(*words.LLM_ASKS, *_TIMERS)}
    files = [
        (file, call.line) for file, call in measured if file.kind is Kind.PYTHON and file.once(_lies_with_evaluating)
    ]
    named_files = [
        (file, file.facts.code.main or 1)
        for file in facts.scripts
        if file.facts.code
        and (file.once(_is_named_for_evaluating) or (file.path in asking and file.once(_lies_with_evaluating)))
        and (file.facts.code.main or len(file.facts.code.calls) >= 5)  # more than settings
        and (re.search(r"eval(_|uat|\.)|benchmark|backtest", file.path.lower()) or is_ml(file))
        and not _NOT_MODEL.search(file.name.removesuffix(".py").removesuffix("eval"))  # as a method, it sets a mode
    ]
    trains = bool(training_files or networks)
    answering_requests = {(file.path, one.line) for file, one in answering.given(facts)}
    handed = handed_as_steps(facts)
    steps = [
        (file, one.line)
        for file, one in facts.defines(_EVALUATING, files=facts.scripts)
        if one.kind == "def"
        and (file.path, one.line) not in answering_requests
        and (is_step(one) or _is_about_models(file, measuring))
        and not _NOT_MODEL.search(one.name)
        and ("valid" not in one.name.lower() or is_step(one) or (is_ml(file) and not file.imports(*_OF_DATA)))
        and (not one.name.startswith("_valid") or file.path in with_measures)
        and not _takes_texts(one)
        and (is_step(one) or _does_something(file, one))
        and (one.decorators or file.path not in training_files or not one.scope)
        and not (
            file.path in training_files and not (one.decorators or one.name in handed) and not _has_flag(facts, file)
        )
    ]
    apart = [
        (file, call.line) for file, call in measured
        if file.kind is Kind.PYTHON and file.path not in training_files and is_ml(file)
        and (file.path, call.scope.partition(".")[0]) not in networks
    ]  # fmt: skip
    flags = [
        (file, call.line)
        for file, call in facts.calls("*.add_argument", "click.option", "typer.Option", "*.DEFINE_bool*")
        if re.search(
            r"^-{0,2}(do[_-])?(eval(uate)?|eval[_-]only|test[_-]only|validate|benchmark)$", str(call.argument(0))
        )
        and (
            trains or "eval" in str(call.argument(0)) or _is_about_models(file, measuring)
        )  # connections are tested too
    ]
    flags += [
        (file, one.line)
        for file, one in facts.assigns(r"^(eval_only|test_only|do_eval|evaluate_only)$", files=facts.scripts)
    ]
    modes = [
        (file, call.line)
        for file, call in facts.calls("*.add_argument", files=facts.scripts, where=_chooses_to_measure)
    ]
    modes += facts.telling(_measures_without_training, "scripts")
    declared = [
        (file, leaf.line)
        for file, leaf in facts.leaves(r"(^|/)(dvc\.yaml|MLproject)$")
        if any(re.search(_EVALUATING, key) for key in leaf.keys[:2])
    ]
    others, commanded = foreign_stages.evaluating(facts), commands.measuring(facts)
    told = _told(facts)
    asked = {file.path for file, _ in [*frameworks.predictions(facts), *frameworks.loads(facts)]}
    loops = [
        (file, one.line)
        for file, one in facts.defines(r"^(test|valid\w*|eval\w*|evaluation\w*|estimate_loss)$", files=facts.scripts)
        if (file.path in training_files and not _NOT_MODEL.search(one.name))
        or (is_ml(file) and any(mark.last in {"no_grad", "inference_mode"} for mark in one.decorators))
    ]
    own = [
        *places(files),
        *places(flags),
        *places(modes if loops or any(not file.is_notebook for file, _ in measured) else []),
        *places(declared),
        *places(named_files),
        *places(steps),
        *places(apart),
        *places([pair for pair in scripted(told) if pair[0].path in asked - training_files and is_ml(pair[0])]),
        *(file.at() for file in facts.named(_ASSERTING)),
        *places(scripted(others.own)),
        *places(scripted(commanded)),
    ]
    # what is called the quality of held-out data, however it is computed
    called = [
        (file, one)
        for file, one in facts.assigns(_QUALITY, files=facts.scripts)
        if file.path in training_files and _is_computed(one)
    ]
    watched = [pair for pair in frameworks.fits(facts) if not _HELD_OUT.isdisjoint(pair[1].kwargs)]
    watched += facts.calls("*Trainer", where=_measures_on)
    inline = [
        *places([pair for pair in measured if pair[0].kind is Kind.PYTHON]),
        *places(loops),
        *places(called),
        *places([pair for pair in watched if pair[0].kind is Kind.PYTHON]),
        *places([pair for pair in told if pair[0].path in training_files]),
        *places(scripted(others.inline)),
    ]
    return Stage(
        spread(own),
        spread(inline),
        spread(
            [
                *places(in_notebooks([*measured, *watched, *told])),
                *places(in_notebooks([*others.own, *others.inline, *commanded])),
            ]
        )
        or places(owned.unread_notebooks(facts)),
    )


_MODE = expression(r"^-{0,2}(mode|phase|action|command|task|stage|job|run[-_]?mode)$")
_MEASURES = expression(r"^(eval\w*|valid\w*|val|test\w*|benchmark)$")
_DEPLOYED = expression(r"^(prod\w*|stag(e|ing)|uat|live|local)$")  # then it chooses an environment


def _chooses_to_measure(_: File, call: Call) -> bool:
    """Whether a flag chooses what the program does, and one of the choices is to measure."""
    choices = call.kwargs.get("choices")
    named = any(isinstance(one, str) and _MODE.match(one) for one in call.args[:3])
    words = [one for one in choices if isinstance(one, str)] if isinstance(choices, list) else []
    return named and any(map(_MEASURES.match, words)) and not any(map(_DEPLOYED.match, words))


_TRAINS = expression(r"^-{0,2}(is|do)[-_]train(ing)?$")


def _measures_without_training(file: File) -> int:
    """The line of a flag that keeps a program from training, which then only measures; 0 where there is none."""
    calls = file.facts.code.calls if file.facts.code else ()
    flags = [one.line for one in calls if one.last == "add_argument" and _TRAINS.match(str(one.argument(0)))]
    measuring = any(one.last in {"test", "evaluate"} and "." in one.name for one in calls) if flags else False
    return flags[0] if measuring else 0


_QUALITY = r"(?i)^((loss(es)?|acc\w*|score|err(or)?s?)_(val|valid|validation|test|eval|dev)|best_(val|valid|validation|test|eval|dev)_\w{1,20}|(val|valid|validation|test|eval|dev|held_?out)_?(loss|acc\w*|score|err(or)?s?|metrics?|results?)(_(tot(al)?|sum|avg|mean))?|(\w+_)?(accuracy|acc|rmse|mae|mape|f1|f1_?score|auc|perplexity|ppl|bleu|precision|recall|r2|r2_?score|silhouette\w*|inertia))$"
# What frameworks call the data on which they measure while they fit.
_HELD_OUT = frozenset({"validation_data", "validation_split", "eval_set", "valid_sets", "evals", "eval_dataset"})


def _measures_on(_: File, call: Call) -> bool:
    return call.kwargs.get("eval_dataset") not in (None, "$None")


# Settings of a program that asks a language model and asserts what it answers.
_ASSERTING = r"(^|/)promptfooconfig[\w.-]*\.(ya?ml|json|js)$"
_TELLS = ("print", "*.info", "*.print", "tqdm.*.write")
_OF_HELD_OUT = expression(
    r"\b(?:(?:val|valid|validation)[ _-]*(?:loss|acc)|(?:test|eval|evaluation|dev|held[ -]?out)[ _-]*(?:set[ _-]*)?(?:loss|acc|err|score|rmse|mae|mse|auc|f1))",
    re.IGNORECASE,
)
_OF_QUALITY = expression(
    r"\b(?:accuracy|acc|rmse|mae|mape|mse|mean squared error|f1(?:[ _-]?score)?|auc|r2|r\^2|perplexity|bleu|(?:mean|average|avg|median|squared?|absolute|relative|percentage|classification|prediction|word|character) error)\b",
    re.IGNORECASE,
)
_TRAINING = expression(r"\btrain", re.IGNORECASE)
_HOLDS_OUT = expression(
    r"^\$?(?:self\.)?(?:[xy]_?)?(?:test|val|valid|validation|dev|held_?out)(?:_|$|\.|set|loader|data)", re.IGNORECASE
)


def _told(facts: Facts) -> list[tuple[File, Call]]:
    """Where code tells how good answers are to data that was held out, however it computes that."""
    return facts.calls(*_TELLS, where=_is_told)


def _is_told(file: File, call: Call) -> bool:
    text = " ".join(str(one) for one in call.args[:2])
    if not text or _TRAINING.search(text):
        return False
    return bool(_OF_HELD_OUT.search(text)) or (bool(_OF_QUALITY.search(text)) and file.once(_holds_out))


def _holds_out(file: File) -> bool:
    """Whether the code hands data around that it calls those of a test or a validation, or is named for one."""
    return bool(re.match(r"(test|eval|valid)", file.name)) or any(
        isinstance(one, str) and _HOLDS_OUT.search(one)
        for call in (file.facts.code.calls if file.facts.code else ())
        for one in call.args[:3]
    )


def _is_computed(one: Assign) -> bool:
    """Whether a value is measured, or summed up from nothing: `precision = 16` is how numbers are kept."""
    if isinstance(one.value, str):
        told = one.value.startswith("$") or "{" in one.value
    else:
        told = one.value in (0, []) and one.value is not False
    return told and one.how not in {"default", "field"}


_TEXTS = expression(
    r"^(\w{1,40}_)?(texts?|str|strings?|date|datetime|dates?|email|url|payload|request|body|schema|token|password|username|values?|fields?)$"
)


_VALIDATORS = expression(r"(^|[._])(validator|validates|validates_schema|validate_arguments|validate_call)(\(|$)")


def _takes_texts(one: Define) -> bool:
    """Whether a function validates what people write: a date, an address, the fields of a request."""
    if any(_VALIDATORS.search(mark.name) for mark in one.decorators):
        return True
    given = [name for name in one.parameters if name not in {"self", "cls"}]
    return one.name.startswith(("valid", "_valid")) and bool(given) and all(map(_TEXTS.search, given))


def _does_something(file: File, one: Define) -> bool:
    """Whether the function calls anything: one that answers a constant is a stub."""
    scope = scope_of(one)
    return any(call.scope.startswith(scope) for call in (file.facts.code.calls if file.facts.code else ()))


def _has_flag(facts: Facts, file: File) -> bool:
    """Whether `file` can be told to evaluate only."""
    texts = [
        str(call.argument(0)) for _, call in facts.calls("*.add_argument", "click.option", "*.command", files=[file])
    ]
    return any(re.search(_EVALUATING_FLAG, text) for text in texts)


def _is_about_models(file: File, measuring: set[str]) -> bool:
    """Whether what `file` evaluates can be a model: rules and policies are evaluated too."""
    return bool(
        file.path in measuring or file.once(_lies_with_evaluating) or is_ml(file) or file.imports(*words.LANGUAGE)
    )
