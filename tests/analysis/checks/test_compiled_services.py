"""What programs in Rust, Julia, C++, Java and R reach, read and load, by the names of their libraries."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

CARGO = '[package]\nname = "server"\n\n[dependencies]\nactix-web = "4.8"\nredis = "0.25"\n'
SERVER = "async fn main() {\n    HttpServer::new(|| App::new()).bind(address())?.run().await\n}\n"
SETTINGS = 'pub fn address() -> String {\n    std::env::var("PORT").unwrap()\n}\n'


def test_a_server_in_rust_may_ask_the_environment_for_its_port() -> None:
    files = {"Cargo.toml": CARGO, "src/main.rs": SERVER}
    assert CHECKS["port-binding.port-from-environment"](facts_of(files)).state is State.PARTIAL
    told = facts_of({**files, "src/settings.rs": SETTINGS})
    assert CHECKS["port-binding.port-from-environment"](told).state is State.MET
    assert CHECKS["config.environment"](told).state is State.MET


def test_a_crate_tells_the_service_that_it_reaches() -> None:
    files = {"Cargo.toml": CARGO, "src/main.rs": SERVER}
    assert CHECKS["backing-services.databases"](facts_of(files)).state is State.PARTIAL
    optional = CARGO.replace('"0.25"', '{ version = "0.25", optional = true }')
    assert CHECKS["backing-services.databases"](facts_of({**files, "Cargo.toml": optional})).state is State.NA
    read = 'let url = env::var("REDIS_URL").unwrap();\n'
    assert CHECKS["backing-services.databases"](facts_of({**files, "src/cache.rs": read})).state is State.MET


def test_a_package_of_julia_tells_the_service_that_it_reaches() -> None:
    code = 'import LibPQ, DataFrames\n\nconnect() = LibPQ.Connection(ENV["DATABASE_URL"])\n'
    assert CHECKS["backing-services.databases"](facts_of({"db.jl": code})).state is State.MET
    assert CHECKS["backing-services.databases"](facts_of({"db.jl": "import DataFrames\n"})).state is State.NA


RESOURCE = 'package a;\nimport javax.ws.rs.Path;\n@Path("/posts")\npublic class Posts {\n}\n'
CLIENT = RESOURCE.replace("class", "interface").replace(
    "import", "import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;\nimport"
)


def test_an_interface_of_a_client_serves_nothing() -> None:
    served = facts_of({"src/main/java/a/Posts.java": RESOURCE})
    assert served.profile.serves.holds
    assert "JAX-RS" in CHECKS["port-binding.service"](served).summary
    assert not facts_of({"src/main/java/a/Posts.java": CLIENT}).profile.serves.holds


def test_a_server_that_asks_others_by_an_interface_serves_all_the_same() -> None:
    main = (
        "package a;\nimport org.springframework.cloud.openfeign.EnableFeignClients;\n@EnableFeignClients\n"
        "@SpringBootApplication\npublic class Main {\n"
        "  public static void main(String[] args) {\n    SpringApplication.run(Main.class, args);\n  }\n"
        '  @GetMapping("/posts")\n  String posts() { return ""; }\n}\n'
    )
    assert facts_of({"src/main/java/a/Main.java": main}).profile.serves.holds
    small = "import retrofit2.Retrofit;\nclass Main {\n  void run() { Javalin.create().start(7000); }\n}\n"
    served = facts_of({"src/main/java/a/Main.java": small})
    assert CHECKS["port-binding.service"](served).state is not State.NA
    client = (
        'import retrofit2.http.GET;\ninterface Posts {\n  @GET("posts/{id}") Call<Post> one(@Path("id") int id);\n}\n'
    )
    assert not facts_of({"src/main/java/a/Posts.java": client}).profile.serves.holds


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/main/java/a/Build.java", "import org.apache.mahout.cf.taste.impl.recommender.*;\nRecommender r = new GenericItemBasedRecommender(data, like);\n"),
        ("src/main/java/a/Run.java", "import org.lenskit.LenskitRecommenderEngine;\nEngine e = LenskitRecommenderEngine.build(how);\n"),
        ("src/main/java/a/Als.java", "import org.apache.mahout.cf.taste.impl.recommender.svd.*;\nFactorizer f = new ALSWRFactorizer(data, 10, 0.05, 16);\n"),
    ],
)  # fmt: skip
def test_a_recommender_of_a_library_of_the_jvm_is_trained(path: str, code: str) -> None:
    assert facts_of({path: code}).profile.trains.holds
    assert not facts_of({path: code.partition("\n")[2]}).profile.trains.holds


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ('DataModel data = new FileDataModel(new File("data/ratings.csv"));\n', State.UNMET),
        ('Instances rows = new Instances(new BufferedReader(new FileReader("data/heart.arff")));\n', State.UNMET),
        ("CSVLoader loader = new CSVLoader();\nloader.setSource(stream);\n", State.PARTIAL),
        ("Instances rows = new Instances(name, attributes, 0);\n", State.NA),
        ("Dataset<Row> rows = spark.read().csv(path);\n", State.PARTIAL),
        ("Dataset<Row> rows = table();\n", State.NA),
    ],
)
def test_data_that_java_reads_by_a_library_lies_somewhere(code: str, state: State) -> None:
    assert CHECKS["backing-services.storage"](facts_of({"src/main/java/a/A.java": code})).state is state


@pytest.mark.parametrize(
    ("line", "loads"),
    [
        ('res <- readRDS(here("results/models/res_bin.rds"))', True),
        ("rf <- readRDS(model_path)", True),
        ("rf_model <- readRDS(args[1])", True),
        ('readRDS(file.path(dir, "vitamin_fit.rds"))', True),
        ('d <- readRDS(here("data/IPD/cleaned.rds"))', False),
        ("# rf_model <- readRDS(args[1])", False),
    ],
)
def test_a_model_that_r_reads_is_told_by_its_path_or_its_name(line: str, loads: bool) -> None:
    assert facts_of({"predict.R": f"{line}\n"}).profile.loads_model.holds is loads


@pytest.mark.parametrize(
    ("path", "state"),
    [("data/cleaned.rds", State.PARTIAL), ("results/models/vitamin.rds", State.UNMET), ("rf_churn.rds", State.UNMET)],
)
def test_only_models_are_weights_among_what_r_stores(path: str, state: State) -> None:
    files = {
        "train.R": "m <- ranger(y ~ ., d)\n",
        "predict.R": "m <- readRDS(model_path)\npredict(m, d)\n",
        path: b"\x1f",
    }
    assert CHECKS["processes.model-external"](facts_of(files)).state is state


@pytest.mark.parametrize(
    "line", ["f <- forecast(m, h = 12)", "forecast_cases <- function(m) {", "posterior_predict(m)"]
)
def test_a_forecast_in_r_is_inference(line: str) -> None:
    files = {"fit.R": "m <- auto.arima(y)\n", "R/ahead.R": f"{line}\n"}
    assert CHECKS["codebase.inference"](facts_of(files)).state is State.MET


@pytest.mark.parametrize("name", ["CMakeLists.txt", "SConstruct", "meson.build"])
def test_what_a_build_tool_of_c_reads_defines_a_build(name: str) -> None:
    files = {"src/main.cpp": "int main() {}\n", name: "project(scorer)\n"}
    assert CHECKS["build-release-run.build"](facts_of(files)).state is State.PARTIAL
    job = "on: push\njobs:\n  build:\n    steps:\n      - run: cmake -B out && cmake --build out\n"
    assert CHECKS["build-release-run.build"](facts_of({**files, ".github/workflows/ci.yml": job})).state is State.MET


@pytest.mark.parametrize(("name", "serves"), [("gulpfile.js", False), ("server.js", True)])
def test_a_task_file_of_a_page_serves_only_whoever_writes_it(name: str, serves: bool) -> None:
    code = "const server = require('http').createServer(page);\nserver.listen(3000);\n"
    assert facts_of({name: code}).profile.serves.holds is serves


@pytest.mark.parametrize(
    ("field", "state"),
    [('#[clap(default_value = "3000", long, env)]\n    port: u16,', State.MET), ("port: u16,", State.PARTIAL)],
)
def test_a_flag_of_the_program_gives_the_port_to_a_server_in_a_module_of_it(field: str, state: State) -> None:
    files = {
        "router/Cargo.toml": CARGO,
        "router/src/main.rs": f"struct Args {{\n    {field}\n}}\n",
        "router/src/http/server.rs": "async fn run() {\n    axum::serve(listener, app).await;\n}\n",
    }
    assert CHECKS["port-binding.port-from-environment"](facts_of(files)).state is state
