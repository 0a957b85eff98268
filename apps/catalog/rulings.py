"""What holds for every item: what the states mean, how to judge, and the rulings that concern no single item."""

from apps.catalog.types import State

STATE_MEANINGS: dict[State, str] = {
    State.MET: "the repository shows that the item holds",
    State.PARTIAL: "it holds for some of the system, or in a weaker form (each item says which)",
    State.UNMET: "the item applies and the repository shows that it does not hold, or shows nothing of it",
    State.NA: "the item cannot apply to this system (each item says when)",
    State.UNKNOWN: ("the repository cannot tell (not scanned yet, or the check could not decide); only a person can"),
}

JUDGEMENT: tuple[str, ...] = (
    (
        "Judge the system that the repository is, at HEAD: what a careful platform engineer would say "
        "after reading it for an hour. Documentation counts only where an item says so: a README that "
        'says "deploy with Docker" is no Dockerfile. Vendored code, tests and generated files are not '
        "evidence of how the system runs. Example/dummy credentials (`changeme`, `xxx`, `your-api-key`, a "
        "local compose password for a local-only database) are weaker than a real-looking secret: they "
        "make `partial`, never `met` for the items that forbid literals."
    ),
    (
        '"Stages" are: data preprocessing, training, evaluation, inference (batch or online), deployment. '
        'A repository "serves" if it has an online inference endpoint (HTTP, gRPC, a Streamlit/Gradio app '
        'counts as HTTP). It "trains" if it fits or fine-tunes a model.'
    ),
)

GENERAL_RULINGS: tuple[str, ...] = (
    ("A system made of several services is judged as a whole: an item that holds for some of them only is `partial`."),
    (
        "What the repository does not show is not there, except where a ruling below says that a platform "
        "or a framework does it."
    ),
    ("A template repository is judged as generator and template together. Documentation never makes an item `met`."),
    ('"Serves" means any long-running HTTP/gRPC service or web app that exposes the system\'s behaviour.'),
    (
        "A flag of the command line counts as the environment. A literal default that can be overridden "
        "is fine when it is local (`localhost`, `./out`) or public (a model id of a public hub, a public "
        "dataset URL); a default that names a production host, project, bucket or endpoint makes "
        "`partial`."
    ),
    (
        "Values in tracked deployment config (compose, k8s, Helm, Terraform variables) that the app reads "
        "from its environment are `met` unless they are secrets."
    ),
)

# Judged alike under port binding and disposability.
MANAGED_ENDPOINTS = (
    "Managed endpoints and serverless platforms (SageMaker, Azure ML, Vertex endpoints, Lambda) are "
    "`partial` for `service`, `port-from-environment`, `declared`, `shutdown` and `health` when the "
    "repository itself shows nothing more."
)
