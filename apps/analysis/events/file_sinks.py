"""Where logs go into local files, and where loggers write to streams."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code.names import left_out
from apps.analysis.events import telling
from apps.analysis.expressions import expression, literal
from apps.analysis.kept import kept
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import compose, starts

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

_FILE_HANDLERS = (
    "*.FileHandler", "*.RotatingFileHandler", "*.TimedRotatingFileHandler", "*.WatchedFileHandler", "*.ConcurrentRotatingFileHandler",
)  # fmt: skip


class FileSink(msgspec.Struct, frozen=True):
    """A place that writes a log into a file. `optional`: only if asked for; `ours`: written by the app, not by a tool beside it."""

    file: File
    line: int
    what: str
    optional: bool = False
    by_hand: bool = False  # opened and written without a logger
    ours: bool = True


@kept
def of(facts: Facts) -> list[FileSink]:
    """Where logs go into local files: by handlers in code, by logging configuration, by servers and shells beside it."""
    return [*_handlers(facts), *_configured_files(facts), *_beside(facts)]


def _handlers(facts: Facts) -> list[FileSink]:
    sinks = [
        FileSink(file, call.line, call.last, _is_optional(file, call, 0, "filename"))
        for file, call in facts.calls(*_FILE_HANDLERS)
    ]
    sinks += [
        FileSink(file, call.line, "basicConfig(filename=…)", _is_optional(file, call, 9, "filename"))
        for file, call in facts.calls("logging.basicConfig")
        if call.kwargs.get("filename")
    ]
    sinks += [
        FileSink(file, call.line, "a stream into a file")
        for file, call in facts.calls("logging.StreamHandler", where=_into_file)
    ]
    for file, call in facts.calls("*.logger.add", "loguru.logger.add"):
        to = str(call.argument(0, "sink") or "")
        if to and not re.search(
            r"std(err|out)|lambda|\$\?$|_sink|intercept|handler|console|print|tqdm|write", to, re.IGNORECASE
        ):
            sinks.append(FileSink(file, call.line, "a loguru file sink", _is_optional(file, call, 0, "sink")))
    for file, one in facts.assigns(r"^class$|^\(\)$"):
        if "FileHandler" in str(one.value):
            sinks.append(FileSink(file, one.line, "a file handler of dictConfig"))
    for file, call in facts.calls("open"):
        mode, opened = call.mode, _opened(file, call)
        if mode[:1] in {"a", "w"} and _LOG_FILE.search(opened):
            sinks.append(FileSink(file, call.line, f"`open({opened!r})`", by_hand=True))
        elif mode[:1] == "a" and (_LOGS.search(call.scope) or _LOG_MODULE.search(file.name)):
            sinks.append(FileSink(file, call.line, f"`open` in `{call.scope or file.name}`", by_hand=True))
    for file, call in facts.calls("*.open"):  # of a path: its last part stands beside
        told = [one.value for one in file.facts.code.texts if one.line == call.line] if file.facts.code else []
        logged = next((value for value in told if _LOG_FILE.search(value) and "{" not in value), "")
        if logged and str(call.argument(0, "mode") or "")[:1] in {"a", "w"}:
            sinks.append(FileSink(file, call.line, f"`open({logged!r})`", by_hand=True))
    return [*sinks, *_redirected(facts)]


_MADE_BY_OPENING = expression(r"^\$(.{1,60}\.)?(open|GFile)\(\)$")


def _into_file(file: File, call: Call) -> bool:
    """Whether the stream that a handler is given is a file that the same function, or the module, has opened."""
    given = str(call.argument(0, "stream") or "")
    if _MADE_BY_OPENING.match(given):
        return call.line not in file.once(_opening_devices)
    return not file.once(_names_of_opened).isdisjoint({(call.scope, given), ("", given)})


def _names_of_opened(file: File) -> set[tuple[str, str]]:
    """The names of files that the code has opened, by their scopes."""
    assigns, devices = (file.facts.code.assigns if file.facts.code else ()), file.once(_opening_devices)
    return {
        (one.scope, f"${one.name}")
        for one in assigns
        if isinstance(one.value, str) and _MADE_BY_OPENING.match(one.value) and one.line not in devices
    }


_DEVICE = expression(r"/dev/|/proc/|\$os\.devnull")


def _opening_devices(file: File) -> set[int]:
    """The lines that open what keeps nothing, as the output of a container's first process."""
    calls = file.facts.code.calls if file.facts.code else ()
    return {one.line for one in calls if one.last == "open" and _DEVICE.match(str(one.argument(0)))}


def _redirected(facts: Facts) -> list[FileSink]:
    """Where stdout becomes a file, or an object of a class of the repository that writes what is printed into one too."""
    found = []
    assigned = facts.assigns(r"^sys\.std(out|err)$", files=facts.scripts)
    copying = (
        {call.scope.partition(".")[0] for _, call in facts.calls("open") if _WRITES.match(call.mode)}
        if assigned
        else set()
    )
    for file, one in assigned:
        made = str(one.value).partition("(")[0].strip("$").rpartition(".")[2]
        if made == "open":
            found.append(FileSink(file, one.line, "stdout in a file"))
        elif made in copying and facts.defines(rf"^{literal(made)}$"):
            found.append(FileSink(file, one.line, f"a copy of stdout by `{made}`", by_hand=True))
    return found


_WRITES = expression(r"[wa]")


_LOG_FILE = expression(r"(\.log|(^|[/_])logs?\.txt|[/_]log_[\w{}]*\.txt)$")


# Functions, and modules, that write a log themselves.
_LOG_MODULE = expression(r"^(\w*_)?(info|error|event|run|my)?log(s|ger|gers|ging|_?utils?|_?file)?\.py$")
_LOGS = expression(r"(^|\.)(write_?)?log(_?(message|msg|event|info|error|line|to_file))?$", re.IGNORECASE)


def _opened(file: File, call: Call) -> str:
    """The path that is opened; of a name, the text that makes its path; of a joined path, its last part."""
    argument = str(call.argument(0, "file") or "")
    if not argument.startswith("$") or file.facts.code is None:
        return argument
    if argument == "$os.path.join()":
        joined = [one for one in file.facts.code.calls if one.name == "os.path.join" and one.line == call.line]
        return next((str(one.args[-1]) for one in joined if one.args), "")
    lines = {one.line for one in file.facts.code.assigns if one.name == argument[1:]}
    return next((one.value for one in file.facts.code.texts if one.line in lines and _LOG_FILE.search(one.value)), "")


def _is_optional(file: File, call: Call, position: int, name: str) -> bool:
    """Whether the path is given by whoever starts the program; a default of the code's own is none, and a variable that
    must be set is always given."""
    path = str(call.argument(position, name) or "")
    given = r"^\$(self\.)?(args|opt|opts|flags|FLAGS|options|settings|config|cfg)\.|getenv|environ(?!\[)"
    return bool(re.search(given, path)) or (call.scope, path) in file.once(left_out)


def _configured_files(facts: Facts) -> list[FileSink]:
    sinks = [
        FileSink(file, leaf.line, "a file handler of the logging configuration")
        for file, leaf in facts.leaves(r"\.(ya?ml|json|toml|ini|cfg|conf)$", "**", "class", value=r"FileHandler")
    ]
    sinks += [
        FileSink(file, leaf.line, "a file handler of the logging configuration")
        for file, leaf in facts.leaves(r"log[^/]*\.(ini|cfg|conf)$", "*", "class", value=r"FileHandler")
    ]
    sinks += [
        FileSink(file, leaf.line, "`logging.file`")
        for file, leaf in facts.leaves(r"application[^/]*\.(properties|ya?ml)$", "**")
        if re.search(r"^logging\.file", ".".join(leaf.keys))
    ]
    sinks += [FileSink(file, line, "a file appender") for file, line, _ in facts.signals("file-log")]
    return [*sinks, *_of_hydra(facts)]


def _of_hydra(facts: Facts) -> list[FileSink]:
    """Hydra writes what loggers say into a file of each run too, unless its job logging is set otherwise."""
    if not facts.imports("hydra", files=facts.scripts) or not facts.calls("logging.getLogger", "logging.info"):
        return []
    begun = [
        FileSink(file, one.line, "the log file that Hydra keeps of each run", ours=False)
        for file, define in facts.decorated(facts.scripts)
        for one in define.decorators
        if one.name == "hydra.main"
    ]
    set_otherwise = any(
        "job_logging" in ".".join(leaf.keys) and leaf.text not in {"default", "colorlog"}  # both keep the file
        for _, leaf in facts.leaves(r"\.ya?ml$")
    )
    return [] if set_otherwise else begun


_REDIRECT = expression(
    r"(?:>>?|\btee\b(?:\s+-\w++)*)\s*['\"]?(?:[^\s|;&'\">]*(?:\.log\b|logs?/|log\.txt|nohup\.out)|\$\{?(?:\w*_)?LOG(?:_?FILE)?\b)|^nohup (?!.*>)|--access-logfile[ =](?!['\"]?-)\S|--error-logfile[ =](?!['\"]?-)\S|--log-?file[ =](?!['\"]?-)[\w./]"
)


def _beside(facts: Facts) -> list[FileSink]:
    sinks = [
        FileSink(file, one.line, "a redirection into a file", ours=False)
        for file, one in facts.commands(_REDIRECT.pattern)
        if not re.match(r"(echo|printf)\b", one.text)  # a script that tells of itself
    ]
    sinks += [
        FileSink(file, one.line, "a log file of the server", ours=False)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name in {"CMD", "ENTRYPOINT"} and _REDIRECT.search(re.sub(r"[\[\]\",]+", " ", one.value))
    ]
    sinks += [
        FileSink(file, line, "a log file of a server beside the app", ours=False)
        for file, line, text in facts.signals("server-log")
        if not re.search(r"/dev/|\boff\b|syslog:|=\s*(?:NONE|AUTO)|stdout|stderr", text)
    ]
    sinks += [
        FileSink(file, leaf.line, "a log file of supervisord", ours=False)
        for file, leaf in facts.leaves(r"supervisor[^/]*\.(conf|ini)$", "*", "*log*")
        if not leaf.text.startswith(("/dev/", "NONE", "AUTO")) and leaf.keys[-1].endswith(("logfile", "log_file"))
    ]
    sinks += [
        FileSink(one.file, one.line, "a log file of the server", ours=False)
        for one in starts.deployed(facts)
        if one.by is not starts.By.IMAGE and _REDIRECT.search(one.command)
    ]
    sinks += _mounted(facts)
    sinks += _of_torchserve(facts)
    return [*sinks, *_of_airflow(facts)]


def _mounted(facts: Facts) -> list[FileSink]:
    """Folders of logs that compose mounts into the system's own containers, but for those that nothing may write."""
    own = {(service.file.path, service.name) for service in starts.own_services(facts)}
    return [
        FileSink(file, leaf.line, "a mounted folder for logs", ours=False)
        for file, leaf in facts.leaves(compose.COMPOSE, "**", value=r"logs?:/\S*(airflow|log)\S*(?<!:ro)$")
        if leaf.keys[0] != "services" or (file.path, leaf.keys[1]) in own
    ]


def _of_airflow(facts: Facts) -> list[FileSink]:
    """Airflow writes what tasks log into files of its machine, unless it is told to keep them elsewhere."""
    remote = [
        *facts.leaves(r"airflow[^/]*\.cfg$", "*", "remote_logging", value=r"(?i)true"),
        *facts.leaves(r"\.ya?ml$", "**", "remote_logging", value=r"(?i)true"),  # of its chart
        *facts.leaves("", "**", "AIRFLOW__LOGGING__REMOTE_LOGGING", value=r"(?i)true"),
        *facts.leaves("", value=r"(?i)AIRFLOW__LOGGING__REMOTE_LOGGING=\W?true"),
    ]
    if remote or any(
        _REMOTE_LOGGING.search(one.value)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name == "ENV"
    ):
        return []
    folders = places(facts.leaves(r"airflow[^/]*\.cfg$", "*", "base_log_folder"))
    bundled = [
        file.at(one.line)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if one.name == "FROM" and _AIRFLOW.search(one.value)
    ]
    bundled += places(facts.leaves(r"\.ya?ml$", "**", "image", value=_AIRFLOW.pattern))
    bundled += [
        one.place for one in starts.followed(facts, starts.deployed(facts)) if _RUNS_AIRFLOW.search(one.command)
    ]
    found = [FileSink(facts.by_path[one.path], one.line, "a local folder of task logs", ours=False) for one in folders]
    return found or [
        FileSink(facts.by_path[one.path], one.line, "the folder of task logs of Airflow", ours=False) for one in bundled
    ]


_REMOTE_LOGGING = expression(r"AIRFLOW__LOGGING__REMOTE_LOGGING[= ]\W?true", re.IGNORECASE)
_RUNS_AIRFLOW = expression(r"^(exec )?airflow (celery )?(scheduler|worker|standalone)\b")
_AIRFLOW = expression(r"(apache|puckel|bitnami)/(docker-)?airflow\b|astronomer|astrocrpublic")


def _of_torchserve(facts: Facts) -> list[FileSink]:
    """TorchServe writes its logs into files beside the console, unless it is given a configuration of them."""
    lines = [(file, one.line, one.text) for file, one in facts.commands(r"\btorchserve\b.*--start")]
    lines += [
        (file, one.line, one.value)
        for file in facts.dockerfiles
        for one in file.facts.instructions
        if re.search(r"torchserve\W.*--start", one.value) or (one.name == "FROM" and "/torchserve" in one.value)
    ]
    lines += [
        (file, leaf.line, leaf.text) for file, leaf in facts.leaves(r"\.ya?ml$", value=r"\btorchserve\b.*--start")
    ]
    if any("--log-config" in text for _, _, text in lines):
        return []
    return [FileSink(file, line, "a log file of TorchServe", ours=False) for file, line, _ in lines]


def to_streams(facts: Facts) -> Lines:
    """Where loggers are made to write to stdout or stderr."""
    streams = [
        (file, call.line) for file, call in facts.calls("*.StreamHandler", "*.RichHandler", "coloredlogs.install")
    ]
    streams += [
        (file, call.line)
        for file, call in facts.calls("logging.basicConfig")
        if not call.kwargs.keys() & {"filename", "handlers"} and not call.args
    ]
    streams += [
        (file, one.line)
        for file, one in facts.assigns(r"^class$")
        if "StreamHandler" in str(one.value) or "RichHandler" in str(one.value)
    ]
    streams += [
        (file, leaf.line)
        for file, leaf in facts.leaves(
            r"\.(ya?ml|json|toml|ini|conf)$", "**", "class", value=r"StreamHandler|RichHandler"
        )
    ]
    streams += [(file, line) for file, line, _ in facts.signals("stream-log")]
    removed = facts.calls("loguru.logger.remove")
    if facts.imports("loguru") and (
        not removed
        or (
            facts.calls("loguru.logger.add")
            and any("std" in str(call.argument(0, "sink")) for _, call in facts.calls("loguru.logger.add"))
        )
    ):
        streams += facts.imports("loguru")
    return streams


@kept
def only_to_files(facts: Facts) -> list[FileSink]:
    """The file sinks of an app whose loggers write nowhere else."""
    beside = {"`logging.file`"}  # Spring writes it in addition to the stream
    sinks = [sink for sink in of(facts) if sink.ours and not sink.optional and sink.what not in beside]
    prints = [file for file, _ in telling.of(facts).prints if file.kind is Kind.PYTHON]
    if to_streams(facts) or (prints and all(sink.by_hand for sink in sinks)):
        return []
    return sinks
