from tests.dashboard.conftest import _quick_passwords, alice, bob, carol, fraud, scorer  # noqa: F401
