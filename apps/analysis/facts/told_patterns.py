"""The named patterns for files that tell of code: Terraform, SQL, Groovy, and prose with the commands and settings in it.

As in `signal_patterns`, what may repeat is bounded.
"""

from __future__ import annotations

from apps.analysis.paths import Kind

TOLD: dict[str, tuple[set[Kind], str]] = {
    # infrastructure as code
    "terraform-block": (
        {Kind.TERRAFORM},
        r"^[ \t]*(?:resource|data|module|variable|provider|backend|output|terraform|param|targetScope|job)\b.*",
    ),
    "terraform-source": (  # a module of a public registry
        {Kind.TERRAFORM},
        r"^[ \t]*source[ \t]*=[ \t]*\"[\w.-]+/[\w.-]+/[\w.-]+(?://[\w./-]{1,80})?\".*",
    ),
    "terraform-default": (
        {Kind.TERRAFORM},
        r"^[ \t]*(?:default|region|location|bucket|project|project_id|image|count)\s*=.*",
    ),
    "terraform-runtime": (
        {Kind.TERRAFORM},
        r"^[ \t]*(?:runtime|python_version|image_version|airflow_version|spark_version|release_label)\s*=.*",
    ),
    "terraform-command": ({Kind.TERRAFORM}, r"^[ \t]*(?:appCommandLine|app_command_line)[ \t]*[:=].*"),
    "model-query": (
        {Kind.SQL},
        r"(?i)\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:MODEL|(?:SNOWFLAKE\.)?ML\.\w+)\b.*|\bpgml\.train\s*\(.*|\bmadlib\.\w{1,40}_train\s*\(.*",
    ),
    "measure-query": (
        {Kind.SQL},
        r"(?i)\bML\.(?:EVALUATE|CONFUSION_MATRIX|ROC_CURVE)\s*\(|!(?:SHOW_EVALUATION_METRICS)\b",
    ),
    "predict-query": (
        {Kind.SQL},
        r"(?i)\b(?:ML\.(?:PREDICT|FORECAST|RECOMMEND|DETECT_ANOMALIES|GENERATE_TEXT|GENERATE_EMBEDDING)|pgml\.predict|madlib\.\w{1,40}_predict\w*)\s*\(|\bCALL\s+\w+!(?:FORECAST|DETECT_ANOMALIES)\b|\b\w+!PREDICT\s*\(",
    ),
    "schema": ({Kind.SQL}, r"(?i)\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|SCHEMA|DATABASE|EXTERNAL)\b.*"),
    "migration-mark": ({Kind.SQL}, r"^--[ \t]{0,4}(?:\+(?:goose|migrate)[ \t]+Up\b|migrate:up\b)"),
    "floating-tag": ({Kind.GROOVY}, r"\b\w{0,40}?(?:TAG|VERSION)\w{0,40}[ \t]*=[ \t]*['\"]latest['\"]"),
    "groovy-stage": ({Kind.GROOVY}, r"\bstage\s*\(\s*['\"].+?['\"]"),
    # before the text of a README, where a hub is told how to run the repository as it is
    "space": ({Kind.PROSE}, r"\A---\r?\n(?:(?!---).{0,200}\n){0,20}?sdk:[ \t]*['\"]?(?:gradio|streamlit)\b"),
    "space-image": ({Kind.PROSE}, r"\A---\r?\n(?:(?!---).{0,200}\n){0,20}?sdk:[ \t]*['\"]?docker\b"),
    "space-version": (
        {Kind.PROSE},
        r"\A---\r?\n(?:(?!---).{0,200}\n){0,20}?(?:sdk_version|python_version):[ \t]*['\"]?\d",
    ),
    "apt": (
        {Kind.PROSE, Kind.TEXT},
        r"\b(?:sudo\s+)?(?:apt-get|apt|yum|dnf|brew|apk|choco|winget|scoop|pyenv|nvm|sdk)\s+(?:-y\s+)?(?:install|add|use)\b.*",
    ),
    "changelog": ({Kind.PROSE}, r"^#+\s*(?i:change ?log|release (?:notes|history)|version history)\b.*"),
    "install-command": (
        {Kind.PROSE},
        r"\b(?:pip[23]?|conda|mamba|poetry|uv|pipenv|npm)\s+(?:pip\s+)?(?:install|sync|add)\b.*|\bconda\s+env\s+create\b.*",
    ),
    "run-command": (
        {Kind.PROSE},
        r"(?:^|[`$>#&])[ \t]{0,40}(?:\w{1,40}=\S{1,200}[ \t]{1,4}){0,6}(?:python[23]?[ \t]+(?:-\w[ \t]+){0,4}[\w./-]+|torchrun\s|accelerate launch|streamlit run|uvicorn\s|gunicorn\s|flask run|docker(?:-|\s)(?:run|compose)|mlflow run|"
        r"dvc repro|kedro run|make\s+\w+|sh\s+\S+\.sh|bash\s+\S+|\./\S{1,200}\.sh|Rscript\s|java -jar|sbt\s+run|mvn\s+\S+|npm (?:run|start)|poetry run|uv run|th\s+\w+\.lua|spark-submit|chainlit run|go[ \t]+run\s|cargo[ \t]+run\b|dotnet[ \t]+run\b|julia[ \t]|(?:\./)?gradlew?[ \t]+\S{0,40}(?:bootRun|run)\b)"
        r"|\b(?:[Rr]un|[Ee]xecute|[Ll]aunch|[Ss]tart)(?:[ \t]+the)?[ \t]+[`*\"']{0,2}[\w./-]{1,80}\.(?:py|sh|R|jl)\b|\b[Uu]se[ \t]+[`*\"']{0,2}[\w./-]{1,80}\.(?:py|sh|R|jl)[`*\"']{0,2}[ \t]+to[ \t]+(?:launch|run|start|train|predict|test)",
    ),
    "venv": (
        {Kind.PROSE},
        r"(?:python[\d.]*|py(?:\s+-[\d.]+)?)\s+-m\s+venv|virtualenv\s|conda\s+create|conda\s+activate|pipenv\s+shell",
    ),
}
