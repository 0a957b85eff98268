"""Factor 3, Config: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

SET_PER_RUN = (
    "can be set for a run without editing a tracked file (environment variable, CLI flag, "
    "Hydra/pydantic-settings override, pipeline parameter)."
)
SET_IN_FILE = "in a tracked config file without override, or some are flags and others literals."
LITERALS = "literals in code or notebooks."
PARAMETER_MODULES = (
    "A Python or YAML module of parameters without override is `partial`; presets chosen by a flag are `met`."
)

FACTOR = Factor(
    number=3,
    slug="config",
    name="Config",
    short="Config",
    question="Is everything that differs between deploys outside the code?",
    principle="Store config in the environment",
    items=(
        Item(
            id="config.secrets",
            title="No credential is tracked",
            met=(
                "no credential (API key, token, password, private key, connection string with password) in "
                "tracked files."
            ),
            partial="only dummy/local-only defaults.",
            unmet="a real-looking credential is tracked.",
            na="",
            rulings=(
                (
                    "Placeholders in `*.example`, `*.sample`, `*.template` and documentation are `met`; weak literal "
                    "passwords in tracked config that runs are `partial`; a credential of a real shape is `unmet`, in "
                    "documentation too."
                ),
            ),
            remedy=(
                "Revoke the credential, remove it from the tracked files, and read it from the environment or a "
                "secret store. Track only a template with placeholders."
            ),
        ),
        Item(
            id="config.training-parameters",
            title="Training parameters are set per run, not in code",
            subject="learning rate, batch size, epochs…",
            met=SET_PER_RUN,
            partial=SET_IN_FILE,
            unmet=LITERALS,
            na="does not train.",
            rulings=(PARAMETER_MODULES,),
            remedy=(
                "Make learning rate, batch size, epochs and the like flags, environment variables or overridable "
                "configuration, so that a run changes them without an edit."
            ),
        ),
        Item(
            id="config.hyperparameters",
            title="Hyperparameters are set per run, not in code",
            subject=(
                "the same rule for model hyperparameters (layers, units, depth, n_estimators…; for an LLM "
                "application: model name, temperature, top-k, chunk size)."
            ),
            met=SET_PER_RUN,
            partial=SET_IN_FILE,
            unmet=LITERALS,
            na="has no model parameters to choose.",
            rulings=(PARAMETER_MODULES,),
            remedy=(
                "Make the model's hyperparameters (or, for an LLM application, model name, temperature, top-k, "
                "chunk size) flags, environment variables or overridable configuration."
            ),
        ),
        Item(
            id="config.environment",
            title="Hosts, paths and buckets come from the environment",
            subject="environment-specific settings (hosts, ports, paths, regions, buckets, project ids).",
            met="read from the environment (or CLI/pipeline parameters).",
            partial="some are, or a tracked config file per environment.",
            unmet="literals in code (absolute home paths, IPs, bucket names).",
            na="there are none.",
            rulings=(
                (
                    "Repository-relative paths do not count here (they count under `backing-services.storage`); "
                    "absolute paths, hosts, ports, devices, regions and account ids do."
                ),
            ),
            remedy=(
                "Read hosts, ports, absolute paths, regions, buckets and project ids from environment variables, "
                "flags or pipeline parameters and delete the literals."
            ),
        ),
    ),
)
