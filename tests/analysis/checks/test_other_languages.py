"""Systems in Java, Scala, C# and TypeScript are judged as what they are, though no syntax tree of theirs is read."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.analysis.checks.concurrency import training
from apps.analysis.checks.dependencies import pinned
from apps.analysis.checks.port_binding import port_from_environment, service
from apps.analysis.services import elsewhere
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

STREAM = {
    "pom.xml": "<project><dependencies><dependency><artifactId>beam-sdk</artifactId><version>2.40.0</version></dependency></dependencies></project>",
    "src/main/java/org/acme/Score.java": (
        "package org.acme;\nimport ml.dmlc.xgboost4j.java.XGBoost;\npublic class Score extends DoFn<A, B> {\n"
        "  Score(Options options) { this.booster = XGBoost.loadModel(options.getModelPath()); }\n"
        "  void score(E e) { float s = booster.predict(e.matrix())[0][0]; }\n}\n"
    ),
    "src/main/java/org/acme/Job.java": (
        "package org.acme;\npublic class Job {\n  static void submit(Options options) {\n    options.setRunner(DataflowRunner.class);\n"
        "    options.setAutoscalingAlgorithm(AutoscalingAlgorithmType.THROUGHPUT_BASED);\n    options.setStreaming(true);\n  }\n}\n"
    ),
    "src/main/resources/config.properties": "modelPath = ./src/main/resources/model.bin\nregion = eu-west9\n",
    "src/main/resources/model.bin": b"\x01\x02",
}
CLOUD = {
    "package.json": '{"dependencies": {"aws-cdk-lib": "2.1.0"}}',
    "lib/stack.ts": (
        "import * as cdk from 'aws-cdk-lib';\nimport * as lambda from 'aws-cdk-lib/aws-lambda';\n"
        "export class Stack extends cdk.Stack {\n  constructor() {\n"
        "    const endpoint = new sagemaker.CfnEndpoint(this, 'Endpoint', {});\n"
        "    const scorer = new lambda.Function(this, 'Scorer', { runtime: lambda.Runtime.PYTHON_3_9 });\n"
        "    const api = new apigateway.LambdaRestApi(this, 'Api', { handler: scorer });\n    const topic = new sns.Topic(this, 'Scored');\n  }\n}\n"
    ),
    "src/inference.py": "import os\nimport torch\n\n\ndef model_fn(model_dir):\n    return torch.load(os.path.join(model_dir, 'model.pth'))\n\n\ndef predict_fn(data, model):\n    with torch.no_grad():\n        return model(data)\n",
}  # fmt: skip
FUNCTION = {
    "src/Scorer.csproj": '<Project><ItemGroup><PackageReference Include="Microsoft.ML" Version="1.5.4" /><PackageReference Include="Polly" Version="7.*" /></ItemGroup></Project>',
    "src/Score.cs": (
        "using Microsoft.Azure.WebJobs;\nusing Microsoft.Extensions.ML;\nclass Score {\n"
        '  void Configure(B b) { b.AddPredictionEnginePool<A, P>().FromUri(modelName: "m", uri: Environment.GetEnvironmentVariable("MODEL_URI")); }\n'
        '  [FunctionName("score")]\n  public IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request, ILogger log) {\n'
        "    var found = pool.Predict(request.Body);\n    return new OkObjectResult(found);\n  }\n}\n"
    ),
    "infra/Stack.cs": 'using Pulumi.Azure.AppService;\nclass Stack {\n  Stack() { var app = new FunctionApp("scorer", new FunctionAppArgs { }); }\n}\n',
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.training", State.UNMET),
        ("codebase.inference", State.MET),
        ("codebase.deployment", State.MET),
        ("config.environment", State.PARTIAL),
        ("processes.model-external", State.UNMET),
        ("processes.share-nothing", State.MET),
        ("concurrency.inference", State.MET),
        ("concurrency.process-types", State.PARTIAL),
        ("disposability.startup", State.MET),
        ("disposability.shutdown", State.PARTIAL),
        ("disposability.resume", State.PARTIAL),
        ("logs.centralised", State.MET),
    ],
)
def test_a_stream_that_a_platform_runs_is_a_system_with_a_model(item: str, state: State) -> None:
    assert CHECKS[item](facts_of(STREAM)).state is state


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.inference", State.MET),
        ("codebase.deployment", State.MET),
        ("dependencies.isolated", State.MET),
        ("backing-services.queues", State.MET),
        ("processes.model-external", State.MET),
        ("processes.share-nothing", State.MET),
        ("port-binding.service", State.PARTIAL),
        ("concurrency.inference", State.MET),
        ("concurrency.process-types", State.MET),
        ("disposability.shutdown", State.PARTIAL),
        ("dev-prod-parity.os", State.PARTIAL),
        ("logs.centralised", State.MET),
    ],
)
def test_constructs_in_typescript_are_the_deployment(item: str, state: State) -> None:
    assert CHECKS[item](facts_of(CLOUD)).state is state


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.one-codebase", State.MET),
        ("codebase.training", State.UNMET),
        ("codebase.inference", State.MET),
        ("dependencies.pinned", State.PARTIAL),
        ("processes.model-external", State.MET),
        ("port-binding.service", State.PARTIAL),
        ("concurrency.inference", State.MET),
    ],
)
def test_a_function_in_csharp_serves_by_its_platform(item: str, state: State) -> None:
    assert CHECKS[item](facts_of(FUNCTION)).state is state


@pytest.mark.parametrize(
    ("address", "storage"),
    [('Environment.GetEnvironmentVariable("MODEL_URI")', State.MET), ('"https://example.org/model.zip"', State.UNMET)],
)
def test_a_model_that_csharp_fetches_is_located_by_its_address(address: str, storage: State) -> None:
    source = FUNCTION["src/Score.cs"].replace('Environment.GetEnvironmentVariable("MODEL_URI")', address)
    facts = facts_of({**FUNCTION, "src/Score.cs": source})
    assert CHECKS["backing-services.storage"](facts).state is storage
    assert CHECKS["disposability.startup"](facts).state is State.PARTIAL


def test_a_queue_of_a_page_is_no_resource_of_a_cloud() -> None:
    page = {"src/jobs.ts": "import { Queue } from './queue';\nconst jobs = new Queue();\nconst app = new App();\n"}
    assert CHECKS["backing-services.queues"](facts_of(page)).state is State.NA
    assert CHECKS["codebase.deployment"](facts_of(page)).state is State.UNMET


def test_a_file_that_a_worker_writes_may_be_lost() -> None:
    writing = STREAM | {
        "src/main/java/org/acme/Side.java": "class Side {\n  void load() { var out = new FileOutputStream(path); }\n}\n"
    }
    assert CHECKS["processes.share-nothing"](facts_of(writing)).state is State.PARTIAL


def test_a_port_that_a_module_of_settings_reads_from_the_environment_is_free() -> None:
    main = (
        "import { createServer } from 'node:http';\nconst port = config.get('app.port');\n"
        "const server = createServer(app);\nserver.listen(port, '0.0.0.0');\n"
    )
    settings = "export default () => ({ port: Number(process.env.PORT ?? '3001') });\n"
    files = {"api/src/main.ts": main, "api/src/config/app.ts": settings}
    assert port_from_environment.check(facts_of(files)).state is State.MET
    del files["api/src/config/app.ts"]
    assert port_from_environment.check(facts_of(files)).state is State.PARTIAL


def test_play_serves_by_its_plugin() -> None:
    built = {
        "build.sbt": 'name := "scores"\nlazy val root = (project in file(".")).enablePlugins(PlayScala)\n',
        "app/controllers/Scores.scala": "package controllers\nclass Scores { def score() = model.predict(features) }\n",
    }
    assert facts_of(built).profile.serves.holds
    assert not facts_of({**built, "build.sbt": 'name := "scores"\n'}).profile.serves.holds


def test_a_network_that_typescript_fits_is_trained() -> None:
    fit = "const history = await model.fit(xs, ys, { epochs: 10 })\n"
    train = {
        "src/train.ts": f"import * as tf from '@tensorflow/tfjs-node'\n{fit}",
        "package.json": '{"name": "ranker"}',
    }
    assert facts_of(train).profile.trains.holds
    assert not facts_of({**train, "src/train.ts": f"import {{ model }} from './window'\n{fit}"}).profile.trains.holds


def test_goroutines_of_a_server_do_not_train() -> None:
    files: dict[str, str | bytes] = {
        "main.go": 'package main\nfunc main() {\n\tgo func() { work() }()\n\tsrv := &http.Server{Addr: ":" + os.Getenv("PORT")}\n\tsrv.ListenAndServe()\n}\n',
        "train.py": "from sklearn.svm import SVC\nmodel = SVC()\nmodel.fit(x, y)\n",
    }
    assert training.check(facts_of(files)).state is State.UNMET
    assert service.check(facts_of(files)).state is State.MET


@pytest.mark.parametrize(
    ("line", "service"),
    [
        ("using Google.Cloud.Storage.V1;", "Google Cloud Storage"),
        ("using Microsoft.ApplicationInsights;", "Application Insights"),
        ("using MongoDB.Driver;", "MongoDB"),
        ("import com.google.cloud.storage.Storage;", "Google Cloud Storage"),
    ],
)
def test_a_library_is_known_however_its_language_writes_large_letters(line: str, service: str) -> None:
    name = "A.cs" if line.startswith("using") else "A.java"
    assert [use.service for use in elsewhere.uses(facts_of({name: f"{line}\nclass A {{}}\n"}))] == [service]


@pytest.mark.parametrize(("version", "state"), [("9.0.1", State.MET), ("9.*", State.PARTIAL)])
def test_projects_take_the_versions_of_a_central_list(version: str, state: State) -> None:
    project = '<Project><ItemGroup><PackageReference Include="{}" /></ItemGroup></Project>'
    files = {
        "src/Api/Api.csproj": project.format("Polly"),
        "src/Ui/Ui.csproj": project.format("Serilog"),
        "src/Api/Program.cs": "var builder = WebApplication.CreateBuilder(args);\n",
    }
    central = f'<Project><ItemGroup>\n<PackageVersion Include="Polly" Version="{version}" />\n<PackageVersion Include="Serilog" Version="4.0.0" />\n</ItemGroup></Project>'
    assert pinned.check(facts_of(files)).state is State.UNMET
    assert pinned.check(facts_of({**files, "Directory.Packages.props": central})).state is state
    assert pinned.check(facts_of({**files, "tests/Directory.Packages.props": central})).state is State.UNMET
