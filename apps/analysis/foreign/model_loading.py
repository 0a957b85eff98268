"""Which models code in other languages than Python brings into memory, from where, and where it asks them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts.signal_patterns import OF_A_ZOO
from apps.analysis.foreign import languages
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Leaf
    from apps.analysis.repository import Facts, File

    Lines = list[tuple[File, int]]

_GIVEN = expression(
    r"getenv|process\.env|\benv\b|options?\.|config|conf\.|args|param|props?\.|settings|uri|url|\bboard\b|\$\{|flag\.",
    re.IGNORECASE,
)
_ADDRESS = expression(r"ur[il]", re.IGNORECASE)
_HANDED = expression(
    r"argv|(?<!for_)path|(?<!from)(?<!from_)file|\bname\b|&\w+\b", re.IGNORECASE
)  # what a function of a compiled program is given
_LITERAL_PATH = expression(r"['\"](?:(?!https?:)[\w./\\-]+\.\w{2,8}|file://[\w./\\-]+)['\"]")
# Packages that bring a trained model with them, or fetch one that somebody published.
_PUBLIC = r"@tensorflow-models/|@xenova/transformers|@huggingface/transformers|face-api\.js|@vladmandic/face-api|@mediapipe/tasks-|['\"]nsfwjs\b|['\"]tesseract\.js|net\.sourceforge\.tess4j|ai\.djl\.(basicmodelzoo|huggingface)|deeplearning4j\.zoo"


def loads(facts: Facts) -> Lines:
    """Where a stored model is brought into memory: by a line of code, or by a setting that names its file."""
    return [*((file, line) for file, line, _ in languages.lines(facts, "model-load")), *configured(facts)]


def public(facts: Facts) -> Lines:
    """Imports of packages that bring models which somebody else trained."""
    return [(file, line) for file, line, text in facts.signals("import", _PUBLIC) if "import type" not in text]


def published(facts: Facts) -> Lines:
    """Where code, or a setting that it reads, names a network by which a model zoo publishes it."""
    named = [(file, line) for file, line, text in languages.lines(facts, "model-of-a-zoo") if _is_of_a_zoo(text)]
    return [*named, *((file, leaf.line) for file, leaf in _leaves(facts) if _is_of_a_zoo(leaf.text))]


_OF_A_ZOO = expression(rf"(?:^|[/\\'\"`]){OF_A_ZOO}([\w.-]*)")
# What follows the name of a published network: its form, size, data set, date or digest. A word of its own tells another.
_FORM = expression(
    r"^(?:[a-f0-9]{8}|[a-z]?\d[\dx]*|[fq]\d+|u?int\d+|float\d*|fp\d+|opset\d+|v\d+|[a-z]|quant\w*|integer|full|dynamic|range|static|sim|simplified|optimi[sz]ed|frozen|inference|graph|saved|model|weights|pretrained|coco\w*|voc\w*|"
    r"imagenet\w*|openimages|oi[dv]\d*|world(?:v\d)?|kitti|ava|inat|no|top|notop|tf|dim|ordering|kernels|th|lite|tiny|small|medium|large|base|nano|tpu|edgetpu|gpu|cpu|nms|end2end|postprocess|ptq|qat|torch\w*|caffe2?|google|openvino|coreml|ncnn|"
    r"mnn|rknn|paddle|web|trt|seg|pose|cls|obb|det|fpn|keras|metadata|backbone|features?|vector|encoder|classification|detection|and|labels?|names|classes|list|index|default|deploy|onnx|tflite|pb|pbtxt|h5|hdf5|pth?|ckpt|"
    r"caffemodel|prototxt|param|bin|data|json|txt|cfg|ya?ml|engine|plan|blob|hef|dlc|np[yz]|pkl|t7|mlmodelc?|mlpackage|xml|zip|tar|t?gz|safetensors|mar|mge|uff|task|js|\d+xb\d+|in\d+k?|ns|ap|adv|sync|lowproposals)$",
    re.IGNORECASE,
)


def _is_of_a_zoo(text: str) -> bool:
    told = (re.findall(r"[^\W_]+", found.group(1)) for found in _OF_A_ZOO.finditer(text))
    return any(all(map(_FORM.search, words)) for words in told)


_NAMES_MODEL = expression(r"model|weight|network|^net$|onnx|checkpoint", re.IGNORECASE)
_MODEL_FILE = (
    r"^[^{$\s]{1,200}\.(onnx|tflite|h5|keras|pth?|pb|pmml|weights|caffemodel|gguf|safetensors|mojo|bin|zip|ser|model)$"
)
_CONFIGURES = r"\.(toml|ya?ml|json|properties|ini|conf|cfg)$"


def configured(facts: Facts) -> Lines:
    """Settings of a program in another language that name a model's file: its own code loads what they name."""
    return facts.once(_configured)


def _configured(facts: Facts) -> Lines:
    named = [one for one in _leaves(facts) if any(_NAMES_MODEL.search(key) for key in one[1].keys[-2:])]
    return [(file, leaf.line) for file, leaf in named]


def _leaves(facts: Facts) -> list[tuple[File, Leaf]]:
    """Settings that name a model's file, of a program in another language than Python."""
    if facts.code or not facts.of_kind(Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT):
        return []
    return facts.leaves(_CONFIGURES, value=_MODEL_FILE)


_LEARNING = r"['\"](@tensorflow/tfjs|onnxruntime-|brain\.js|ml5|synaptic|natural|node-nlp|@nlpjs/|@?ml-|@mljs/)"


def in_scripts(facts: Facts) -> bool:
    """Whether code in JavaScript or TypeScript has a model that it can ask: elsewhere `predict` names a request."""
    had = [*loads(facts), *public(facts), *((file, line) for file, line, _ in facts.signals("import", _LEARNING))]
    had += [(file, line) for file, line, _ in facts.signals("weights-updated")]
    return any(file.kind is Kind.SCRIPT for file, _ in had)


def in_compiled(facts: Facts) -> bool:
    """Whether code in C++, Rust, Julia and their like loads a model that it can ask."""
    return any(languages.is_compiled(file) for file, _ in loads(facts))


def scores(facts: Facts) -> Lines:
    """Where code that loads a model asks it, by whatever name."""
    lines = languages.lines(facts, "score")
    if loads(facts) or public(facts):
        return [(file, line) for file, line, _ in lines]
    learning = {file.path for file, _, _ in facts.signals("import", _LEARNING)} if lines else set()
    return [(file, line) for file, line, _ in lines if file.path in learning]


def given(facts: Facts) -> Lines:
    """Loads whose line names no path of its own: the caller, a flag, the environment or a setting gives it."""
    return [
        (file, line)
        for file, line, text in languages.lines(facts, "model-load")
        if (_GIVEN.search(text) or (languages.is_compiled(file) and _HANDED.search(text)))
        and not _LITERAL_PATH.search(text)
    ] + configured(facts)


def fetched(facts: Facts) -> list[tuple[File, int, bool]]:
    """Loads that fetch the model from an address, and whether their line spells it out."""
    found = languages.lines(facts, "model-load", r"\.FromUri\s*\(")
    return [(file, line, bool(re.search(r"['\"]https?:", text))) for file, line, text in found]


def brought(facts: Facts) -> Lines:
    """Loads that first bring the model over the network: by an address, or in a file that asks an object store. Pages bring
    theirs into a browser."""
    stores = {
        file.path
        for file, _, _ in facts.signals("storage", r"S3Client|AmazonS3|s3\.New|BlobServiceClient|storage\.NewClient")
    }
    found = [(file, line) for file, line, _ in fetched(facts)]
    found += [(file, line) for file, line, how in located(facts) if how == "address" and file.kind is Kind.SCRIPT]
    found += [(file, line) for file, line in loads(facts) if file.path in stores]
    return [(file, line) for file, line in found if not languages.is_of_page(file)]


# A name of a file in a folder that an argument or a flag of Go, which is a pointer, has given.
_IN_GIVEN_FOLDER = expression(
    r"\b(?:[jJ]oin|Paths\.get|Path\.of|new File)\s{0,4}\(\s{0,4}(?:\*\w{1,60}|\w{0,20}arg[sv]\[\w{1,20}\])\s{0,4},"
)


def located(facts: Facts) -> list[tuple[File, int, str]]:
    """How what is loaded is found: by an `address` or a path that is `given`, a `literal` path, or `untold`."""
    if not loads(facts):
        return []
    paths = [
        (file, line, "given" if languages.is_overridden(text) or _IN_GIVEN_FOLDER.search(text) else "literal")
        for file, line, text in languages.lines(facts, "model-path")
        if "://" not in text
    ]
    away = {file.path for file, _, _ in fetched(facts)}
    told = away | {file.path for file, _, _ in paths}
    texts = {(file.path, line): text for file, line, text in languages.lines(facts, "model-load")}
    for file, line in given(facts):
        if file.path not in told:
            is_address = _ADDRESS.search(texts.get((file.path, line), ""))
            paths.append((file, line, "address" if is_address else "given"))
    return paths or [(file, line, "untold") for file, line in loads(facts) if file.path not in away]


def spelled(facts: Facts) -> list[str]:
    """Paths of models that code spells out."""
    return [
        path
        for _, _, text in languages.lines(facts, "model-path")
        for path in re.findall(r"['\"`]([^'\"`\s]+)['\"`]", text)
    ]
