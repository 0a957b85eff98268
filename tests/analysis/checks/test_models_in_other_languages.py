"""Models that Java, Scala, Go and TypeScript train, load and ask, with their parameters."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

GATE = {
    "go.mod": "module acme.org/gate\n\ngo 1.22\n\nrequire google.golang.org/grpc v1.56.3\n",
    "cmd/server/main.go": (
        'package main\n\nimport "flag"\n\nvar settings = flag.String("cfg", "conf.toml", "settings")\n\nfunc main() {\n\tflag.Parse()\n'
        "\tconf := read(*settings)\n\tnet, err := gate.NewNetwork(conf.Detector.Model, conf.Detector.Threshold)\n\tserver := grpc.NewServer()\n}\n"
    ),
    "internal/bridge/bridge.go": (
        'package bridge\n\nimport "C"\n\nfunc Create(path string) *Handle {\n\treturn &Handle{C.od_model_create(C.CString(path))}\n}\n'
    ),
    "detect.go": "package gate\n\nfunc (n *Network) find(img Image) {\n\tfound := n.handle.Detect(img, n.threshold)\n}\n",
    "cmd/server/conf.toml": '[detector]\nmodel = "../data/plates.onnx"\nthreshold = 0.3\n',
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.training", State.UNMET),
        ("codebase.inference", State.MET),
        ("backing-services.storage", State.PARTIAL),
        ("processes.model-external", State.MET),
        ("config.hyperparameters", State.MET),
    ],
)
def test_a_model_that_a_setting_names_and_a_native_library_loads_is_a_model(item: str, state: State) -> None:
    found = CHECKS[item](facts_of(GATE))
    assert found.state is state, found.summary


def test_a_model_whose_path_go_takes_from_a_flag_lies_on_a_path_that_is_given() -> None:
    files = {
        "main.go": 'package main\n\nfunc main() {\n\tpath := flag.String("model", "net.onnx", "the model")\n\tserve(*path)\n}\n',
        "engine.go": "package main\n\nfunc start(path string) {\n\tsession, err := ort.NewDynamicAdvancedSession(path, in, out, options)\n}\n",
    }
    found = CHECKS["backing-services.storage"](facts_of(files))
    assert found.state is State.PARTIAL, found.summary
    assert found.evidence[0].path == "main.go"


@pytest.mark.parametrize(
    ("load", "state"),
    [
        ("await tf.loadGraphModel(process.env.MODEL_URL)", State.MET),
        ("await tf.loadGraphModel('file://model/model.json')", State.PARTIAL),
        ("await ort.InferenceSession.create('./net.onnx')", State.UNMET),
    ],
)
def test_a_model_that_a_script_loads_is_located_by_its_line(load: str, state: State) -> None:
    found = CHECKS["backing-services.storage"](facts_of({"src/model.js": f"const model = {load};\n"}))
    assert found.state is state, found.summary


PUBLISHED = {
    "package.json": '{"dependencies": {"@tensorflow-models/toxicity": "1.2.2", "express": "4.18.1"}}',
    "src/service.ts": (
        "import { load, ToxicityClassifier } from '@tensorflow-models/toxicity';\n\nexport async function rate(text: string) {\n"
        "  const model = await load(0.7);\n  return model.classify([text]);\n}\n"
    ),
}


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.training", State.NA),
        ("codebase.inference", State.MET),
        ("codebase.evaluation", State.NA),
        ("processes.model-external", State.MET),
        ("backing-services.storage", State.UNMET),
    ],
)
def test_a_package_that_brings_a_published_model_is_no_model_of_its_own(item: str, state: State) -> None:
    found = CHECKS[item](facts_of(PUBLISHED))
    assert found.state is state, found.summary


def test_a_page_that_asks_a_service_to_predict_does_not_infer() -> None:
    files = {"src/api.js": "export const predict = (row) => axios.post('/predict', row);\npredict(form);\n"}
    assert CHECKS["codebase.inference"](facts_of(files)).state is not State.MET


def network(*lines: str) -> dict[str, str]:
    body = "\n".join(f"    {line}" for line in lines)
    return {
        "src/main/java/Trainer.java": f"import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;\nclass Trainer {{\n  void run(String[] args) {{\n{body}\n    net.fit(data);\n  }}\n}}\n"
    }


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("int batchSize = 32;", State.UNMET),
        ("builder.updater(new Adam(0.001));", State.UNMET),
        ("int epochs = Integer.parseInt(args[0]);", State.MET),
        ('int epochs = Integer.parseInt(System.getenv("EPOCHS"));', State.MET),
        ('@Value("${training.batch-size:32}") int batchSize;', State.MET),
        ('int epochs = config.getInt("epochs");', State.PARTIAL),
    ],
)
def test_parameters_of_training_in_java_come_from_what_stands_behind_their_names(line: str, state: State) -> None:
    found = CHECKS["config.training-parameters"](facts_of(network(line)))
    assert found.state is state, found.summary


def test_layers_in_typescript_are_parameters_of_the_model() -> None:
    code = "import * as tf from '@tensorflow/tfjs-node';\nmodel.add(tf.layers.dense({ units: 64, activation: 'relu' }));\nawait model.fit(xs, ys, { epochs: 20 });\n"
    found = CHECKS["config.hyperparameters"](facts_of({"src/train.ts": code}))
    assert found.state is State.UNMET
    assert "units" in found.summary


def test_what_training_is_handed_may_come_with_the_request_that_asks_for_it() -> None:
    files = {
        "src/app.ts": "import { train } from './trainer';\napp.post('/', async (req, res) => {\n  await train(req.body);\n});\napp.listen(process.env.PORT);\n",
        "src/trainer.ts": "import * as tf from '@tensorflow/tfjs-node';\nexport const train = (params) => model.fit(xs, ys, {\n  batchSize: params.batchSize,\n  epochs: params.epochs,\n});\n",
    }
    assert CHECKS["config.training-parameters"](facts_of(files)).state is State.MET
    files["src/app.ts"] = "import { train } from './trainer';\ntrain(defaults);\n"
    assert CHECKS["config.training-parameters"](facts_of(files)).state is State.UNMET


def test_settings_of_spring_can_be_set_for_a_run_and_those_of_its_database_are_none() -> None:
    files = {
        **network("train(settings);"),
        "pom.xml": "<project><dependencies><dependency><artifactId>spring-boot-starter</artifactId><version>3.1.0</version></dependency></dependencies></project>",
        "src/main/resources/application.properties": "training.learning-rate=0.01\n",
    }
    assert CHECKS["config.training-parameters"](facts_of(files)).state is State.MET
    files["src/main/resources/application.properties"] = "spring.jpa.properties.hibernate.jdbc.batch_size=30\n"
    assert CHECKS["config.training-parameters"](facts_of(files)).state is State.UNMET


def test_a_class_named_for_the_processing_of_data_prepares_them_where_something_learns() -> None:
    processor = {
        "src/main/java/DataProcessor.java": "class DataProcessor {\n" + "  int value;\n" * 10 + "}\n",
    }
    assert CHECKS["codebase.preprocessing"](facts_of({**network(), **processor})).state is State.MET
    assert CHECKS["codebase.preprocessing"](facts_of(processor)).state is not State.MET


def test_a_function_in_typescript_that_encodes_labels_prepares_data() -> None:
    files = {
        "src/train.ts": "import * as tf from '@tensorflow/tfjs-node';\nawait model.fit(xs, ys);\n",
        "src/images.ts": "const makeOnehotLabels = (names: string[]) => names.map((name) => names.indexOf(name));\n",
    }
    assert CHECKS["codebase.preprocessing"](facts_of(files)).state is State.MET


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, State.UNMET),
        (network("Evaluation found = net.evaluate(testing);"), State.PARTIAL),
        (
            {"src/main/java/Checks.java": "class Checks {\n  double run() { return model.evaluate(testing); }\n}\n"},
            State.MET,
        ),
        ({"src/main/java/RecallEvaluator.java": "class RecallEvaluator {\n" + "  int k;\n" * 10 + "}\n"}, State.MET),
    ],
)
def test_what_measures_inside_of_training_is_half_an_evaluation(files: dict[str, str], state: State) -> None:
    found = CHECKS["codebase.evaluation"](facts_of({**network(), **files}))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ('log.info("accuracy {}", net.evaluate(testing).accuracy());', State.MET),
        ("net.setListeners(new ScoreIterationListener(10));", State.MET),
        ('System.out.println("loss " + net.score());', State.PARTIAL),
        ('log.info("begun");', State.UNMET),
    ],
)
def test_metrics_are_told_by_what_java_logs_where_it_trains(line: str, state: State) -> None:
    found = CHECKS["logs.training-metrics"](facts_of(network(line)))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    ("appenders", "state"),
    [
        ('<File name="File" fileName="logs/app.log"/>', State.UNMET),
        ('<Console name="Console" target="SYSTEM_OUT"/>\n<File name="File" fileName="logs/app.log"/>', State.PARTIAL),
        ('<Console name="Console" target="SYSTEM_OUT"/>', State.MET),
    ],
)
def test_a_console_beside_a_file_keeps_the_stream(appenders: str, state: State) -> None:
    files = {
        "src/main/java/App.java": 'import org.slf4j.LoggerFactory;\nclass App { void run() { log.info("begun"); } }\n',
        "src/main/resources/log4j2.xml": f"<Configuration>\n<Appenders>\n{appenders}\n</Appenders>\n</Configuration>\n",
    }
    found = CHECKS["logs.no-local-files"](facts_of(files))
    assert found.state is state, found.summary


def test_a_bucket_and_a_region_in_java_are_places_of_one_owner() -> None:
    def store(bucket: str) -> dict[str, str]:
        return {
            "src/main/java/Store.java": f"import com.amazonaws.services.s3.AmazonS3;\nclass Store {{\n  private static final String BUCKET_NAME = {bucket};\n}}\n"
        }

    assert CHECKS["backing-services.storage"](facts_of(store('"acme-networks"'))).state is State.UNMET
    assert CHECKS["backing-services.storage"](facts_of(store('System.getenv("BUCKET")'))).state is State.MET
    assert CHECKS["config.environment"](facts_of(store('"acme-networks"'))).state is State.UNMET


def test_tracked_weights_that_code_names_are_loaded_from_there() -> None:
    code = 'class Scorer {\n  OrtEnvironment env = OrtEnvironment.getEnvironment();\n  OrtSession session = env.createSession("models/fraud.onnx", options);\n}\n'
    found = CHECKS["processes.model-external"](
        facts_of({"src/main/java/Scorer.java": code, "models/fraud.onnx": b"\x01"})
    )
    assert found.state is State.UNMET, found.summary


SPARK = "import org.apache.spark.SparkConf\nimport org.apache.spark.mllib.recommendation.ALS\nobject Learner {\n  val conf = new SparkConf().setMaster(%s)\n  val rank = 10\n  val model = ALS.train(ratings, rank, 10)\n}\n"


@pytest.mark.parametrize(
    ("master", "state"),
    [('"local[*]"', State.PARTIAL), ("args(0)", State.MET), ('"spark://localhost:7077"', State.MET)],
)
def test_spark_that_is_told_to_stay_on_its_machine_uses_threads(master: str, state: State) -> None:
    found = CHECKS["concurrency.training"](facts_of({"src/main/scala/Learner.scala": SPARK % master}))
    assert found.state is state, found.summary


def test_the_rank_of_a_factorisation_is_a_parameter_of_the_model() -> None:
    found = CHECKS["config.hyperparameters"](facts_of({"src/main/scala/Learner.scala": SPARK % '"local"'}))
    assert "rank" in found.summary


def test_an_application_that_trains_when_its_framework_is_ready_trains_at_start() -> None:
    files = {
        "src/main/java/App.java": "@SpringBootApplication\nclass App { static void main(String[] a) { SpringApplication.run(App.class, a); } }\n",
        "src/main/java/Model.java": "import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;\nclass Model {\n  @PostConstruct\n  void begin() { net.fit(data); }\n}\n",
    }
    found = CHECKS["disposability.startup"](facts_of(files))
    assert found.state is State.UNMET, found.summary


def test_a_script_that_trains_in_a_route_does_not_train_at_start() -> None:
    code = "const tf = require('@tensorflow/tfjs-node');\nconst app = express();\napp.post('/train', async (req, res) => {\n  await model.fit(xs, ys);\n});\napp.listen(8080);\n"
    assert CHECKS["disposability.startup"](facts_of({"src/app.js": code})).state is State.MET


@pytest.mark.parametrize(
    ("callback", "state"),
    [("onEpochEnd: async () => { await model.save(store); }", State.PARTIAL), ("verbose: 1", State.UNMET)],
)
def test_a_model_that_is_saved_after_each_epoch_is_a_checkpoint(callback: str, state: State) -> None:
    code = f"import * as tf from '@tensorflow/tfjs-node';\nawait model.fit(xs, ys, {{\n  {callback},\n}});\nawait model.save(store);\n"
    found = CHECKS["disposability.resume"](facts_of({"src/train.ts": code}))
    assert found.state is state, found.summary


SERVER = "const app = require('express')();\napp.listen(3000);\n"
GO = 'package main\n\nfunc main() {\n\thttp.ListenAndServe(":80", nil)\n\tfile := keep(%s)\n\tort.NewDynamicAdvancedSession(file, in, out, options)\n}\n'


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"server.js": f"{SERVER}tf.loadGraphModel(process.env.MODEL_URL);\n"}, State.PARTIAL),
        ({"server.js": f"{SERVER}tf.loadGraphModel('file://model/model.json');\n"}, State.MET),
        ({"server.js": SERVER, "web/page.js": "tf.loadGraphModel(process.env.MODEL_URL);\n"}, State.MET),
        (
            {
                "server.js": f"import * as tf from '@tensorflow/tfjs-node';\n{SERVER}tf.loadGraphModel(process.env.MODEL_URL);\nmodel.compile(how);\nawait model.fit(xs, ys, how);\n"
            },
            State.MET,
        ),
        ({"main.go": GO % "s3.NewFromConfig(settings)"}, State.PARTIAL),
        ({"main.go": GO % "settings"}, State.MET),
    ],
)
def test_a_server_that_brings_its_model_over_the_network_starts_late(files: dict[str, str], state: State) -> None:
    found = CHECKS["disposability.startup"](facts_of(files))
    assert found.state is state, found.summary


@pytest.mark.parametrize(("folder", "state"), [("*dir", State.PARTIAL), ('"models"', State.UNMET)])
def test_a_model_in_a_folder_that_a_flag_names_is_given(folder: str, state: State) -> None:
    source = (
        'package main\n\nfunc main() {\n\tdir := flag.String("dir", "./", "folder")\n\tflag.Parse()\n'
        f'\tfile := filepath.Join({folder}, "net.pb")\n\tmodel, err := ioutil.ReadFile(file)\n\tgraph := tf.NewGraph()\n'
        '\tgraph.Import(model, "")\n\tsession, err := tf.NewSession(graph, nil)\n}\n'
    )
    found = CHECKS["backing-services.storage"](facts_of({"main.go": source}))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    ("told", "state"), [("thing.getConfidence()", State.MET), ("settings.getConfidenceThreshold()", State.PARTIAL)]
)
def test_how_sure_a_service_in_java_is_is_an_answer_that_it_logs(told: str, state: State) -> None:
    source = (
        '@RestController\npublic class Detector {\n  @PostMapping("/detect")\n  public Map detect(byte[] image) {\n'
        '    SavedModelBundle bundle = SavedModelBundle.load(folder, "serve");\n'
        '    Tensor result = bundle.session().runner().feed("in", image).fetch("out").run().get(0);\n'
        f'    LOGGER.info("Found: {{}}", {told});\n    return result;\n  }}\n}}\n'
    )
    found = CHECKS["logs.requests"](facts_of({"src/main/java/Detector.java": source}))
    assert found.state is state, found.summary
