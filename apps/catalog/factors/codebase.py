"""Factor 1, Codebase: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

MISSING_TRAINING = "Missing training code counts under `training` only."

FACTOR = Factor(
    number=1,
    slug="codebase",
    name="Codebase",
    short="Code",
    question="Is the whole system, every stage of it, in one tracked codebase?",
    principle="One codebase tracked in revision control, many deploys",
    items=(
        Item(
            id="codebase.one-codebase",
            title="One repository holds the whole system, without copies",
            met="one repository holds the whole system and there are no parallel copies of the same code.",
            partial=(
                "a few hand-made copies (`train_v2.py`, `model_final.ipynb`, `app_old/`, `copy of`, "
                "per-environment folders that duplicate *code*)."
            ),
            unmet=(
                "copies are the way of working, code is committed inside archives (zip/tar), or essential own "
                "code is plainly missing (it lives elsewhere)."
            ),
            na="",
            rulings=(
                (
                    "Dockerfiles, requirements, IaC roots and manifests repeated per environment are no code copies; "
                    "neither are tutorial notebooks nor a zip built from tracked source."
                ),
                MISSING_TRAINING,
            ),
            remedy=(
                "Delete hand-made copies of scripts, notebooks and folders and let branches, tags and parameters "
                "hold the variants. Bring essential code that lives in archives or elsewhere into this "
                "repository."
            ),
        ),
        Item(
            id="codebase.preprocessing",
            title="Preprocessing runs as code from the repository",
            met=(
                "data preprocessing / feature code is in the repo as code that can be run or imported (script, "
                "module, pipeline step, SQL, Spark job)."
            ),
            partial="only in notebooks, or only inline in the training script with no function of its own.",
            unmet="none, though the system's model needs data.",
            na="the system consumes a ready model and prepares no data at all.",
            rulings=(),
            remedy=(
                "Move data preparation and feature code out of notebooks and training scripts into functions or a "
                "pipeline step that can be run on their own."
            ),
        ),
        Item(
            id="codebase.training",
            title="Training runs as code from the repository",
            met="model training code as a script/module/pipeline.",
            partial="only in notebooks.",
            unmet="a model of the system's own is used, but the code that trained it is absent.",
            na="it only uses third-party pre-trained models or APIs.",
            rulings=(MISSING_TRAINING,),
            remedy=(
                "Put the training code into the repository as a script, module or pipeline step that starts with "
                "one command."
            ),
        ),
        Item(
            id="codebase.evaluation",
            title="Evaluation runs as code from the repository",
            met=(
                "evaluation of the model (metrics on held-out data, benchmark, validation step) as a "
                "script/module/pipeline step (a validation loop inside the training module counts as partial)."
            ),
            partial="notebooks only, or only inline in training.",
            unmet="none.",
            na=(
                "as for training and no quality of output is measured because no model behaviour is the system's "
                "own (rare: an LLM app should evaluate, so `unmet` there)."
            ),
            rulings=(
                (
                    "An evaluation that can be run on its own (a script, `--eval`, a pipeline step) is `met`, also "
                    "when it sits in the training module."
                ),
            ),
            remedy=(
                "Write evaluation on held-out data as a script, a flag or a pipeline step that can be run without "
                "training."
            ),
        ),
        Item(
            id="codebase.inference",
            title="Inference runs as code from the repository",
            met="inference code (online or batch) as a script/module/service.",
            partial="notebooks only.",
            unmet="none.",
            na="the repository is a pure data/infra part by design (rare).",
            rulings=("A managed no-code deployment of a model is `partial`.",),
            remedy=("Move the prediction code out of notebooks into a script, module or service of the repository."),
        ),
        Item(
            id="codebase.deployment",
            title="Deployment configuration is in the repository",
            met=(
                "deployment configuration is in the repo (Dockerfile that runs the system *and* something that "
                "deploys or composes it: compose, k8s, Helm, Terraform, serverless, SageMaker/Vertex/Azure ML "
                "pipeline definitions, Procfile, CI job that deploys)."
            ),
            partial="only a Dockerfile, or only a Procfile / app.yaml-like platform file with gaps.",
            unmet="none.",
            na="",
            rulings=(
                (
                    "An image that CI pushes but nothing deploys is `partial`; charts that do not run the system's "
                    "own image are `partial`."
                ),
            ),
            remedy=(
                "Track what runs the system and what deploys it: a Dockerfile together with compose, Kubernetes, "
                "Terraform, a platform's definition or a CI job that deploys."
            ),
        ),
    ),
)
