"""What deployment files say: images and their stages, CI steps, builds, versions and environments."""

from apps.analysis.deployment.ci import Step, steps
from apps.analysis.deployment.images import Image, Stage, images, is_floating

__all__ = ["Image", "Stage", "Step", "images", "is_floating", "steps"]
