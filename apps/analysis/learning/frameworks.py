"""Where models are fitted, loaded, asked, measured and fed, in whatever framework: shared by the profile and by checks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.code.importing import calls_beside
from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.learning import by_hand, objects, zoos
from apps.analysis.learning import names as words
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Define
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]
    Lines = list[tuple[File, int]]

LEARNING = words.LEARNING

# Classes whose `fit` prepares data; it does not train the system's model.
_PREPARES = expression(
    r"Scaler|Encoder$|Vectorizer|Imputer|Tokenizer|^PCA$|SVD$|TSNE|UMAP|(Column|Tfidf|Power|Quantile|Function)Transformer|Binarizer|Binarize|"
    r"SelectKBest|SelectFrom|Selector|Normalizer|PolynomialFeatures|Discretizer|Indexer|Assembler|SMOTE|Sampler$|ImageDataGenerator|"
    r"TextVectorization|^Normalization$|StringLookup|OneHot|KBins|VarianceThreshold|Preprocess|Featuri[sz]|Transforms?$",
)
_PREPARING_NAME = expression(
    r"scal|encod|vectori|imput|tokeni|(^|_)pca|transformer|binari|selector|preprocess|ohe|tfidf|^le\d?$|label|^sc(_|$)|datagen|^ct$|"
    r"normali|bag_of_words|indexer|sampler|smote|kbest|poly(_|$)|dpi_|^ax|plot",
    re.IGNORECASE,
)
_MODEL_NAME = expression(
    r"model|clf|classif|regress|estimator|learner|pipeline|pipe$|net$|network|forest|tree|svm|svc|knn|xgb|lgb|lgbm|(?<!con)cat(boost)?$|"
    r"grid|search|trainer|kmeans|booster|^rf|^lr$|^gs|^gbm|bayes|ensemble|stack|logreg|ridge|lasso|automl|tuner|agent|predictor|^est$",
    re.IGNORECASE,
)
_TRAINER = expression(
    r"Trainer$|Trainer\(|Runner$|^(YOLO|RTDETR)|Estimator$|Learner$|ClassificationModel$|HuggingFace$|AutoML|\.create_model$|Tuner$"
)

_CELLS = expression(r"(^|_)(index|quantizer|ivf|pq|opq)(_|$)|[a-z]Index$", re.IGNORECASE)  # of an index of vectors
_STEPPED = ("ray.rllib", "mmengine")  # what trains here is told everything before
_NOT_TRAINING = ("scipy.", "torch.utils", "matplotlib", "sklearn.preprocessing", "imblearn")


def fits(facts: Facts) -> Calls:
    """Calls that train a model, scripts first, those in files named for training before others."""
    return list(facts.once(_fits))


def _fits(facts: Facts) -> Calls:
    learning = {file.path for file, _ in facts.imports(*LEARNING)}
    learning |= {file.path for file, _ in facts.calls("tf.*", "torch.*")}  # also where `from layers import *` brings it
    sure = [(file, call) for file, call in facts.calls(*words.SURE) if not call.name.startswith(_NOT_TRAINING)]
    sure = [pair for pair in sure if pair[0].path in learning or not _may_mean_other(pair[1])]
    sure = [pair for pair in sure if pair[1].last != "load_learner"]  # which only asks what was trained before
    made, learners = {file.path: file.once(objects.receivers) for file in facts.code}, by_hand.learners(facts)
    fitted = [
        (file, call)
        for file, call in facts.calls("*.fit", "*.train", "*.partial_fit", "*.fit_resample", "*.train_epoch", "*.learn")
        if (
            _is_learning(file, call, made[file.path], imports=file.path in learning)
            and not (call.last == "fit" and objects.maker(call, made[file.path]) in facts.once(_own_transformers))
        )
        or call.last in learners.get(objects.maker(call, made[file.path]), ())
    ]
    fitted += [
        *objects.methods(facts, words.FITTING),
        *objects.starred(facts, "pycaret", *words.PYCARET),
        *objects.starred(facts, "svmutil", "svm_train"),
    ]
    fitted += [
        (file, call)
        for file, call in facts.calls("*.fit_predict", "*.fit_transform")
        if re.search(
            r"KMeans|DBSCAN|Cluster|BERTopic|IsolationForest|AutoML|OutlierFactor|Mixture",
            objects.maker(call, made[file.path]),
        )
    ]
    updated = [pair for pair in facts.calls("*.update") if pair[1].kwargs.keys() & {"sgd", "losses"}]  # as spaCy learns
    updated += [pair for pair in facts.calls("theano.function") if pair[1].kwargs.get("updates")]  # a step of Theano's
    given_all = facts.calls("*Runner", "*Trainer", "*Engine", "*Executor", "*Solver", where=_is_given_all)
    updated += given_all if learning else []  # queries have engines and optimisers, too
    return ordered([*sure, *fitted, *updated], r"train|fit|finetun|learn|model")


def _is_given_all(_: File, call: Call) -> bool:
    """Whether an object is given a model and the optimisers that step it, so that it can train."""
    steps = call.kwargs.get("optimizer", call.kwargs.get("optimizers"))
    return isinstance(steps, str) and steps.startswith("$") and bool(call.args or "model" in call.kwargs)


def _may_mean_other(call: Call) -> bool:
    """Whether the call, where nothing of learning is imported, may minimise a function, or go back by what it is given."""
    told = f"{call.name} {call.args} {call.kwargs}"
    return call.last == "minimize" or (call.last == "backward" and bool(call.args) and not _OF_LOSS.search(told))


_OF_LOSS = expression(r"loss|grad|cost|err|objective|criterion|accelerat|fabric|engine|scaler|manual", re.IGNORECASE)


_MIXED_IN = expression(r"(^|\.)TransformerMixin$")
_PREDICTS = expression(r"(^|\.)(\w*Classifier|\w*Regressor|Classifier\w*|Regressor\w*|Cluster\w*|Outlier\w*)Mixin$")


def _own_transformers(facts: Facts) -> frozenset[str]:
    """Own classes that only transform, as far as their bases tell: what they fit in their methods counts by itself."""
    return frozenset(one.name for _, one in facts.deriving(where=_only_transforms))


def _only_transforms(_: File, one: Define) -> bool:
    return any(map(_MIXED_IN.search, one.bases)) and not any(map(_PREDICTS.search, one.bases))


_OPTIMISERS = (
    "torch.optim.*",
    "*.AdamW",
    "*.SGD",
    "*.AdamOptimizer",
    "*.GradientDescentOptimizer",
    "tensorflow.keras.optimizers.*",
    "keras.optimizers.*",
)


@kept
def training_files(facts: Facts) -> set[str]:
    """Files that train, or that are named for it, or that set an optimiser up for others to step."""
    named = {
        file.path for file in facts.scripts if re.search(r"(^|_)(train(er|ing)?|fit|fine_?tun\w*)(_|\.py$)", file.name)
    }
    steps = facts.defines(r"^training_step$", files=facts.scripts)  # a trainer takes them
    return named | {file.path for file, _ in [*fits(facts), *facts.calls(*_OPTIMISERS), *steps]}


def named_training(facts: Facts) -> list[tuple[File, Define]]:
    """Functions named for training in modules named for it: templates leave the fitting to whoever fills them in."""
    return [
        (file, one)
        for file, one in facts.defines(r"^(run_)?(train|fit)(_model|ing)?$", files=facts.scripts)
        if re.search(r"train|fit", file.name) and file.facts.code and file.facts.code.main
    ]


def saved_similarities(facts: Facts) -> Calls:
    """Where a recommender is computed and kept: likenesses of all pairs are its model, though nothing is called `fit`."""
    computed = {
        file.path
        for file, _ in facts.calls(
            "*.cosine_similarity", "*.linear_kernel", "*.sigmoid_kernel", "*.pairwise_distances", "*.cdist"
        )
    }
    if not computed:
        return []
    kept = [pair for pair in facts.calls("pickle.dump", "joblib.dump", "*.to_pickle") if pair[0].path in computed]
    arrays = facts.calls("numpy.save*", "scipy.sparse.save_npz")
    return kept + [pair for pair in arrays if "similar" in f"{pair[1].args} {pair[1].scope}".lower()]


def managed_training(facts: Facts) -> Calls:
    """Training that a platform runs on the system's behalf."""
    automatic = [
        file
        for file, _ in facts.imports("google.cloud.automl", "google.cloud.automl_v1", "google.cloud.automl_v1beta1")
    ]
    made = facts.calls("*.create_model", files=automatic) if automatic else []
    return ordered([*facts.calls(*words.MANAGED), *made], r"train")


def recorded_runs(facts: Facts) -> Calls:
    """Runs recorded by a tracker in a file that names training data: hand-written learners import no framework."""
    runs = facts.calls("mlflow.start_run", "wandb.init", "comet_ml.Experiment", "neptune.init*", "dvclive.Live")
    named = {file.path for file, _ in facts.assigns(r"(^|_|\b)(x_|y_)?train(ing)?(_|$|\b)")}
    return [(file, call) for file, call in runs if file.path in named]


def _is_learning(file: File, call: Call, made: dict[str, str], *, imports: bool) -> bool:
    """`scaler.fit(x)` prepares, `model.fit(x, y)` learns; `model.train()` without arguments only switches a mode."""
    maker = objects.maker(call, made)
    receiver = call.name.rpartition(".")[0].removesuffix("()").rsplit(".", 1)[-1]
    if (
        call.name.startswith(_NOT_TRAINING)
        or _PREPARES.search(maker)
        or receiver in {"super", "self", "plt", "ax", "fig"}
    ):
        return False
    if not maker and _PREPARING_NAME.search(receiver):
        return False
    if call.last == "train" and _CELLS.search(receiver) and file.imports("faiss"):
        return False
    if file.facts.unparsed and not (call.args or call.kwargs):  # perhaps read by patterns, which know no arguments
        return imports and not (call.last == "train" and re.search(r"model|net", receiver, re.IGNORECASE))
    if _TRAINER.search(maker) or re.search(r"trainer|tuner|finetuner", receiver, re.IGNORECASE):
        return True
    if call.last == "train" and file.imports(*_STEPPED) and not re.search(r"model|net", receiver, re.IGNORECASE):
        return True
    if not (call.args or call.kwargs) or (call.last == "train" and _sets_mode(file, call)):
        return False
    if call.last == "fit" and objects.is_given_both(call):
        return imports or call.name.rpartition(".")[0] not in file.once(objects.transforming)
    return imports or (bool(_MODEL_NAME.search(receiver)) and call.last != "learn")


_MODE = expression(
    r"^\$(self\.)?((is|was|be|prev|previous|old|orig)_)?(train|training|mode|state|training_(mode|state))(_mode)?$"
)


def _sets_mode(file: File, call: Call) -> bool:
    """Whether a network is told in which mode it is, as before and after it is measured."""
    if call.kwargs:
        return not call.args and set(call.kwargs) == {"mode"}
    given = str(call.args[0]) if len(call.args) == 1 else ""
    return given in {"True", "False", "$is_train"} or (bool(_MODE.match(given)) and file.imports("torch", "paddle"))


def ordered(pairs: Calls, named: str) -> Calls:
    regex = expression(named, re.IGNORECASE)
    unique = {(file.path, call.line): (file, call) for file, call in pairs}
    return sorted(
        unique.values(),
        key=lambda pair: (
            pair[0].kind is Kind.NOTEBOOK,
            bool(re.search(r"bench|util|helper|debug", pair[0].name)),
            not regex.search(pair[0].path),
            pair[0].path.count("/"),
            pair[0].path,
            pair[1].line,
        ),
    )


# --- models that are loaded -------------------------------------------------------------------------------------------
_STORED_MODEL = expression(
    r"model|clf|classif|regress|estimator|pipeline|forest|xgb|lgb|svm|knn|checkpoint|ckpt|weights|bundle|artifact|\.sav\b|net\b|similarit|recommend",
    re.IGNORECASE,
)


@kept
def loads(facts: Facts) -> Calls:
    """Calls that bring a model into memory; an unpickled object counts where it is named, or asked, as a model, by the
    file that unpickles it or by one that calls the function which does."""
    own = [pattern for name in facts.once(derived) for pattern in (name, f"*.{name}")]
    named = [
        pair
        for pair in facts.calls(*words.ANY_LOAD, *sorted(own))
        if not (_is_tokenizer(pair[1]) or zoos.only_builds(pair[1]))
        if not pair[1].name.startswith("vertexai.")  # which answers from afar
    ]
    named += objects.methods(facts, words.LOADING)
    named += calls_beside(facts, words.LOADING_WITH)
    return ordered([*named, *unpickled(facts)], r"serv|app|predict|infer|score|api|model")


def derived(facts: Facts) -> frozenset[str]:
    """Names of the repository's own classes below those that load a model."""
    return frozenset(one.name for _, one in facts.deriving(where=_is_loader))


def _is_loader(_: File, one: Define) -> bool:
    return any(words.LOADERS.match(base) for base in one.bases)


def fetched_by_loaders(facts: Facts) -> Calls:
    """Downloads that a class makes itself of the model that it loads."""
    loading = {(file.path, call.scope.rpartition(".")[0]) for file, call in loads(facts)}
    fetched = facts.calls("requests.get", "httpx.get", "httpx.stream", "urllib.request.urlopen")
    return [
        (file, call)
        for file, call in fetched
        if re.search(r"download|fetch", call.scope) and (file.path, call.scope.rpartition(".")[0]) in loading
        if "." in call.scope
    ]


def _is_tokenizer(call: Call) -> bool:
    return (
        bool(re.search(r"token|config|processor|FeatureExtractor|vocab", call.name.rsplit(".", 2)[-2], re.IGNORECASE))
        if "." in call.name
        else False
    )


def unpickled(facts: Facts) -> Calls:
    asking = facts.calls("*.predict", "*.predict_proba", "*.decision_function")
    asked = {(file.path, call.name.rpartition(".")[0].rsplit(".", 1)[-1]) for file, call in asking}
    made = {file.path: file.once(objects.receivers) for file, _ in asking}
    makers = {made[path].get(name, "").rsplit(".", 1)[-1] for path, name in asked} - {""}
    flows = [file for file, _ in facts.imports("zenml")]
    return [
        (file, call)
        for file, call in [*facts.calls(*words.UNPICKLED), *facts.calls("*.load_artifact", files=flows)]
        if _STORED_MODEL.search(f"{call.target} {call.args[:2]} {call.scope}")
        or (file.path, call.target.rsplit(".", 1)[-1]) in asked
        or call.scope.rsplit(".", 1)[-1] in makers
        or (call.last == "restore" and len(call.args) > 1 and "saver" in call.name.lower())
    ]


# --- predictions ------------------------------------------------------------------------------------------------------


@kept
def predictions(facts: Facts) -> Calls:
    """Calls that ask a model, in whatever place: evaluation and inference are told apart by whoever reads them."""
    made = {file.path: file.once(objects.receivers) for file in facts.code}
    asked = [
        (file, call)
        for file, call in facts.calls(*words.ASKS)
        if (call.last != "get_neighbors" or file.imports("surprise"))  # of a graph or a grid, elsewhere
        and (
            call.last not in {"sample", "detect", "generate"}
            or _MODEL_NAME.search(f"{call.name.rpartition('.')[0]} {objects.maker(call, made[file.path])}")
        )
    ]
    asked += [
        (file, call)
        for file, call in facts.calls("*.encode")
        if _MODEL_NAME.search(call.name.rpartition(".")[0]) and file.imports("sentence_transformers")
    ]
    asked += [
        *_called(facts, made),
        *objects.methods(facts, words.ASKING),
        *objects.called(facts, *words.CALLABLE),
    ]
    restored = _restored_graphs(facts)
    runs = [
        (file, call)
        for file, call in facts.calls("*.run")
        if re.search(r"InferenceSession|Session", objects.maker(call, made[file.path]))
        and file.facts.code
        and ("onnx" in str(made[file.path].values()) or (file.path in restored and not _LEARNS.search(str(call.args))))
    ]
    return ordered([*asked, *runs], r"predict|infer|serv|score|app|api|generat|sample")


_LEARNS = expression(r"train|optim|loss|init|variables|step|summar|metric|accura", re.IGNORECASE)


def _restored_graphs(facts: Facts) -> set[str]:
    """Files that fill a graph with stored weights to run it, and neither learn nor measure."""
    restoring = facts.calls("*.restore", "*.import_graph_def", "*.import_meta_graph", "*.saved_model.loader.load")
    learns = {file.path for file, call in facts.calls("*.run") if re.search(r"train|optim", str(call.args))}
    return {
        file.path
        for file, _ in restoring
        if file.path not in learns and not re.search("train|eval|test|valid", file.name)
    }


_QUIET = ("torch.no_grad", "torch.inference_mode", "torch.set_grad_enabled", "*.no_backprop_mode", "*.eval")
_NETWORK = expression(r"^(self\.)?_?(\w+_)?(model|net|network|segmentator|generator|classifier|detector|encoder)$")


def _called(facts: Facts, made: dict[str, dict[str, str]]) -> Calls:
    """A network that is called like a function, in code that has switched its gradients off."""
    quiet = {file.path for file, _ in facts.calls(*_QUIET)} & {file.path for file, _ in facts.imports(*LEARNING)}
    return [
        (file, call)
        for file in facts.code
        if file.path in quiet and file.facts.code
        for call in file.facts.code.calls
        if call.args and _NETWORK.match(call.name) and "Encoder" not in made[file.path].get(call.name, "")
    ]


def handed_models(facts: Facts) -> list[tuple[File, Define]]:
    """Functions by which a platform's container has a model loaded, from the folder that it gives them."""
    return facts.defines(r"^model_fn$", files=facts.scripts)


def batch_predictions(facts: Facts) -> Calls:
    """Batch inference that a platform runs. Networks have a part called transformer, too."""
    return [
        pair
        for pair in facts.calls(*words.BATCH_ASKS)
        if pair[1].last != "transformer" or words.JOB_OPTIONS & set(pair[1].kwargs)
    ]


# --- data -------------------------------------------------------------------------------------------------------------


@kept
def preparations(facts: Facts) -> Calls:
    """Calls that clean, split, encode, chunk or otherwise prepare data."""
    return ordered(
        facts.calls(*words.PREPARES), r"prep|process|feature|data|clean|transform|ingest|etl|load|chunk|index"
    )
