"""Factor 8, Concurrency: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

FACTOR = Factor(
    number=8,
    slug="concurrency",
    name="Concurrency",
    short="Scale",
    question="Does it scale out through the process model?",
    principle="Scale out via the process model",
    items=(
        Item(
            id="concurrency.training",
            title="Training runs on several processes or instances",
            met=(
                "training runs on several processes/instances "
                "(DDP/torchrun/accelerate/DeepSpeed/Horovod/Ray/Spark/Dask/tf.distribute, instance_count > 1 or "
                "a parameter, parallel pipeline steps per model)."
            ),
            partial="only threads/`n_jobs`/DataLoader workers/`DataParallel`.",
            unmet="single process only.",
            na="does not train.",
            rulings=(),
            remedy=(
                "Let training spread over processes or instances (torchrun, Accelerate, Ray, Spark, an instance "
                "count, parallel pipeline steps) and make the number a parameter."
            ),
        ),
        Item(
            id="concurrency.inference",
            title="Inference runs on several processes or instances",
            met=(
                "serving or batch inference runs as several processes/instances (gunicorn/uvicorn workers, "
                "replicas, HPA, serverless, Ray Serve/Triton instances, Celery workers)."
            ),
            partial="possible but fixed to one (`replicas: 1`, `--workers 1`).",
            unmet="a single process.",
            na="no inference.",
            rulings=(
                (
                    "One process with no setting is `unmet`, a setting fixed to one or a server that could take one "
                    "is `partial`; managed endpoints with an instance count or autoscaling, serverless and parallel "
                    "batch tasks are `met`."
                ),
            ),
            remedy=(
                "Run several workers, replicas or parallel batch tasks and make their number a setting of the "
                "deployment."
            ),
        ),
        Item(
            id="concurrency.process-types",
            title="Process types are declared separately",
            met=(
                "the process types (web, worker, trainer, scheduler…) are declared separately (Procfile, compose "
                "services, k8s workloads, pipeline steps)."
            ),
            partial="one process type declared.",
            unmet="none.",
            na="",
            rulings=(
                (
                    "Only the system's own processes count, not its databases or monitors; Slurm and pipeline job "
                    "definitions count."
                ),
            ),
            remedy=(
                "Declare web, worker, trainer and scheduler each as an entry of its own in the Procfile, compose "
                "services, Kubernetes workloads or pipeline steps."
            ),
        ),
    ),
)
