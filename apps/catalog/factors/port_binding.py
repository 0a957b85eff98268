"""Factor 7, Port binding: its items, their criteria, rulings and remedies."""

from apps.catalog.rulings import MANAGED_ENDPOINTS
from apps.catalog.types import Factor, Item

DOES_NOT_SERVE = "the system does not serve."
PROCFILE_WEB = "A Procfile web process: `gunicorn` without a bind option reads `PORT` (`met`), `declared` is `partial`."

FACTOR = Factor(
    number=7,
    slug="port-binding",
    name="Port binding",
    short="Ports",
    question="Does the service export itself on a port?",
    principle="Export services via port binding",
    items=(
        Item(
            id="port-binding.service",
            title="The prediction API is a self-contained server",
            met=(
                "the prediction API is a self-contained server over HTTP/gRPC started by the app itself "
                "(uvicorn/gunicorn/waitress/BentoML/TorchServe/TF Serving/Ray Serve/Triton/Streamlit/Gradio…)."
            ),
            partial=(
                "only the framework's development server (`app.run(debug=True)`, `flask run`, `runserver`) or "
                "only a managed endpoint (SageMaker/Azure ML scoring script)."
            ),
            unmet="the system is meant to serve, but no port is bound.",
            na=DOES_NOT_SERVE,
            rulings=(MANAGED_ENDPOINTS,),
            remedy=(
                "Start a production server (uvicorn, gunicorn, BentoML, Triton and the like) from the app itself "
                "instead of the framework's development server."
            ),
        ),
        Item(
            id="port-binding.port-from-environment",
            title="The port comes from the environment",
            met="the port comes from the environment or a flag.",
            partial="fixed inside the container only, mapped by compose/k8s.",
            unmet="a literal in code.",
            na=DOES_NOT_SERVE,
            rulings=(
                MANAGED_ENDPOINTS,
                PROCFILE_WEB,
                (
                    "A port fixed as a flag in CMD/ENTRYPOINT, or left at a framework's default, is `partial`; a "
                    "literal in source is `unmet`, mapped or not."
                ),
            ),
            remedy="Read the port from `PORT` or a flag when the server starts.",
        ),
        Item(
            id="port-binding.declared",
            title="Deployment configuration declares the port",
            met=(
                "the port is declared in deployment config (EXPOSE, compose `ports`, k8s containerPort/Service, "
                "Helm values)."
            ),
            partial="only in prose.",
            unmet="nowhere.",
            na=DOES_NOT_SERVE,
            rulings=(
                MANAGED_ENDPOINTS,
                PROCFILE_WEB,
            ),
            remedy=(
                "Declare the port where the system is deployed: EXPOSE, compose `ports`, a Kubernetes "
                "containerPort and Service, or Helm values."
            ),
        ),
    ),
)
