"""The streams of the system reach a central logging system.

## What it does
Looks into what deploys the system: logging drivers of compose and ECS, collectors (Fluent Bit, Vector,
Promtail, Filebeat), platforms that capture stdout (Cloud Run, Lambda, SageMaker, Vertex, App Engine, Azure
ML), exporters of logs over OTLP, and handlers by which the app ships logs itself.

- **met**: deployment configuration or a managed platform routes the streams.
- **partial**: for some services only, or the app itself ships its logs through a handler.
- **unmet**: logs go to local files only.
- **na**: nothing is deployed.
- **unknown**: anything else: a cluster's collector is seldom in the repository, a person has to tell.

## Why it matters
When a pod dies its output dies too, unless something has carried it away. One place to search over all
replicas and jobs is what turns logs into answers.

## How to adopt it
```yaml
# docker-compose.yml
services:
  api:
    logging:
      driver: awslogs
      options: {awslogs-group: api}
```

## References
- The Twelve-Factor App, XI. Logs: https://12factor.net/logs
- Docker, Configure logging drivers: https://docs.docker.com/config/containers/logging/configure/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.events import file_sinks
from apps.analysis.expressions import expression
from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.foreign import languages
from apps.analysis.repository import places
from apps.analysis.running import rollout, serving, starts
from apps.analysis.running.starts import By
from apps.analysis.services import declared
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts


_COLLECTORS = r"fluent(?:-?bit|d)|/vector[:@]|timberio/vector|promtail|grafana/(?:loki|alloy|agent)|logstash|filebeat|datadog/agent|splunk|otel/opentelemetry-collector|amazon/aws-for-fluent-bit|vmagent|graylog"
# Charts that carry the streams of a cluster's nodes; others only store them.
_CHARTS = expression(
    r"(?:^|/)(?:loki-stack|promtail|alloy|grafana-agent|k8s-monitoring|fluent-?(?:bit|d)|fluent-operator|filebeat|logging-operator|vector|datadog|splunk-otel-collector)$"
)
_PLATFORMS = (
    r"google_cloud_run|aws_lambda_function|google_cloudfunctions|google_vertex|aws_sagemaker|aws_cloudwatch_log_group|awslogs|azurerm_(?:container_app|function_app|machine_learning|log_analytics)|google_app_engine|aws_apprunner|aws_batch|google_logging|"
    r"google_composer|aws_mwaa|Microsoft\.(?:App/|OperationalInsights|MachineLearningServices)"
)
_TYPES = r"^AWS::(?:Serverless::Function|Lambda::Function|SageMaker::|Logs::LogGroup|AppRunner|Batch)"
_SHIPPING = (
    "watchtower.CloudWatchLogHandler", "*.AzureLogHandler", "*.LogstashHandler", "*.LokiHandler", "*.SysLogHandler", "*.GELF*Handler", "google.cloud.logging.*", "*.DatadogHandler", "*.SplunkHandler", "*.CMRESHandler", "*.LogtailHandler", "*.AxiomHandler", "seqlog.log_to_seq", "seqlog.*Handler", "*.OTLPLogExporter", "*.configure_azure_monitor", "logfire.configure",
    "*.HTTPHandler",
)  # fmt: skip
_COMMANDS = (
    r"gcloud (?:beta )?(?:run|functions|app|ai|ai-platform) |aws (?:lambda|sagemaker|ecs) |sam deploy|serverless deploy|az (?:ml|containerapp|functionapp)|eb deploy|"
    r"huggingface\.co/spaces/|zenml (?:\S+ )*(?:--flavor|-f)[= ](?:vertex|sagemaker|azureml)|rsconnect deploy"
)
_INSTALLS = r"helm (?:install|upgrade) [^|;&]{0,200}/(?:loki-stack|promtail|alloy|k8s-monitoring|fluent-?(?:bit|d)|filebeat|vector|datadog)(?: |$)"
_OF_A_PLATFORM = frozenset({"runtime", "command", "services", "spec"})  # keys of an `app.yaml`
_PAGES = expression(r"(^|/)(frontend|dashboard|client|web(site|app)?|ui)/vercel\.json$", re.IGNORECASE)
_REMEDY = (
    "Declare where stdout goes: a logging driver in compose, a collector in the cluster, or a platform that keeps it."
)


def check(facts: Facts) -> Finding:
    routed = _routed(facts)
    if routed:
        return finding(
            State.MET,
            f"The deployment carries the logs to a central place (`{routed[0].path}:{routed[0].line}`).",
            routed,
        )
    shipped = places(facts.calls(*_SHIPPING)) + [file.at(line) for file, line, _ in facts.signals("shipped-log")]
    if shipped:
        return finding(
            State.PARTIAL,
            f"The app ships its logs itself, through a handler (`{shipped[0].path}:{shipped[0].line}`).",
            shipped,
            remedy=_REMEDY,
            effort=Effort.DAYS,
        )
    deployed = [
        *([start.place for start in starts.by(facts, By.IMAGE)] if facts.profile.serves.holds else []),
        *rollout.composed(facts),
        *rollout.workloads(facts),
        *rollout.platform_pipelines(facts),
        *rollout.roll_outs(facts),
        *rollout.platform_files(facts),
    ]
    if not deployed:
        return finding(State.NA, "Nothing in the repository deploys the system.")
    sinks = file_sinks.only_to_files(facts)
    if sinks:
        return finding(
            State.UNMET,
            "Logs go into local files only, which no collector reads.",
            [sink.file.at(sink.line) for sink in sinks],
            remedy=_REMEDY,
            effort=Effort.DAYS,
        )
    return finding(
        State.UNKNOWN,
        "Nothing in the repository says where the streams of the deployed system go.",
        deployed,
        remedy=_REMEDY,
        effort=Effort.DAYS,
    )


def _routed(facts: Facts) -> list[Evidence]:
    drivers = facts.leaves(
        r"\.(ya?ml|json|tf|tpl)$", "**", "logging", "driver", value=r"^(?!json-file|none|local)"
    ) + facts.leaves(r"\.(ya?ml|json)$", "**", "logDriver")
    collectors = facts.leaves(r"\.ya?ml$", "**", "image", value=_COLLECTORS) + facts.leaves(
        r"(^|/)(Chart|requirements)\.ya?ml$", "**", "name", value=r"loki|fluent|promtail|elastic|datadog"
    )
    collectors += [pair for pair in declared.installed_charts(facts) if _CHARTS.search(pair[1].text)]
    installs = facts.commands(_INSTALLS)
    resources = facts.leaves(r"\.(ya?ml|json)$", "**", "Type", value=_TYPES)
    blocks = [(file, line) for file, line, _ in facts.signals("terraform-block", rf"^\s*resource.*(?:{_PLATFORMS})")]
    cdk = facts.calls(
        "*.LogGroup",
        "*.LogDrivers.*",
        "*.Function",
        "*.DockerImageFunction",
        "*.PythonFunction",
        "*.CfnEndpoint",
        "*.CfnPipeline",
        files=[file for file, _ in facts.imports("aws_cdk", "monocdk")],
    )
    cdk += facts.calls(*rollout.SERVERLESS_OF_PULUMI, "pulumi_awsx.ecs.FargateService", "pulumi_azure*.web.WebApp")
    commands = facts.commands(_COMMANDS)
    ci = facts.leaves(
        r"(^|/)(\.github/workflows/.*|\.?gitlab-ci.*|cloudbuild.*|azure-pipelines.*)\.ya?ml$",
        value=rf"{_COMMANDS}|google-github-actions/deploy-cloudrun|amazon-ecs-deploy",
    )
    files = facts.named(
        r"(^|/)(app\.yaml|databricks\.ya?ml(\.(tmpl|j2|jinja2?))?|serverless\.ya?ml|samconfig\.toml|vercel\.json|fly\.toml|render\.yaml|railway\.(json|toml))$"
    )
    files = [file for file in files if not _PAGES.search(file.path)]  # the system's processes run elsewhere
    told = {file.path for file, leaf in facts.leaves(r"(^|/)app\.yaml$") if _OF_A_PLATFORM.intersection(leaf.keys[:1])}
    files = [file for file in files if file.name != "app.yaml" or file.path in told]  # others configure an application
    published = facts.leaves(
        r"(^|/)manifest\.json$", "metadata", "appmode"
    )  # content of Posit Connect, which keeps logs
    nowhere = _in_clusters(facts) | {
        file.path for file in facts.named(r"(^|/)cog\.yaml$")
    }  # it packs, and deploys nothing
    managed = [pair for pair in serving.managed(facts) if pair[0].path not in nowhere]
    jobs = [
        *facts.imports("azureml", "azure.ai.ml", "sagemaker.workflow", "sagemaker.mlops"),
        *(
            (file, call.line)
            for file, call in facts.calls(
                "*.PipelineJob", "*.CustomJob*", "sagemaker.estimator.*", "sagemaker.train.*Trainer"
            )
        ),
    ]
    return [
        *places(drivers),
        *places(collectors),
        *places(installs),
        *places(resources),
        *places(blocks),
        *places(cdk),
        *places(commands),
        *places(ci),
        *places(managed),
        *places(languages.managed_streams(facts)),
        *[file.at() for file in files],
        *places(published),
        *places(jobs),
    ]


def _in_clusters(facts: Facts) -> set[str]:
    """Manifests of servers that an operator runs in a cluster, whose streams stay there."""
    return {
        file.path
        for file, _ in facts.leaves(r"\.ya?ml$", "kind", value=r"^(\w+Service|SeldonDeployment|ServingRuntime)$")
    }
