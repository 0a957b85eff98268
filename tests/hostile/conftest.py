import pytest

from tests.scans.conftest import claimed, make_project

__all__ = ["claimed", "make_project"]


@pytest.fixture
def places(settings, tmp_path):
    """Where a scan of the tests may fetch from and write to; small limits, so that what has none shows itself."""
    settings.LOCAL_REPOSITORY_ROOTS = [tmp_path / "forge"]
    settings.MIRROR_DIR = tmp_path / "mirrors"
    settings.SCAN_MEMORY_MB = 512
    settings.SCAN_DEADLINE *= 0.15  # 90 seconds
    return tmp_path
