"""Systems in C++, Rust, Julia, Lua, Swift and Dart, whose files are read as text, and in Go and Java."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.analysis.foreign import model_loading
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

DETECTOR = {
    "src/detector.cc": (
        '#include "detector.h"\n\nDetector::Detector(const std::string &model_path) {\n  ov::Core core;\n'
        "  auto model = core.read_model(model_path);\n"
        "  request_ = core.compile_model(model).create_infer_request();\n}\n\n"
        "void Detector::Preprocess(const cv::Mat &frame) {\n  cv::resize(frame, input_, size_);\n}\n\n"
        "void Detector::Run(const cv::Mat &frame) {\n  Preprocess(frame);\n  request_.infer();\n"
        '  std::cout << "found" << std::endl;\n}\n'
    ),
    "notebooks/exporter.ipynb": '{"cells": [{"cell_type": "code", "source": "print(1)"}], "metadata": {}}',
}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("main.cpp", "auto net = cv::dnn::readNetFromONNX(path);\nauto out = net.forward();\n"),
        (
            "main.cc",
            "Ort::Session session{env, path, options};\nauto out = session.Run(opts, names, &x, 1, outs, 1);\n",
        ),
        ("main.cpp", "auto module = torch::jit::load(argv[1]);\nauto y = module.forward(inputs).toTensor();\n"),
        ("main.rs", 'let session = builder.commit_from_file("m.onnx")?;\nlet outputs = session.run(inputs)?;\n'),
        ("main.c", "struct svm_model *m = svm_load_model(argv[1]);\ndouble y = svm_predict(m, x);\n"),
        ("ask.lua", "local model = torch.load(opt.model)\nlocal y = model:forward(x)\n"),
        ("Scorer.swift", "let model = try VNCoreMLModel(for: net)\nlet request = VNCoreMLRequest(model: model)\n"),
        ("lib/scorer.dart", "final i = await Interpreter.fromAsset('m.tflite');\n_interpreter.run(input, output);\n"),
    ],
)
def test_a_model_that_it_loads_and_asks_is_a_model(path: str, source: str) -> None:
    profile = facts_of({path: source}).profile
    assert profile.loads_model.holds
    assert profile.stages["inference"].holds
    assert not facts_of({"notes.txt": source}).profile.model.holds


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("train.rs", "impl Ridge {\n    fn fit(&mut self, x: &M) {}\n    fn predict(&self, x: &M) -> V {}\n}\n"),
        ("net.cpp", "void Net::train(const M &x) {\n}\n\nstd::vector<double> Net::feedForward(const M &x) {\n}\n"),
        ("dqn.cpp", "solver_->Step(1);\n"),
        ("ode.jl", "grads = back(one(l))\nstate, weights = Optimisers.update(state, weights, grads)\n"),
        ("rnn.jl", "using Flux: train!\ntrain!(loss, Flux.params(net), batches, ADAM())\n"),
        ("vae.jl", "for (x, y) in loader\n    Flux.update!(state, model, grads[1])\nend\n"),
        ("svm.rs", "use smartcore::svm::svc::SVC;\n\nlet svc = SVC::fit(&x, &y, &how)?;\n"),
        ("elastic.rs", "use linfa_elasticnet::ElasticNet;\n\nlet m = ElasticNet::params()\n    .fit(&train)?;\n"),
        ("digits.cpp", "dnn_trainer<net_type> trainer(net);\ntrainer.train(images, labels);\n"),
        ("flowers.cpp", "mlpack::regression::SoftmaxRegression lr(data, labels, 3);\n"),
        ("net.cpp", "void Net::fit(int epochs) {\n}\n\ndouble Net::predict(double x) {\n}\n"),
        ("src/main/java/a/Ridge.java", "class Ridge {\n  public void fit(double[] x, double[] y) {\n  }\n}\n"),
        ("bayes.jl", "chain = sample(volatility(data), NUTS(0.65), 1000)\n"),
    ],
)
def test_what_it_fits_is_training(path: str, source: str) -> None:
    assert facts_of({path: source}).profile.trains.holds


def test_a_name_alone_trains_nothing() -> None:
    assert not facts_of({"booking.php": "<?php\nfunction train($id) {\n}\n"}).profile.trains.holds


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("codebase.one-codebase", State.MET),
        ("codebase.preprocessing", State.MET),
        ("codebase.training", State.NA),
        ("codebase.inference", State.MET),
        ("processes.model-external", State.MET),
        ("disposability.startup", State.MET),
        ("logs.system-events", State.PARTIAL),
    ],
)
def test_a_detector_is_judged_by_its_code_and_not_by_the_notebook_beside_it(item: str, state: State) -> None:
    found = CHECKS[item](facts_of(DETECTOR))
    assert found.state is state, found.summary


def test_a_declared_method_without_parameters_trains_nothing() -> None:
    assert not facts_of(
        {"src/main/java/a/Scaler.java": "class Scaler {\n  public void fit() {\n  }\n}\n"}
    ).profile.trains.holds
    assert facts_of(
        {"src/main/java/a/Job.java": "class Job {\n  void run() {\n    net.fit(data);\n  }\n}\n"}
    ).profile.trains.holds


def test_a_session_of_tensorflow_in_go_holds_a_model() -> None:
    source = (
        'package main\n\nfunc load() {\n\tgraph.Import(def, "")\n\tsessionModel, err = tf.NewSession(graph, nil)\n'
        "\tout, err := sessionModel.Run(feeds, fetches, nil)\n}\n"
    )
    profile = facts_of({"main.go": source}).profile
    assert profile.loads_model.holds
    assert profile.stages["inference"].holds


def test_code_without_any_other_is_the_code_of_a_system() -> None:
    found = CHECKS["codebase.one-codebase"](facts_of({"src/main.rs": "fn main() {\n    serve();\n}\n"}))
    assert found.state is State.MET, found.summary


@pytest.mark.parametrize("command", ["go run main.go -d models", "cargo run --release", "julia --project train.jl"])
def test_a_readme_may_run_it(command: str) -> None:
    files = {"src/main.rs": "fn main() {}\n", "README.md": f"# Use\n\n`{command}`\n"}
    assert CHECKS["build-release-run.run"](facts_of(files)).state is State.PARTIAL


@pytest.mark.parametrize(
    ("path", "is_own"),
    [
        ("/model/tensorflow_inception_graph.pb", False),
        ("yolov5s-fp16.tflite", False),
        ("ssd_mobilenet_v1_coco.pb", False),
        ("mobilenet_v1_1.0_224_frozen.pb", False),
        ("plates.pb", True),
        ("yolo_plates.onnx", True),
        ("models/yolov8n_plates.onnx", True),
        ("models/yolov8n-seg_640_fp16.onnx", False),
        ("resnet50-19c8e357.pth", False),
        ("resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", False),
        ("inception_v3_google-0cc3c7bd.pth", False),
        ("mobilenet_v1_1.0_224_quant_and_labels.zip", False),
        ("mobilenet_v1_1.0_224.tgz", False),
        ("ssd_mobilenet_v2_coco_quant_postprocess_edgetpu.tflite", False),
        ("resnet50-caffe2-v1-9.onnx", False),
        ("yolov8n_full_integer_quant.tflite", False),
        ("yolov8n_web_model/model.json", False),
        ("yolov8s-worldv2.pt", False),
        ("vgg16.npy", False),
        ("yolov8n_best.onnx", True),
        ("resnet18_last.pth", True),
    ],
)
def test_a_network_is_told_by_the_name_that_its_zoo_gives_it(path: str, is_own: bool) -> None:
    source = f'package main\n\nfunc load() {{\n\tread("{path}")\n\tnet, err = tf.NewSession(graph, nil)\n}}\n'
    profile = facts_of({"main.go": source}).profile
    assert profile.loads_model.holds
    assert profile.own_model.holds is is_own


def test_a_setting_may_name_it() -> None:
    files = {
        "src/main/java/a/Net.java": "class Net {\n  Graph g() { graph.importGraphDef(bytes); }\n}\n",
        "src/main/resources/application.yml": "tf:\n  graph: ./graph/yolo-voc.pb\n",
    }
    assert not facts_of(files).profile.own_model.holds


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("view.cpp", "void PdfView::fitToWidth() {\n}\n\nvoid PdfView::forward() {\n}\n"),
        ("net.rs", "fn fits(&self, n: usize) -> bool {\n}\nfn forward_packet(&self, p: Packet) {\n}\n"),
        ("image.php", "function fitImage($w) {\n}\nfunction forward($url) {\n}\n"),
        ("plan.cc", "const auto status = solver->Solve();\n"),
        ("world.cpp", "solver_->Step(dt);\n"),
        ("src/main/java/a/View.java", "class View {\n  public void fit() throws LayoutException {\n  }\n}\n"),
        ("src/main/kotlin/a/View.kt", "class View {\n  fun fit(): Boolean {\n  }\n}\n"),
        ("src/main/kotlin/a/Pane.kt", "class Pane {\n  fun fit(width: Int, height: Int) {\n  }\n}\n"),
        ("src/main/java/a/Pane.java", "class Pane {\n  public void fit(int width) {\n  }\n}\n"),
        ("pane.cpp", "void Pane::fit(int width, const int height) {\n}\n\nvoid Pane::forward() {\n}\n"),
        ("scores.rs", "use smartcore::metrics::accuracy;\n\nprint(accuracy(&y, &z));\n"),
        ("load.rs", "let rows = linfa_datasets::iris();\n"),
        ("clock.cpp", 'mlpack::Timer::Start("load");\n'),
        ("lib/gym.dart", "trainer.train(creature);\n"),
    ],
)
def test_what_only_has_the_words_of_training_trains_nothing(path: str, source: str) -> None:
    assert not facts_of({path: source}).profile.trains.holds


@pytest.mark.parametrize(
    "given", ["int degree", "double target, double feature", "int samples", "const float alpha, int max_iter"]
)
def test_numbers_that_tell_how_to_train_are_no_size(given: str) -> None:
    source = f"void Curve::fit({given}) {{\n}}\n\ndouble Curve::predict(double x) {{\n}}\n"
    assert facts_of({"curve.cpp": source}).profile.trains.holds


def test_neighbours_of_a_graph_are_no_answer_of_a_model() -> None:
    train = "from sklearn.svm import SVC\nSVC().fit(x, y)\n"
    grid, surprise = "graph.get_neighbors(node)\n", "from surprise import KNNBasic\nalgo.get_neighbors(1, k=2)\n"
    assert not facts_of({"train.py": train, "grid.py": grid}).profile.stages["inference"].holds
    assert facts_of({"train.py": train, "grid.py": surprise}).profile.stages["inference"].holds


def test_a_zoo_that_a_sentence_names_does_not_take_away_the_own_model() -> None:
    loads = 'OrtSession s = env.createSession("models/fraud.onnx", opts);\nResult r = s.run(inputs);\n'
    page = 'const text = "Our blog compares resnet50 and others";\n'
    files = {"src/main/java/a/A.java": f"import ai.onnxruntime.OrtSession;\n{loads}", "web/about.js": page}
    assert facts_of({**files, "models/fraud.onnx": "x"}).profile.own_model.holds
    zoo = {"src/main/java/a/A.java": files["src/main/java/a/A.java"].replace("fraud", "resnet50")}
    assert not facts_of({**zoo, "models/resnet50.onnx": "x"}).profile.own_model.holds


def test_a_comment_of_compiled_code_logs_nothing() -> None:
    source = '/**\n * @warn Not safe for threads.\n */\nint main() {\n  printf("a");\n}\n'
    files = {"src/a.cpp": source, "train.py": "from sklearn.svm import SVC\nSVC().fit(x, y)\n"}
    finding = CHECKS["logs.system-events"](facts_of(files))
    assert all((place.path, place.line) != ("src/a.cpp", 2) for place in finding.evidence)
    assert "Loggers are used" not in finding.summary


@pytest.mark.parametrize(
    ("source", "is_loaded"),
    [
        ("network *net = load_network(cfg, weights, 0);\n", True),
        ("network *net = load_network_custom(cfg, weights, 0, 1);\n", True),
        ("graph_t *roads = load_network(path);\n", False),
        ("load_network_settings(a, b, 0);\n", False),
        ("net.load_param(path);\n", True),
        ("subnet->load_model(path);\n", False),
    ],
)
def test_networks_are_those_of_darknet_and_ncnn_and_not_of_roads(source: str, *, is_loaded: bool) -> None:
    assert facts_of({"src/a.c": source}).profile.loads_model.holds is is_loaded


@pytest.mark.parametrize(
    ("call", "asks"),
    [
        ("context->execute(batch, buffers);", True),
        ("context->executeV2(buffers);", True),
        ("context->enqueueV3(stream);", True),
        ("query->execute();", False),
        ('db->execute("SELECT 1");', False),
        ("queue->enqueue(task);", False),
    ],
)
def test_an_engine_is_executed_with_what_it_works_on(call: str, *, asks: bool) -> None:
    source = f"auto engine = runtime->deserializeCudaEngine(blob, size);\n{call}\n"
    assert facts_of({"src/a.cpp": source}).profile.stages["inference"].holds is asks


@pytest.mark.parametrize(
    ("load", "how"),
    [
        ("builder.commit_from_file(model_path)?;", "given"),
        ("builder.commit_from_file(&chosen)?;", "given"),
        ("builder.commit_from_file(argv[1])?;", "given"),
        ("builder.commit_from_file(MODEL)?;", "untold"),  # it is the function that speaks of a file
        ("tract_onnx::onnx().model_for_path(MODEL)?;", "untold"),
        ("Interpreter::createFromFile(MODEL)", "untold"),
    ],
)
def test_a_path_is_given_by_what_a_function_is_handed_and_not_by_its_name(load: str, how: str) -> None:
    assert [each for _, _, each in model_loading.located(facts_of({"src/a.rs": f"let m = {load}\n"}))] == [how]


def test_data_that_is_kept_as_models_are_is_no_model() -> None:
    assert not facts_of({"a.jl": 'BSON.@load "rows.bson" rows\n'}).profile.loads_model.holds
    assert facts_of({"a.jl": 'BSON.@load "mymodel.bson" model\n'}).profile.loads_model.holds


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ('fprintf(fp, "a");', State.UNMET),
        ('fprintf(stderr, "a");', State.PARTIAL),
        ('printf("a");', State.PARTIAL),
    ],
)
def test_what_is_written_to_a_file_is_not_printed(line: str, state: State) -> None:
    found = CHECKS["logs.system-events"](facts_of({"a.c": f"int main() {{\n  {line}\n}}\n"}))
    assert found.state is state, found.summary


def test_an_endpoint_that_trains_and_stores_is_no_inference() -> None:
    serve = (
        "from flask import Flask\nimport joblib\nfrom sklearn.svm import SVC\napp = Flask(__name__)\n\n\n"
        "@app.post('/train')\ndef train():\n    m = SVC()\n    m.fit(x, y)\n    joblib.dump(m, 'm.joblib')\n"
    )
    assert not facts_of({"app.py": serve}).profile.stages["inference"].holds


def test_a_function_of_julia_that_measures_what_it_tests_evaluates() -> None:
    steps = "using Flux\nfunction step(m, s, x)\n    Flux.update!(s, m, x)\nend\n"
    check = CHECKS["codebase.evaluation"]
    assert check(facts_of({"fit.jl": steps})).state is State.UNMET
    assert check(facts_of({"fit.jl": steps + "println(test_accuracy(m, rows))\n"})).state is State.PARTIAL
    assert check(facts_of({"fit.jl": steps + "println(inaccuracy_of(m))\n"})).state is State.UNMET
