"""Factor 10, Dev/prod parity: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

FACTOR = Factor(
    number=10,
    slug="dev-prod-parity",
    name="Dev/prod parity",
    short="Parity",
    question="Are development, staging and production alike?",
    principle="Keep development, staging, and production as similar as possible",
    items=(
        Item(
            id="dev-prod-parity.os",
            title="Development, CI and production share one image",
            met=(
                "the same container/OS image definition is used for development or CI and production "
                "(devcontainer, compose for dev from the same Dockerfile, CI in the image)."
            ),
            partial="a Dockerfile for production only.",
            unmet="none.",
            na="",
            rulings=("Pinned managed images without a Dockerfile are `partial`.",),
            remedy=(
                "Use the production Dockerfile in development or CI as well: compose, a devcontainer, or CI jobs "
                "that run in the image."
            ),
        ),
        Item(
            id="dev-prod-parity.dependencies",
            title="Development and production install from the same lock",
            met="dev/CI and production install from the same lock or manifest.",
            partial="separate lists that overlap, or unpinned so that they drift.",
            unmet="no shared list.",
            na="",
            rulings=(),
            remedy=("Install development, CI and production from the same lock file, with additions as groups of it."),
        ),
        Item(
            id="dev-prod-parity.backing-services",
            title="Development uses the same services as production",
            met=(
                "development uses the same type and version of backing services as production (compose with "
                "pinned images of the same engines)."
            ),
            partial="same types with floating versions.",
            unmet="different types (SQLite in dev, Postgres in prod; local files against S3 by code branch).",
            na="no backing services.",
            rulings=("Only hosted services used alike everywhere (W&B, a model hub) is `na`.",),
            remedy=(
                "Run the production engines in development too, with pinned versions in compose, and drop the "
                "branches that use SQLite or local files instead."
            ),
        ),
        Item(
            id="dev-prod-parity.deployment",
            title="One deployment process serves every environment",
            met=("one deployment process parametrised per environment (CI/CD, IaC, Helm values, kustomize overlays)."),
            partial="scripted but one environment only.",
            unmet="manual or none.",
            na="",
            rulings=(
                ("Scripts or IaC with an environment parameter are `met`; Terraform for one environment is `partial`."),
            ),
            remedy=(
                "Deploy every environment by the same pipeline or infrastructure code and make the environment a "
                "parameter of it."
            ),
        ),
    ),
)
