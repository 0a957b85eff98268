"""Packages: which ones the code imports, which ones manifests declare, and how firmly."""

from apps.analysis.packages.imports import Imported, third_party
from apps.analysis.packages.lists import Manifest, manifests, named_in_code

__all__ = ["Imported", "Manifest", "manifests", "named_in_code", "third_party"]
