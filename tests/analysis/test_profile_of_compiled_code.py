"""Systems in C++, Rust, Julia, Lua, Swift and Dart, whose files are read as text, and in Go and Java."""

from __future__ import annotations

import pytest

from apps.analysis import checks
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
        ("vae.jl", "for (x, y) in loader\n    Flux.update!(state, model, grads[1])\nend\n"),
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
