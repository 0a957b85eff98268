"""Applications in Kotlin, Java, C#, Go and TypeScript: their servers, and the language models that they ask."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

ADVISER = {
    "build.gradle.kts": 'dependencies {\n    implementation("org.springframework.boot:spring-boot-starter-web:3.3.0")\n}\n',
    "frontend/src/main.js": "mount(document.body);\n",
    "src/main/kotlin/com/example/adviser/Application.kt": "package com.example.adviser\n\n@SpringBootApplication\nclass Application\n\nfun main(args: Array<String>) {\n    runApplication<Application>(*args)\n}\n",
    "src/main/kotlin/com/example/adviser/Client.kt": 'package com.example.adviser\n\nclass Client(builder: RestClient.Builder) {\n    val client = builder.baseUrl("https://api.openai.com/v1").build()\n}\n',
    "src/main/resources/application.yaml": "rag:\n  top-k: ${RAG_TOP_K:3}\n",
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("port-binding.service", State.MET),
        ("codebase.training", State.NA),
        ("codebase.evaluation", State.UNMET),
        ("config.hyperparameters", State.MET),
    ],
)
def test_an_application_in_a_package_of_examples_asks_a_language_model(item: str, state: State) -> None:
    found = CHECKS[item](facts_of(ADVISER))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    "files",
    [
        {
            "go.mod": "module acme.org/a\n\nrequire github.com/sashabaranov/go-openai v1.20.0\n",
            "main.go": "package main\n",
        },
        {
            "package.json": '{"dependencies": {"@google/generative-ai": "0.3.0"}}',
            "src/app.js": "const { GoogleGenerativeAI } = require('@google/generative-ai');\n",
        },
    ],
)
def test_clients_of_language_models_are_known_in_each_language(files: dict[str, str]) -> None:
    assert facts_of(files).profile.language_model.holds


def test_a_message_that_an_answer_is_built_with_is_not_printed() -> None:
    files = {
        "src/main/java/Errors.java": 'class Errors {\n  Problem of(E e) { return Problem.builder().message("invalid").build(); }\n}\n'
    }
    found = CHECKS["logs.system-events"](facts_of(files))
    assert found.state is State.UNMET, found.summary


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/main/java/Main.java", "class Main {\n  WebServer server = WebServer.builder().port(8080).build();\n}\n"),
        ("src/main/kotlin/Main.kt", "fun main() {\n    embeddedServer(Netty, port = 8080) { routes() }.start()\n}\n"),
        ("src/server.js", "const init = async () => {\n  const server = Hapi.server({ port: 8080 });\n};\n"),
    ],
)
def test_servers_of_more_frameworks_serve(path: str, code: str) -> None:
    assert CHECKS["port-binding.service"](facts_of({path: code})).state is State.MET


RETRIEVAL = {
    "package.json": '{"dependencies": {"@langchain/openai": "0.3.0", "next": "14.0.0"}}',
    "src/indexing.ts": "import { RecursiveCharacterTextSplitter } from '@langchain/textsplitters';\nconst splitter = new RecursiveCharacterTextSplitter({ chunkSize: 500 });\n",
    "src/answer.ts": "import { ChatOpenAI } from '@langchain/openai';\nexport const answer = (text: string) => chatModel.invoke(text);\n",
    "app/api/health/route.ts": "export async function GET() {\n  return Response.json({ ok: true });\n}\n",
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.preprocessing", State.MET),
        ("codebase.inference", State.MET),
        ("disposability.health", State.MET),
    ],
)
def test_an_application_of_a_language_model_in_typescript_cuts_and_asks(item: str, state: State) -> None:
    found = CHECKS[item](facts_of(RETRIEVAL))
    assert found.state is state, found.summary


def test_a_block_of_imports_in_go_names_each_package() -> None:
    code = 'package main\n\nimport (\n\t"fmt"\n\n\tort "github.com/acme/runtime"\n\t"github.com/acme/cache/v2"\n)\n'
    found = [text for _, _, text in facts_of({"main.go": code}).signals("import")]
    assert 'ort "github.com/acme/runtime"' in found
    assert '"github.com/acme/cache/v2"' in found


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (
            "src/main/java/Rpc.java",
            "class Rpc {\n  void start() { server = NettyServerBuilder.forPort(50051).addService(new Scorer()).build().start(); }\n}\n",
        ),
        ("src/main/java/Page.java", "class Page extends HttpServlet {\n  void doGet(Request a, Response b) {}\n}\n"),
        ("internal/cmd/cmd.go", "package cmd\n\nfunc Run() {\n\ts := g.Server()\n\ts.Run()\n}\n"),
        ("main.go", "package main\n\nfunc main() {\n\thttp.Serve(listener, handler)\n}\n"),
        ("src/main.ts", "const app = await NestFactory.createMicroservice<Options>(Module, options);\n"),
        ("Program.cs", 'class Program { void Run() { app.MapPost("/score", Score); } }\n'),
    ],
)
def test_servers_of_calls_and_of_lesser_frameworks_serve(path: str, code: str) -> None:
    found = CHECKS["port-binding.service"](facts_of({path: code}))
    assert found.state is State.MET, found.summary


def test_go_asks_a_language_model_by_the_methods_of_its_library() -> None:
    code = 'package chat\n\nimport (\n\t"context"\n\n\t"github.com/cloudwego/eino/schema"\n)\n\nfunc (c *Chat) answer(ctx context.Context) {\n\tresult, err := c.chatModel.Generate(ctx, input)\n}\n'
    assert CHECKS["codebase.inference"](facts_of({"internal/chat/chat.go": code})).state is State.MET


KNOWLEDGE = {
    "pom.xml": "<project><dependencies><dependency><artifactId>spring-ai-starter-model-openai</artifactId><version>1.0.0</version></dependency></dependencies></project>",
    "src/main/java/Documents.java": (
        "import org.springframework.ai.transformer.splitter.TokenTextSplitter;\nimport org.springframework.ai.vectorstore.VectorStore;\nclass Documents {\n"
        "  void add(List<Document> all) { vectorStore.add(TokenTextSplitter.builder().build().apply(all)); }\n}\n"
    ),
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.preprocessing", State.MET),
        ("processes.vocabulary-external", State.MET),
        ("admin-processes.backfill", State.UNMET),
    ],
)
def test_documents_that_java_puts_into_a_vector_store_are_derived_data(item: str, state: State) -> None:
    found = CHECKS[item](facts_of(KNOWLEDGE))
    assert found.state is state, found.summary


def test_a_bucket_of_a_histogram_is_no_place() -> None:
    code = "export const difficulty = (row) => {\n  return { bucket: 'easy', reason: 'known' };\n};\n"
    assert CHECKS["config.environment"](facts_of({"src/rows.ts": code})).state is State.NA


def test_a_router_beside_the_server_of_go_binds_no_port_of_its_own() -> None:
    files = {
        "cmd/server/main.go": 'package main\n\nfunc main() {\n\tport := os.Getenv("PORT")\n\thttp.ListenAndServe(":"+port, router())\n}\n',
        "internal/handler/handler.go": 'package handler\n\nfunc Router() http.Handler {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc("/infer", infer)\n\treturn mux\n}\n',
    }
    assert CHECKS["port-binding.port-from-environment"](facts_of(files)).state is State.MET


@pytest.mark.parametrize(
    ("address", "state"), [("*addr", State.MET), ('":8080"', State.UNMET), ("addr", State.PARTIAL)]
)
def test_a_flag_of_go_gives_the_address(address: str, state: State) -> None:
    main = f"package main\n\nfunc main() {{\n\tserver := &http.Server{{Addr: {address}, Handler: mux}}\n\tserver.ListenAndServe()\n}}\n"
    assert CHECKS["port-binding.port-from-environment"](facts_of({"main.go": main})).state is state


SENTIMENT = {
    "api/Api.csproj": '<Project><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup><ItemGroup><PackageReference Include="Microsoft.ML" Version="3.0.1" /></ItemGroup></Project>',
    "api/Program.cs": 'using Microsoft.Extensions.ML;\nvar builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\napp.MapPost("/predict", Predict);\napp.Run();\n',
    "api/Learner.cs": "using Microsoft.ML;\nclass Learner {\n  ITransformer Train(IDataView data) { return pipeline.Fit(data); }\n}\n",
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("port-binding.service", State.MET),
        ("port-binding.port-from-environment", State.PARTIAL),
        ("codebase.training", State.MET),
        ("dependencies.system", State.PARTIAL),
        ("dependencies.isolated", State.PARTIAL),
    ],
)
def test_a_service_in_csharp_starts_its_server_and_fits_its_model(item: str, state: State) -> None:
    found = CHECKS[item](facts_of(SENTIMENT))
    assert found.state is state, found.summary


def test_an_image_that_go_fits_into_a_frame_is_not_trained_on() -> None:
    code = "package main\n\nfunc frame(img Image) Image {\n\treturn imaging.Fit(img, 100, 100, imaging.Lanczos)\n}\n"
    assert not facts_of({"main.go": code}).profile.trains.holds


@pytest.mark.parametrize("language", ["java", "node", "go", "dotnet"])
def test_a_job_names_the_version_of_its_language(language: str) -> None:
    job = f"jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/setup-{language}@v4\n        with:\n          {language}-version: '21'\n"
    found = CHECKS["dependencies.system"](facts_of({".github/workflows/test.yml": job, "src/app.js": "run();\n"}))
    assert found.state is State.PARTIAL, found.summary


def test_a_file_of_settings_that_speaks_of_a_server_is_none() -> None:
    files = {
        "akka-reference.conf": "# what Http().bindAndHandle( takes when it is given nothing\n",
        "src/main/scala/Main.scala": 'object Main extends App {\n  Http().bindAndHandle(route, "0.0.0.0", sys.env("PORT").toInt)\n}\n',
    }
    found = CHECKS["port-binding.service"](facts_of(files))
    assert [one.path for one in found.evidence] == ["src/main/scala/Main.scala"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/server.js", "app.listen(8080);\nprocess.once('SIGTERM', () => server.close());\n"),
        ("main.go", "package main\n\nfunc main() {\n\tserver := grpc.NewServer()\n\tdefer server.GracefulStop()\n}\n"),
    ],
)
def test_handlers_of_a_signal_stop_what_serves(path: str, code: str) -> None:
    found = CHECKS["disposability.shutdown"](facts_of({path: code}))
    assert found.state is State.MET, found.summary


def test_a_host_that_composes_projects_declares_processes_and_a_tracer_tells_of_requests() -> None:
    host = 'var builder = DistributedApplication.CreateBuilder(args);\nbuilder.AddProject<Projects.Api>("api");\n{}builder.Build().Run();\n'
    api = "var builder = WebApplication.CreateBuilder(args);\n{}var app = builder.Build();\napp.Run();\n"
    alone = {"src/Host/Program.cs": host.format(""), "src/Api/Program.cs": api.format("")}
    assert CHECKS["concurrency.process-types"](facts_of(alone)).state is State.PARTIAL
    assert CHECKS["logs.requests"](facts_of(alone)).state is State.UNMET
    more = host.format("builder.AddProject<Projects.Worker>(Names.Worker);\n")
    traced = api.format("builder.Services.AddOpenTelemetry().UseOtlpExporter();\n")
    both = facts_of({"src/Host/Program.cs": more, "src/Api/Program.cs": traced})
    assert CHECKS["concurrency.process-types"](both).state is State.MET
    assert CHECKS["logs.requests"](both).state is State.PARTIAL


def test_what_the_http_app_of_akka_starts_serves() -> None:
    app = 'import akka.http.scaladsl.server.{HttpApp, Route}\n\nobject Web extends HttpApp {\n  override def routes: Route = path("score") { complete(score()) }\n}\n'
    main = 'object Main extends App {\n  Web.startServer("0.0.0.0", Settings.webPort, ServerSettings(loaded))\n}\n'
    assert CHECKS["port-binding.service"](facts_of({"Web.scala": app, "Main.scala": main})).state is State.MET
    assert CHECKS["port-binding.service"](facts_of({"Web.scala": app})).state is State.UNMET
    other = main.replace("0.0.0.0", "replica-1")  # by a name, as a test starts its own
    assert CHECKS["port-binding.service"](facts_of({"Web.scala": app, "Main.scala": other})).state is State.UNMET


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ('fmt.Println("Listening on port 8080...")', State.UNMET),
        ('fmt.Println("Server online at", address)', State.UNMET),
        ('fmt.Println("asked for", r.URL.Path)', State.PARTIAL),
        ('fmt.Println(r.URL.Path, "took", time.Since(start))', State.PARTIAL),
        ('fmt.Println(r.URL.Path, time.Since(startedAt).Seconds(), "s")', State.PARTIAL),
        ('fmt.Println("Server started")', State.UNMET),
    ],
)
def test_what_a_server_tells_of_itself_is_no_log_of_requests(told: str, state: State) -> None:
    main = f'package main\n\nfunc main() {{\n\t{told}\n\tlog.Fatal(http.ListenAndServe(":8080", nil))\n}}\n'
    found = CHECKS["logs.requests"](facts_of({"main.go": main}))
    assert found.state is state, found.summary
