"""Who may ask what of every address: the table that the matrix of permissions is tested against."""

from __future__ import annotations

from enum import Enum

from apps.teams.access import Action


class Who(Enum):
    """Circles that are not a matter of one team's table."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    READERS = "signed in; with PUBLIC_READ anybody"
    NOBODY = "nobody, or only in the middle of signing in"


Access = Who | Action
FREE = (Who.ANYBODY, Who.ANYBODY)
OWN = (Who.SIGNED_IN, Who.SIGNED_IN)
MIDWAY = (Who.NOBODY, Who.NOBODY)
# Asked of no team in particular: who has the right in some team may ask, and reaches that team's things alone.
OF_NO_TEAM = {"add-project", "import-projects", "scan-board"}

# Those that answer htmx with a part of their page.
PARTS = {
    "overview", "team", "history", "scan", "backfill", "claim", "correct-claim", "project-item", "tick", "waive",
    "report-verdict",
}  # fmt: skip
# Per name of an address: who may GET it and who may POST to it; None where there is no such method.
ROUTES: dict[str, tuple[Access | None, Access | None]] = {
    # pages to read, and their files
    "overview": (Who.READERS, None),
    "archived": (Who.READERS, None),
    "item": (Who.READERS, None),
    "scoring": (Who.READERS, None),
    "board-csv": (Who.READERS, None),
    "teams": (Who.READERS, None),
    "history": (Who.READERS, None),
    "history-csv": (Who.READERS, None),
    "factor": (Who.READERS, None),
    "factor-csv": (Who.READERS, None),
    "team": (Action.VIEW, None),
    "team-csv": (Action.VIEW, None),
    "project": (Action.VIEW, None),
    "project-csv": (Action.VIEW, None),
    "project-item": (Action.VIEW, None),
    "project-history": (Action.VIEW, None),
    "compare-scans": (Action.VIEW, None),
    "backfill": (Action.VIEW, Action.EDIT_PROJECT),
    "claim": (Action.VIEW, None),
    # one project
    "scan": (Action.VIEW, Action.SCAN),
    "tick": (Action.TICK, Action.TICK),
    "clear-tick": (None, Action.TICK),
    "undo-tick": (None, Action.TICK),
    "correct-claim": (Action.TICK, Action.TICK),
    "clear-claim": (None, Action.TICK),
    "report-verdict": (Action.TICK, Action.TICK),
    "waive": (Action.WAIVE, Action.WAIVE),
    "revoke-waiver": (None, Action.WAIVE),
    "undo-waiver": (None, Action.WAIVE),
    "accept-exception": (None, Action.WAIVE),
    "edit-project": (Action.EDIT_PROJECT, Action.EDIT_PROJECT),
    "archive-project": (None, Action.EDIT_PROJECT),
    "restore-project": (None, Action.EDIT_PROJECT),
    "delete-project": (None, Action.DELETE_PROJECT),
    "add-project": (Action.ADD_PROJECT, Action.ADD_PROJECT),
    "import-projects": (Action.ADD_PROJECT, Action.ADD_PROJECT),
    # one team
    "scan-team": (None, Action.SCAN),
    "scan-board": (None, Action.SCAN),
    "team-settings": (Action.MANAGE_MEMBERS, None),
    "add-member": (None, Action.MANAGE_MEMBERS),
    "change-role": (None, Action.MANAGE_MEMBERS),
    "remove-member": (None, Action.MANAGE_MEMBERS),
    "rename-team": (None, Action.ADMIN),
    "delete-team": (None, Action.ADMIN),
    # webhooks and tokens of a project or a team
    "connections": (Action.MANAGE_WEBHOOKS, None),
    "add-webhook": (None, Action.MANAGE_WEBHOOKS),
    "rotate-webhook": (None, Action.MANAGE_WEBHOOKS),
    "try-webhook": (None, Action.MANAGE_WEBHOOKS),
    "remove-webhook": (None, Action.MANAGE_WEBHOOKS),
    "evaluate-delivery": (None, Action.MANAGE_WEBHOOKS),
    "set-token": (None, Action.MANAGE_WEBHOOKS),
    "remove-token": (None, Action.MANAGE_WEBHOOKS),
    # the organisation
    "queue": (Action.ADMIN, None),
    "cancel-scan": (None, Action.ADMIN),
    "retry-scan": (None, Action.ADMIN),
    "new-team": (Action.ADMIN, Action.ADMIN),
    "people": (Action.ADMIN, None),
    "add-person": (Action.ADMIN, Action.ADMIN),
    "change-person": (None, Action.ADMIN),
    "organisation-teams": (Action.ADMIN, None),
    "audit": (Action.ADMIN, None),
    "audit-csv": (Action.ADMIN, None),
    "verdicts": (Action.ADMIN, None),
    "close-report": (None, Action.ADMIN),
    # signing in and one's own account
    "account_login": FREE,
    "account_inactive": (Who.ANYBODY, None),
    "mfa_login_webauthn": FREE,
    "mfa_authenticate": MIDWAY,
    "socialaccount_login_cancelled": (Who.ANYBODY, None),
    "socialaccount_login_error": (Who.ANYBODY, None),
    "openid_connect_login": FREE,
    "openid_connect_callback": FREE,
    "account_reset_password": FREE,
    "account_reset_password_done": (Who.ANYBODY, None),
    "account_reset_password_from_key": FREE,
    "account_reset_password_from_key_done": (Who.ANYBODY, None),
    "logout": (None, Who.ANYBODY),
    "mfa_index": (Who.SIGNED_IN, None),
    "account_change_password": OWN,
    "account_reauthenticate": OWN,
    "mfa_reauthenticate": OWN,
    "mfa_reauthenticate_webauthn": OWN,
    "mfa_activate_totp": OWN,
    "mfa_deactivate_totp": OWN,
    "mfa_view_recovery_codes": (Who.SIGNED_IN, None),
    "mfa_generate_recovery_codes": OWN,
    "mfa_list_webauthn": (Who.SIGNED_IN, None),
    "mfa_add_webauthn": OWN,
    "mfa_edit_webauthn": OWN,
    "mfa_remove_webauthn": OWN,
    # machines
    "healthz": (Who.ANYBODY, None),
    "readyz": (Who.ANYBODY, None),
    "metrics": (Who.NOBODY, None),  # without its token
    "hook": (None, Who.ANYBODY),  # whose signature decides
}
