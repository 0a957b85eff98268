"""What starts training, and which scripts read the command line."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from apps.analysis.code import writers
from apps.analysis.code.importing import imported_by, importing
from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression, literal
from apps.analysis.findings import spread
from apps.analysis.kept import kept
from apps.analysis.learning import frameworks, trained_elsewhere
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering, clusters, platform_files, processes, starts
from apps.analysis.running.starts import By
from apps.analysis.tasks.inputs import by_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


def commands(facts: Facts) -> list[Evidence]:
    """Commands, pipelines and triggers that train with inputs that can be chosen, or by a name of their own."""
    fits = frameworks.fits(facts) or frameworks.saved_similarities(facts)
    training = [file for file, _ in (*fits, *frameworks.managed_training(facts)) if file.kind is Kind.PYTHON]
    paths = list(dict.fromkeys(file.path for file in training))
    leading = writers.leading_to(facts, fits) - answering.served(facts).keys()
    named = [
        start.place
        for start in starts.by(facts, By.TASK)
        if "test" not in start.name
        and (
            re.search(r"(^|[-_:])(re)?train|fit|pipeline|repro", start.name)
            or leading & {file.path for file in starts.modules_run(facts, start)}
        )
    ]
    named += [
        start.place
        for start in starts.by(facts, By.COMPOSE)
        if re.search("train|fit|learn", f"{start.name} {start.command}")
        and leading & {file.path for file in starts.modules_run(facts, start)}
    ]  # a service that trains and ends is run by its name
    parametrised = [facts.by_path[path].at(entry(facts.by_path[path])) for path in _commanded(facts, paths)]
    runs = "|".join(["\\btrain", "dvc repro", "run_pipeline", "pipeline.*run", "workloads", *_run_by(paths)])
    dispatched = [
        (file, leaf) for file, leaf in facts.leaves(r"(^|/)\.github/workflows/|gitlab-ci|azure-pipelines|\.pipelines/|cloudbuild", value=runs)
        if (leaf.keys[-1] in {"run", "script", "bash", "args", "command", "inlineScript", "entrypoint"} or "script" in leaf.keys)
        and (".github/" not in file.path or file.path in _by_hand(facts))
    ]  # fmt: skip
    entries = facts.leaves(r"(^|/)MLproject$", "entry_points", "*", "command") + [
        (file, leaf)
        for file, leaf in facts.leaves(r"(^|/)dvc\.yaml$", "stages", "*", "**")
        if "cmd" in leaf.keys and re.search("train|fit|model", f"{leaf.keys[1]} {leaf.text}")
    ]
    jobs = [
        one.file.at(one.line)
        for one in clusters.own_workloads(facts)
        if one.kind
        in {
            "Job",
            "CronJob",
            "PyTorchJob",
            "TFJob",
            "MPIJob",
            "XGBoostJob",
            "TrainJob",
            "RayJob",
            "Workflow",
            "CronWorkflow",
            "SparkApplication",
        }
    ]
    steps = processes.pipelines(facts)
    if _in_notebooks_only(facts):
        steps = [place for place in steps if not place.path.endswith(".py")]
    pipelines = sorted(steps, key=lambda place: not re.search("train|fit|learn", place.path))
    submitted = places([pair for pair in frameworks.managed_training(facts) if pair[0].kind is Kind.PYTHON])
    commands = [
        start.place
        for start in starts.commanding_lines(facts, r"(python\S*|torchrun|launch|spark-submit|Rscript)\s.*train")
        if not re.search(r"\b(wget|curl|download)\b", start.command)
        and (re.search(r"train|fit|pipeline|repro", start.name) or re.search(r"train\S*\s+\S*[-=$]", start.command))
    ]
    routes = [
        file.at(define.line) for file, define in facts.defines(r"train", files=facts.scripts) for one in define.decorators
        if one.last in {"post", "put", "route", "get", "task", "shared_task", "command"}
    ]  # fmt: skip
    called = [
        file.at(define.line) for file, define in facts.decorated(training) for one in define.decorators if one.last in {"post", "put", "command"} and one.args
    ]  # fmt: skip
    spoken = {file.kind for file, _ in trained_elsewhere.training(facts)} & {Kind.R, Kind.SCALA, Kind.JAVA, Kind.GO}
    scripted = [
        file.at(line)
        for file, line, _ in facts.signals("arguments")
        if file.kind in spoken and not file.name.endswith(".sbt")  # which declares what parses them
    ]
    return spread(
        named,
        pipelines,
        places(dispatched),
        parametrised,
        places(entries),
        platform_files.trainings(facts),
        submitted,
        routes,
        called,
        jobs,
        commands,
        scripted,
    )


MOST_RUN = 30  # modules that train, whose names are looked for


def _run_by(paths: list[str]) -> list[str]:
    """How commands run these modules."""
    return [rf"\bpython\S* (?:\S*/)?{literal(path.rsplit('/', 1)[-1])}\b" for path in paths[:MOST_RUN]]


def _in_notebooks_only(facts: Facts) -> bool:
    """Whether people train in notebooks, so that pipelines in scripts do something else; unless one runs a notebook."""
    fits = frameworks.fits(facts)
    others = [*frameworks.managed_training(facts), *trained_elsewhere.training(facts)]
    if not fits or others or any(file.kind is not Kind.NOTEBOOK for file, _ in fits):
        return False
    running = facts.imports("papermill", "nbconvert", "kfp", "azureml", "azure.ai.ml", "sagemaker")
    return not running and not facts.commands(r"nbconvert|papermill|\.ipynb")


def _by_hand(facts: Facts) -> set[str]:
    """Workflows that a person can start, or another workflow on their behalf."""
    events = facts.leaves(r"(^|/)\.github/workflows/", "on", "**")
    asked = re.compile(r"workflow_dispatch|repository_dispatch|workflow_call|schedule")
    return {file.path for file, leaf in events if asked.search(f"{'.'.join(leaf.keys)} {leaf.text}")}


_FLAGS = (
    "*.ArgumentParser", "*.parse_args", "click.option", "click.command", "typer.Option", "typer.Typer", "hydra.main", "fire.Fire", "*.HfArgumentParser", "*.LightningCLI", "docopt.docopt", "tyro.cli", "*.DEFINE_string",
    "*.DEFINE_integer", "*.DEFINE_float", "*.DEFINE_config_file", "*.define_flags_with_default", "*.automain", "*.OptionParser", "jsonargparse.*", "defopt.run", "clize.run", "cyclopts.*", "hydra_zen.zen", "*.TrlParser", "*.OmegaConf.from_cli", "configargparse.*", "argh.*", "plac.call", "simple_parsing.*", "*.argv.*", "optparse.OptionParser", "*.getopt", "getopt.getopt", "absl.app.run", "*.app.run", "*.run_parser", "draccus.wrap", "*.gnu_getopt",
)  # fmt: skip


_MAKES_FLAGS = expression(
    r"click|typer|hydra|\.command|\.option|\.automain|pyrallis|draccus|cyclopts|^(app|cli)\.default$"
)


def takes_flags(facts: Facts) -> set[str]:
    """Paths of scripts that read the command line."""
    return facts.once(_takes_flags)


def _takes_flags(facts: Facts) -> set[str]:
    found = {file.path for file, call in facts.calls(*_FLAGS) if call.name not in {"app.run", "self.app.run"}}
    found |= {file.path for file, _ in facts.defines("", where=_makes_flags)}
    configured = {file.path for file, call in facts.calls("exec") if re.search("config|argv|read", str(call.args))}
    arguments = {file.path for file, _ in facts.calls("*", where=_is_given_arguments)}
    arguments |= {file.path for file, _ in facts.assigns("", facts.scripts, where=_holds_arguments)}
    readers = _readers(facts)
    handed = {file.path for file, _ in facts.calls(*readers, files=facts.scripts)} if readers else set()
    return found | configured | arguments | handed


_READS = ("*.parse_args", "*.parse_known_args", "*.parse_args_into_dataclasses", "docopt.docopt")
_NAMED_FOR_FLAGS = expression(r"arg|opt|flag|pars|conf|cfg|cli|param", re.IGNORECASE)


def _readers(facts: Facts) -> list[str]:
    """Calls of the repository's own functions, and of its classes of options, that read the command line for others."""
    reading = [
        (PurePosixPath(file.path.removesuffix("/__init__.py")).stem, call.scope)
        for file, call in facts.calls(*_READS, files=facts.scripts)
        if _NAMED_FOR_FLAGS.search(call.scope) and not _is_given_parser(file, call)
    ]
    plain = {(module, name) for module, name in reading if "." not in name}
    methods = {scope.rpartition(".")[2] for _, scope in reading if "." in scope and scope[:1].isupper()}
    named = {f"*{kind}().{name}" for name in methods for kind in _KINDS}
    named |= {f"*.{name}" if "_" in name else f"*{module}.{name}" for module, name in plain}  # many have a `parse`
    return sorted({*named, *(name for _, name in plain)})


def _is_given_parser(file: File, call: Call) -> bool:
    """Whether the function works on a parser that its caller has made, and will ask."""
    return (call.scope, call.name.rpartition(".")[0]) in file.once(_given)


def _given(file: File) -> set[tuple[str, str]]:
    """What functions are given, by their scopes."""
    defines = file.facts.code.defines if file.facts.code else ()
    return {(scope_of(one), name) for one in defines for name in one.parameters}


_KINDS = ("Options", "Option", "Opts", "Args", "Arguments", "Config", "Configuration", "Parser")


def _makes_flags(_: File, define: Define) -> bool:
    return any(_MAKES_FLAGS.search(one.name) for one in define.decorators)


def _is_given_arguments(_: File, call: Call) -> bool:
    return any(isinstance(one, str) and "sys.argv" in one for one in call.args[:3])


def _holds_arguments(_: File, one: Assign) -> bool:
    return isinstance(one.value, str) and "sys.argv" in one.value


def _commanded(facts: Facts, training: Iterable[str]) -> list[str]:
    """Scripts that train and take flags, or that take flags and import a module that trains."""
    flagged = takes_flags(facts)
    stems = {path.rsplit("/", 1)[-1].removesuffix(".py") for path in training} - {"__init__", "utils", "main", "model"}
    direct = [path for path in training if path in flagged]
    direct += [
        file.path for file in facts.scripts if file.name.startswith("train") and file.path in flagged and entry(file)
    ]
    begun = [file for file in facts.scripts if file.path in flagged and entry(file)]
    leading = importing(facts, *training)
    direct += [path for path in training if path not in direct and _by_variables(facts, facts.by_path[path])]
    reaching = [file.path for file in begun if file.path in leading]
    named = [
        file.path for file in facts.scripts
        if file.path in flagged and file.facts.code and any(stems & set(one.module.split(".")) for one in file.facts.code.imports)
    ]  # fmt: skip
    return list(dict.fromkeys([*direct, *reaching, *named]))


_SETTINGS = expression(r"config|settings|const|(^|_)env")


def _by_variables(facts: Facts, file: File) -> bool:
    """Whether the environment tells the module, or the settings that it imports, what to learn from."""
    code = file.facts.code
    if code is None or not (code.main or any(not call.scope for call in code.calls)):
        return False
    beside = [one for path, one in imported_by(facts, [file]).items() if _SETTINGS.search(path.rsplit("/", 1)[-1])]
    return any(one.once(by_environment) for one in [file, *beside])


def entry(file: File) -> int:
    return file.facts.code.main if file.facts.code else 0


@kept
def entries(facts: Facts) -> list[Evidence]:
    """Scripts by which training starts: with an entry point, and what trains in them or among what they import."""
    fits = frameworks.fits(facts) or frameworks.saved_similarities(facts)
    training = {file.path for file, _ in fits if file.kind is Kind.PYTHON}
    begun = [file for file in facts.scripts if file.facts.code and file.facts.code.main]
    leading = importing(facts, *training)
    found = [file for file in begun if file.path in leading]
    return [file.at(entry(file)) for file in sorted(found, key=lambda file: "train" not in file.name)]
