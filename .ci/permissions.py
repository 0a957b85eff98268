"""What keeps people to what they may do: each guard, how it looks when it is gone, and who then gets too much.

Each is a name, a file, what stands there, what stands there without the guard, and the test that must fail. With "a…b"
b alone is replaced, the first one after a.
"""

ACCESS, MEMBERS, ORGANISATION, TOKENS = (
    f"apps/teams/{name}.py" for name in ("access", "members", "organisation", "tokens")
)
VIEWS, FORMS = "apps/dashboard/views", "apps/dashboard/forms"
CONNECTIONS, DELIVERIES = "apps/webhooks/connections.py", "apps/webhooks/services.py"
GROUPS = "apps/teams/sign_in/groups.py"
TRAIL, EMPTIED = (
    f"apps/teams/migrations/{name}.py"
    for name in ("0004_audit_trail_is_append_only", "0007_audit_trail_is_never_emptied")
)
MATRIX = "tests/dashboard/test_authorisation.py"
SETTINGS, REPLAYS = "tests/dashboard/test_team_settings.py", "tests/dashboard/test_replays.py"
IMPORT = "tests/dashboard/test_import.py::test_rows_go_only_to_teams_that_one_maintains"
LEFT = "tests/dashboard/test_former_members.py"
OWN_TEAMS, ALL_TEAMS = "teams.queryset = teams_where(user, Action.ADD_PROJECT)", "teams.queryset = Team.objects.all()"
OPENED = f"{REPLAYS}::test_a_form_that_was_opened_before_changes_nothing_afterwards"
OF_A_MAINTAINER = f"{REPLAYS}::test_a_form_of_a_maintainer_changes_nothing_for_who_is_a_member_now"
SAME = "tests/dashboard/test_same_moment.py::test_of_two_people_at_the_same_instant_one_wins_and_the_other_is_told"
PUBLIC = f"{MATRIX}::test_public_reading_opens_pages_to_read_and_nothing_else"

Guard = tuple[str, str, str, str, str]


def _seen_by(who: str) -> str:
    """The part of the matrix in which `who` asks every address."""
    return f"{MATRIX}::test_everybody_gets_what_the_table_gives_and_nothing_else[{who}]"


VIEWER, MEMBER, MAINTAINER, OTHER, FORMER = map(
    _seen_by, ("viewer", "member", "maintainer", "other maintainer", "former member")
)


def _widened(action: str, roles: str, wider: str, test: str) -> Guard:
    """The table itself gives `action` to one role more."""
    return f"table: {action}", ACCESS, f"Action.{action}: Rule(…{roles}", wider, test


def _asks(name: str, call: str, action: str, weaker: str, test: str) -> Guard:
    """The view `name`, as file.function, asks for a right that more people have. `call` is how it asks."""
    file, _, function = name.partition(".")
    head = f"def {function}("
    return f"view: {name} asks for no less", f"{VIEWS}/{file}.py", f"{head}…{call}{action}", f"{call}{weaker}", test


def _admins(name: str) -> Guard:
    """The view `name` asks nobody whether they are an admin."""
    file, _, function = name.partition(".")
    check = "_admins_only(request)" if file == "queue" else "require_admin(request.user)"
    return f"view: {name} is for admins", f"{VIEWS}/{file}.py", f"def {function}(…{check}", "pass", MAINTAINER


GUARDS: list[Guard] = [
    *(_widened(action, "MEMBERS", "VIEWERS", VIEWER) for action in ("TICK", "SCAN")),
    *(_widened(action, "MAINTAINERS", "MEMBERS", MEMBER)
      for action in ("WAIVE", "ADD_PROJECT", "EDIT_PROJECT", "DELETE_PROJECT", "MANAGE_WEBHOOKS", "MANAGE_MEMBERS")),
    _widened("ADMIN", "frozenset()", "MAINTAINERS", MAINTAINER),
    ("table: of this team", ACCESS, "return Membership.objects.filter(team=team, ",
     "return Membership.objects.filter(", OTHER),
    ("table: by the role", ACCESS, "user=user, role__in=RULES[action].roles).exists()", "user=user).exists()", VIEWER),
    ("table: by who asks", ACCESS, "return Membership.objects.filter(team=team, user=user,",
     "return Membership.objects.filter(team=team,", FORMER),
    ("table: teams by the role", ACCESS, ", memberships__role__in=RULES[action].roles)", ")", MEMBER),
    ("table: teams by who asks", ACCESS, "filter(memberships__user=user, memberships__role",
     "filter(memberships__role", FORMER),
    ("table: all for admins alone", ACCESS, "user.is_authenticated and user.is_superuser", "user.is_authenticated",
     VIEWER),
    ("table: buttons by the table", ACCESS, "if role in rule.roles}", "}",
     "tests/teams/test_access.py::test_all_actions_at_once_are_those_one_by_one"),
    ("table: 404 and not 403", ACCESS, "    if not may(user, action, team):\n        raise Http404",
     "    if not may(user, action, team):\n        from django.core.exceptions import PermissionDenied\n\n"
     "        raise PermissionDenied", FORMER),
    ("view: no page without a check", f"{VIEWS}/projects.py", "    require(request.user, action, project.team)\n", "",
     OTHER),
    ("view: no team's settings without a check", f"{VIEWS}/members.py", "    require(request.user, action, team)\n",
     "", OTHER),
    ("view: no team's scans without a check", f"{VIEWS}/teams.py", "    require(request.user, Action.SCAN, shown)\n",
     "", OTHER),
    ("view: no connections without a check", CONNECTIONS,
     "        require(request.user, Action.MANAGE_WEBHOOKS, self.team)\n", "", OTHER),
    ("view: connections are for maintainers", CONNECTIONS, "Action.MANAGE_WEBHOOKS, self", "Action.TICK, self", MEMBER),
    _asks("projects.scan", "page_of(request, slug, ", "Action.SCAN", "Action.VIEW", VIEWER),
    _asks("past.backfill", "page_of(request, slug, ", "Action.EDIT_PROJECT", "Action.TICK", MEMBER),
    _asks("ticks.tick", "item_of(request, slug, item, ", "Action.TICK", "Action.VIEW", VIEWER),
    _asks("ticks.clear", "item_of(request, slug, item, ", "Action.TICK", "Action.VIEW", VIEWER),
    _asks("ticks.undo", "item_of(request, slug, item, ", "Action.TICK", "Action.VIEW",
     f"{OPENED}[is a viewer now-undo-tick]"),
    _asks("profile.correct", "_claim_of(request, slug, claim, ", "Action.TICK", "Action.VIEW", VIEWER),
    _asks("profile.clear", "_claim_of(request, slug, claim, ", "Action.TICK", "Action.VIEW",
     f"{OPENED}[is a viewer now-clear-claim]"),
    _asks("verdicts.report", "item_of(request, slug, item, ", "Action.TICK", "Action.VIEW", VIEWER),
    _asks("waivers.waive", "item_of(request, slug, item, ", "Action.WAIVE", "Action.TICK", MEMBER),
    _asks("waivers.revoke", "item_of(request, slug, item, ", "Action.WAIVE", "Action.TICK", MEMBER),
    _asks("waivers.accept", "item_of(request, slug, item, ", "Action.WAIVE", "Action.TICK", MEMBER),
    _asks("waivers.undo", "item_of(request, slug, item, ", "Action.WAIVE", "Action.TICK",
     f"{OF_A_MAINTAINER}[undo-waiver]"),
    _asks("settings.edit", "page_of(request, slug, ", "Action.EDIT_PROJECT", "Action.SCAN",
     f"{OF_A_MAINTAINER}[edit-project]"),
    _asks("settings.archive", "page_of(request, slug, ", "Action.EDIT_PROJECT", "Action.SCAN",
     f"{OF_A_MAINTAINER}[archive-project]"),
    _asks("settings.restore", "page_of(request, slug, ", "Action.EDIT_PROJECT", "Action.VIEW",
     f"{OF_A_MAINTAINER}[restore-project]"),
    _asks("settings.delete", "page_of(request, slug, ", "Action.DELETE_PROJECT", "Action.SCAN",
     f"{OF_A_MAINTAINER}[delete-project]"),
    _asks("members.rename", "_team(request, slug, ", "Action.ADMIN", "Action.MANAGE_MEMBERS", MAINTAINER),
    _asks("members.delete", "_team(request, slug, ", "Action.ADMIN", "Action.MANAGE_MEMBERS", MAINTAINER),
    *map(_admins, ("members.new", "organisation.people", "organisation.add", "organisation.change",
     "organisation.teams",
                   "organisation.audit", "queue.queue", "queue.cancel", "queue.retry", "verdicts.verdicts",
                   "verdicts.close")),
    ("file: the trail is for admins", "apps/reports/views.py", "    require_admin(request.user)\n", "", MAINTAINER),
    ("public reading: nothing but reading", "apps/teams/reading.py", 'request.method in {"GET", "HEAD"} and ', "",
     PUBLIC),
    ("public reading: off unless it is set", "apps/teams/reading.py", "if settings.PUBLIC_READ and reads:", "if reads:",
     _seen_by("anonymous")),
    ("foreign id: a member of another team", MEMBERS, 'return team.memberships.select_related("user").get(',
     'return Membership.objects.select_related("user").get(',
     f"{SETTINGS}::test_a_member_of_another_team_is_not_changed_through_this_one"),
    ("foreign id: a delivery of another endpoint", CONNECTIONS, "            endpoint=self.endpoint_or_404(),\n", "",
     "tests/webhooks/test_pages.py::test_a_delivery_of_another_endpoint_cannot_be_named"),
    ("foreign id: a team to add to", f"{FORMS}/projects.py", OWN_TEAMS, ALL_TEAMS,
     f"{MATRIX}::test_a_project_is_not_moved_into_a_team_of_others"),
    ("foreign id: a team to import into", f"{FORMS}/imports.py", OWN_TEAMS, ALL_TEAMS, IMPORT),
    ("foreign id: a team that a row names", "apps/dashboard/importing.py",
     "for one in teams_where(user, Action.ADD_PROJECT)",
     "for one in Project.team.get_queryset()", IMPORT),
    ("token: not another team's", TOKENS, "Q(team__projects=project.pk)", "Q(team__isnull=False)",
     "tests/teams/test_tokens.py::test_another_team_gets_no_token"),
    ("token: for its host alone", TOKENS, ".filter(mine, host=host)", ".filter(mine)",
     "tests/teams/test_tokens.py::test_a_projects_own_token_goes_before_its_teams_and_no_other_host_gets_one"),
    ("webhook: another's signature", DELIVERIES,
     "is_genuine(endpoint.provider, one, headers, body, now=now.timestamp()) for one in _secrets(endpoint, now)",
     "is_genuine(endpoint.provider, one, headers, body, now=now.timestamp())\n"
     "        for other in Endpoint.objects.all()\n        for one in _secrets(other, now)",
     "tests/webhooks/test_receiving.py::test_no_forge_passes_with_another_secret_or_an_empty_one"),
    ("webhook: another team's projects", DELIVERIES, "filter(team=endpoint.team_id, lower_url__in",
     "filter(lower_url__in",
     "tests/webhooks/test_receiving.py::test_an_endpoint_of_a_team_finds_its_projects_by_the_repository"),
    ("former member: is removed", MEMBERS, "    Membership.objects.filter(pk=held.pk).delete()\n", "",
     f"{SETTINGS}::test_maintainers_add_change_and_remove_members"),
    ("former member: leaves the group, leaves the team", GROUPS, "        held.delete()\n", "        pass\n",
     "tests/dashboard/test_single_sign_on.py::test_groups_decide_anew_at_every_sign_in"),
    ("former member: no admin without the group", GROUPS, "        user.is_superuser = is_admin\n", "        pass\n",
     "tests/dashboard/test_single_sign_on.py::test_groups_decide_anew_at_every_sign_in"),
    ("former member: a closed account", ORGANISATION, "user.is_active, user.is_superuser = active, admin",
     "user.is_superuser = admin",
     "tests/dashboard/test_organisation.py::test_closing_an_account_ends_its_sessions_at_once"),
    ("token: of the team that has the project now", TOKENS, "Q(team__projects=project.pk)", "Q(team=project.team_id)",
     f"{LEFT}::test_a_scan_uses_the_token_of_the_team_that_has_the_project_now[while a worker holds it]"),
    ("former member: an import that still runs", "apps/dashboard/importing.py",
     'if not still_may(by, Action.ADD_PROJECT, row.fields["team"]):', "if False:",
     f"{LEFT}::test_an_import_that_still_runs_adds_nothing_for_who_has_no_role_any_more"),
    ("former member: leaving waits for the row", ACCESS, "held.select_for_update(no_key=True).first()", "held.first()",
     f"{LEFT}::test_whoever_removes_a_member_waits_for_the_row_that_is_being_added"),
    ("former member: an account that was closed meanwhile", ACCESS, "pk=user.pk, is_active=True)", "pk=user.pk)",
     f"{LEFT}::test_an_import_that_still_runs_adds_nothing_for_who_has_no_role_any_more[account closed]"),
    ("project: its scans go with it", "apps/dashboard/keeping.py", "    follow(project=edited)\n", "",
     f"{LEFT}::test_scans_go_with_their_project_and_outlive_the_team_that_it_left"),
    ("team: keeps a maintainer", MEMBERS, "    if held.role == Role.MAINTAINER and not others.exists():\n",
     "    if not held:\n",
     f"{SETTINGS}::test_the_last_maintainer_stays"),
    ("team: one change of members after the other", MEMBERS,
     "    Team.objects.select_for_update(no_key=True).get(pk=team.pk)\n", "",
     "tests/dashboard/test_same_moment.py::test_two_maintainers_who_remove_each_other_leave_one"),
    ("organisation: keeps an admin", ORGANISATION, "if not (active and admin) and [", "if not user and [",
     "tests/dashboard/test_same_moment.py::test_two_admins_who_take_each_other_s_rights_leave_one"),
    ("form: its token", "config/settings.py", '    "django.middleware.csrf.CsrfViewMiddleware",\n', "",
     f"{REPLAYS}::test_a_form_of_one_person_is_not_posted_by_another[add-member]"),
    ("trail: with the change", "apps/teams/audit.py", "if not connection.in_atomic_block:", "if False:",
     "tests/teams/test_audit.py::test_nothing_is_noted_outside_the_transaction_of_its_change"),
    ("trail: never changed", TRAIL, "BEFORE UPDATE OR DELETE", "BEFORE DELETE",
     "tests/teams/test_audit.py::test_the_database_refuses_to_change_what_was_noted"),
    ("trail: never emptied", EMPTIED, "BEFORE TRUNCATE ON teams_auditentry", "BEFORE TRUNCATE ON teams_membership",
     "tests/teams/test_audit.py::test_the_database_refuses_to_change_what_was_noted[TRUNCATE teams_auditentry]"),
    ("conflict: a correction that crossed", "apps/adoption/corrections.py",
     "if seen is not None and seen != (said.pk if said else 0):", "if False:",
     f"{SAME}[correct]"),
    ("conflict: corrections one after the other", "apps/adoption/corrections.py",
     "def correct_profile(…    Project.objects.select_for_update().get(pk=project.pk)\n", "",
     f"{SAME}[correct]"),
    ("conflict: ticks that crossed", "apps/adoption/services.py", "    if standing.version != version:\n",
     "    if not version:\n",
     f"{SAME}[tick]"),
    ("conflict: projects that crossed", "apps/teams/services.py", "    if held.version != version:\n",
     "    if not version:\n",
     f"{SAME}[edit]"),
    ("fragment: goes to sign in as a page", "apps/teams/reading.py", 'if request.headers.get("HX-Request") == "true":',
     "if False:",
     "tests/dashboard/test_fragments.py::test_when_the_session_has_ended_the_whole_page_goes_to_sign_in_and_comes_back"),
    ("fragment: leads nowhere else", "apps/teams/reading.py",
     " and url_has_allowed_host_and_scheme(said, {request.get_host()})",
     "",
     "tests/dashboard/test_fragments.py::test_nobody_is_led_elsewhere_after_signing_in"),
    ("fragment: not taken for the page", "apps/dashboard/requests.py", '"HX-Request", "HX-History-Restore-Request"',
     '"HX-Request"',
     "tests/dashboard/test_fragments.py::test_an_answer_that_is_a_page_or_a_part_of_it_says_on_what_that_depends"),
    ("trail: never deleted", TRAIL, "BEFORE UPDATE OR DELETE", "BEFORE UPDATE",
     "tests/teams/test_audit.py::test_the_database_refuses_to_change_what_was_noted"),
]  # fmt: skip
