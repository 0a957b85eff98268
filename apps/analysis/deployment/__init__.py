"""What deployment files say: images and their stages, compose services, Kubernetes workloads, CI steps, start commands."""

from apps.analysis.deployment.ci import Step, steps
from apps.analysis.deployment.compose import Service, services
from apps.analysis.deployment.images import Image, Stage, images, is_floating
from apps.analysis.deployment.starts import Start, run_commands
from apps.analysis.deployment.workloads import Container, Workload, workloads

__all__ = [
    "Container",
    "Image",
    "Service",
    "Stage",
    "Start",
    "Step",
    "Workload",
    "images",
    "is_floating",
    "run_commands",
    "services",
    "steps",
    "workloads",
]
