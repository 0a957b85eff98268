"""Factor 6, Stateless processes: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

LOADED_FROM_OUTSIDE = (
    "weights are loaded from a registry, hub, object storage or a mounted path given by config, and "
    "no trained weights are tracked."
)
TRACKED_APART = (
    "weights tracked through Git LFS/DVC-pulled into the image, or written to and read from a "
    "hard-coded local path produced by training."
)
TRACKED = (
    "trained weights (`.pkl .joblib .pt .pth .h5 .onnx .bin .safetensors .ckpt .caffemodel …`) are "
    "tracked in git and loaded from there."
)

FACTOR = Factor(
    number=6,
    slug="processes",
    name="Stateless processes",
    short="Processes",
    question="Do processes share nothing and keep no state?",
    principle="Execute the app as one or more stateless processes",
    items=(
        Item(
            id="processes.model-external",
            title="Model weights live outside the repository",
            met=LOADED_FROM_OUTSIDE,
            partial=TRACKED_APART,
            unmet=TRACKED,
            na="no model is loaded.",
            rulings=(
                (
                    "Where the location comes from is judged under `storage`; a hub or registry id in code is still "
                    "`met` here; weights read from a path given by flag or env are `met`; small auxiliary weights (a "
                    "metric's network) that are tracked make `partial`."
                ),
            ),
            remedy=(
                "Remove trained weights from git, publish them to a registry, hub or bucket, and load them from a "
                "location that configuration gives."
            ),
        ),
        Item(
            id="processes.vocabulary-external",
            title="Vocabularies and encoders live outside the repository",
            subject=(
                "the same rule for vocabularies, tokenizers, encoders, scalers, label maps, indexes that the "
                "model needs."
            ),
            met=LOADED_FROM_OUTSIDE,
            partial=TRACKED_APART,
            unmet=TRACKED,
            na="there are none.",
            rulings=(
                (
                    "Lists and maps in source code are code (`na` if nothing else); artefacts inside the model's own "
                    "bundle follow the model; tracked lookup files that the model needs are `unmet`."
                ),
            ),
            remedy=(
                "Publish tokenizers, encoders, scalers, label maps and indexes beside the model's weights and "
                "load them from the same configured location."
            ),
        ),
        Item(
            id="processes.share-nothing",
            title="Processes keep no state between requests",
            met="serving/worker processes keep no state between requests on local disk or in memory.",
            partial="a local cache/temp file that can be lost, or module-level state written on requests.",
            unmet=(
                "uploads, sessions, results, histories or a local database file kept on the process's disk or in "
                "globals and needed later."
            ),
            na="nothing serves and no long-lived worker runs.",
            rulings=(
                (
                    "Metric counters are no state; results or progress that a later request needs are; orchestrated "
                    "tasks that hand files on over local disk are `unmet`."
                ),
            ),
            remedy=(
                "Move uploads, sessions, results and histories from local disk and module-level variables to a "
                "database, cache or object store."
            ),
        ),
    ),
)
