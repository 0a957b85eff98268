from tests.dashboard.conftest import _plain_static_files, _quick_passwords, alice, bob, carol, fraud, scorer  # noqa: F401
