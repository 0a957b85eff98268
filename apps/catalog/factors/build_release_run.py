"""Factor 5, Build, release, run: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

FACTOR = Factor(
    number=5,
    slug="build-release-run",
    name="Build, release, run",
    short="Build",
    question="Are build, release and run strictly separate?",
    principle="Strictly separate build and run stages",
    items=(
        Item(
            id="build-release-run.build",
            title="One command builds an artefact from a commit",
            met=(
                "a repeatable build makes an artefact (image, package) from a commit by one command or in CI: "
                "Dockerfile, `docker build`/`pip wheel`/`poetry build` in CI or a Makefile."
            ),
            partial=(
                "build steps exist but as a shell script with manual parts, or a package definition nobody builds."
            ),
            unmet="none.",
            na="",
            rulings=(
                (
                    "Buildpack inputs (Procfile and a manifest) are `partial`; a Dockerfile that cannot build (copies "
                    "untracked files) is `partial`."
                ),
            ),
            remedy=(
                "Let one command or a CI job build an image or package from a commit, with no manual step in between."
            ),
        ),
        Item(
            id="build-release-run.release",
            title="A release names model, image and configuration",
            met=(
                "a release names the model version and/or image version together with its deployment "
                "configuration or resources (tagged images, model version/URI as a parameter, "
                "k8s/Helm/Terraform/SageMaker resources, release workflow)."
            ),
            partial="one of these with floating `latest`, or a version without a deployment.",
            unmet="none.",
            na="",
            rulings=(
                (
                    "A version-tagged image or a named model version *and* a deployment that takes it; one alone is "
                    "`partial`."
                ),
            ),
            remedy=(
                "Tag each image with a version, make the model's version or URI a parameter, and let the "
                "deployment configuration name both. Never deploy `latest`."
            ),
        ),
        Item(
            id="build-release-run.run",
            title="A declared command runs the system, and only runs it",
            met=(
                "the run stage is a declared command that only runs (CMD/ENTRYPOINT, Procfile, compose/k8s "
                "command, pipeline entry point)."
            ),
            partial=(
                "declared but it also builds (pip install, training, migrations or downloads of data sets at "
                "start), or only documented in a README."
            ),
            unmet="none (run cells of a notebook by hand).",
            na="",
            rulings=(
                (
                    "Downloads of models are judged under `disposability.startup` only; migrations at start make "
                    "`partial`."
                ),
            ),
            remedy=(
                "Declare the run command in CMD, a Procfile, compose, Kubernetes or a pipeline. Move installs, "
                "training, migrations and dataset downloads out of it."
            ),
        ),
    ),
)
