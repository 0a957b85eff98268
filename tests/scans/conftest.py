from tests.repositories.building import make_repository, repository

__all__ = ["make_repository", "repository"]
