"""Takes each protection away, one at a time and in a copy, and shows that the test that is named for it fails.

Usage: .venv/bin/python .ci/protections.py [part of a name]. A protection whose test still passes is not proved; nor is
one whose test does not pass while the protection is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from permissions import GUARDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 1200  # seconds for one test, or for all while nothing is taken away
# The tests that are named here need neither database nor broker; those of requests and permissions need both.
NOBODYS = {
    "SECRET_KEY": "ci",
    "DATABASE_URL": "postgresql://nobody@localhost/nothing",
    "REDIS_URL": "redis://localhost",
    "HTTPS": "false",
}


class Protection(NamedTuple):
    name: str
    file: str
    present: str
    absent: str
    test: str


POLICY, NETWORKS, NAMES = (f"apps/repositories/{name}.py" for name in ("policy", "networks", "host_names"))
ENVIRONMENT, FETCH, CHILD = (f"apps/repositories/{name}.py" for name in ("environment", "fetch", "fetch_child"))
CONFINED, CHILDREN, JAIL, CACHE = (f"apps/repositories/{name}.py" for name in ("confined", "children", "jail", "cache"))
SHOWN, TREE = "apps/analysis/shown.py", "apps/analysis/facts/tree.py"
ADDRESSES, SERVER = "tests/hostile/test_addresses.py", "tests/hostile/test_server.py"
EVERY = f"{ADDRESSES}::test_hostile_addresses_are_refused_before_anything_leaves"
NAMED = f"{ADDRESSES}::test_names_that_lead_inside_are_looked_up_once_and_never_contacted"
EXACT = "tests/repositories/test_fetch.py::test_the_environment_and_the_configuration_of_git_are_exactly_those"
OWN = f"{ADDRESSES}::test_our_own_hosts_and_the_ports_of_our_services_stay_closed"
NEVER = f"{ADDRESSES}::test_nothing_opens_metadata_services_links_groups_and_addresses_that_hide_others"
TESTS = "tests/repositories"


def _configured(key: str, value: str) -> Protection:
    return Protection(f"git: {key}", ENVIRONMENT, f'    "{key}": "{value}",\n', "", EXACT)


PROTECTIONS = [
    Protection("address: https alone", POLICY, 'if url[:8].lower() != "https://":', "if False:", EVERY),
    Protection("address: no control characters", POLICY, "if not url.isprintable():", "if False:", EVERY),
    Protection("address: no steps upwards", POLICY, '{".", ".."} & set(match["path"].split("/"))', "False", EVERY),
    Protection("address: a length", POLICY, "if not url or len(url) > LONGEST_URL:", "if not url:", EVERY),
    Protection("address: a name with dots", POLICY, "or not HOST.fullmatch(host):", "or not host:", EVERY),
    Protection("address: named ports alone", POLICY, "if port not in rules.ports:", "if False:", EVERY),
    Protection("address: not our own hosts", POLICY, "if host in rules.own_hosts:", "if False:", OWN),
    Protection("address: not our own machines", POLICY, "return own.isdisjoint(ips)", "return True", OWN),
    Protection("address: nothing private", POLICY, "if private and not _all_opened(", "if private and _all_opened(", NAMED),
    Protection("address: every answer counts", POLICY, "private = [ip for ip in ips if", "private = [ip for ip in ips[:1] if", NAMED),
    Protection("address: folders of the list alone", POLICY, "if not any(path.is_relative_to(root) for root in roots):", "if False:",
               f"{TESTS}/test_policy.py::test_no_path_or_link_leads_out_of_an_allow_listed_folder"),
    Protection("address: carrier networks", NETWORKS, '"100.64.0.0/10", ', "", NAMED),
    Protection("address: IPv6 of the internet alone", NETWORKS, "or address not in GLOBAL_UNICAST", "", NAMED),
    Protection("address: tunnels", NETWORKS, '"2002::/16", "2620', '"2620', NAMED),
    Protection("address: what nobody opens", NETWORKS, "if _lies_in(address, NEVER) and address != LOOPBACK6:", "if False:", NEVER),
    Protection("address: look-alikes", NAMES, "if len(host) > LONGEST_HOST or any(_poses(label) for label in labels):", "if False:", EVERY),
    Protection("address: the ports of our services", "apps/repositories/rules.py", " - _service_ports()", "", OWN),
    Protection("git: the checked address", ENVIRONMENT, 'config["http.curloptResolve"] =', 'config["http.nothing"] =',
               f"{ADDRESSES}::test_git_connects_to_the_checked_address_even_when_the_name_has_moved_meanwhile"),
    Protection("git: the proxy", ENVIRONMENT, '"http.proxy": egress.proxy', '"http.proxy": ""',
               f"{ADDRESSES}::test_through_a_proxy_git_asks_the_proxy_and_nobody_else"),
    Protection("git: no redirect", ENVIRONMENT, '"http.followRedirects": "false"', '"http.followRedirects": "true"',
               f"{SERVER}::test_what_a_server_refuses_is_told_in_words[302-redirects elsewhere-False-0]"),
    _configured("protocol.allow", "never"), _configured("core.hooksPath", "/dev/null"), _configured("credential.helper", ""),
    _configured("transfer.fsckObjects", "true"), _configured("transfer.bundleURI", "false"),
    _configured("submodule.recurse", "false"), _configured("GIT_CONFIG_NOSYSTEM", "1"), _configured("GIT_TERMINAL_PROMPT", "0"),
    _configured("GIT_ASKPASS", "/bin/false"), _configured("http.lowSpeedLimit", "1000"),
    Protection("git: names of branches", FETCH, "if branch and not BRANCH.fullmatch(branch):", "if False:",
               f"{TESTS}/test_fetch.py::test_what_cannot_be_fetched_is_said_in_one_sentence"),
    Protection("fetch: weighed on disk", FETCH, "            raise RepositoryError(too_large(largest_mb))\n", "",
               f"{TESTS}/test_fetch.py::test_many_files_that_each_keep_the_limit_are_weighed_together"),
    Protection("fetch: a limit on one file", FETCH, "file_mb=largest_mb", "file_mb=9999",
               f"{TESTS}/test_fetch.py::test_a_pack_that_meets_the_limit_on_one_file_is_too_large_and_not_damaged"),
    Protection("fetch: staging is cleared", FETCH, "        forget(staging)\n", "        pass\n",
               f"{TESTS}/test_fetch.py::test_a_killed_fetch_leaves_no_staging_behind"),
    Protection("fetch: leftovers are cleared", CHILD, "            clean(mirror)", "            pass",
               f"{TESTS}/test_fetch.py::test_leftovers_of_a_killed_git_are_cleared_before_the_next_fetch"),
    Protection("fetch: dead workers' leftovers", CACHE, "    _clear_leftovers(mirrors, ", "    (mirrors, ",
               f"{TESTS}/test_cache.py::test_what_killed_fetches_left_goes_when_no_fetch_can_still_be_at_it"),
    Protection("child: an exact environment", CHILDREN, "env=environment", "env=None",
               f"{TESTS}/test_children.py::test_a_child_sees_exactly_the_environment_it_is_given"),
    Protection("child: a deadline", CHILDREN, "if left <= 0:", "if left <= -1e9:",
               f"{TESTS}/test_children.py::test_a_hanging_child_is_killed_at_its_deadline_while_the_parent_keeps_ticking"),
    Protection("child: dies with its parent", CONFINED, "    os.killpg(0, signal.SIGKILL)\n", "",
               f"{TESTS}/test_children.py::test_a_child_and_all_it_started_die_with_a_parent_that_is_killed"),
    Protection("child: memory", CONFINED, "_lower(resource.RLIMIT_AS, limits.memory_mb * MEGABYTE)", "pass",
               f"{TESTS}/test_children.py::test_a_child_that_needs_too_much_memory_says_so"),
    Protection("child: files", CONFINED, "    _lower(resource.RLIMIT_FSIZE, limits.file_mb * MEGABYTE)\n", "",
               f"{TESTS}/test_children.py::test_a_child_cannot_write_a_file_beyond_its_limit"),
    Protection("child: no network", JAIL, "BY_NETWORK if network else set()", "BY_NETWORK",
               f"{TESTS}/test_jail.py::test_a_child_without_network_opens_no_socket[inet]"),
    Protection("child: no foreign calls", JAIL, '"ptrace": 101, ', "",
               f"{TESTS}/test_jail.py::test_a_child_changes_neither_the_system_nor_other_processes[ptrace]"),
    Protection("child: its files alone", JAIL, "        _call(RESTRICT_SELF, rules, 0)\n", "        pass\n",
               f"{TESTS}/test_jail.py::test_a_child_reads_no_file_but_what_programs_and_its_request_need"),
    Protection("child: not the worker's environment", JAIL, '"/proc/self", ', '"/proc", ',
               f"{TESTS}/test_jail.py::test_a_child_cannot_read_the_environment_of_the_worker"),
    Protection("reading: endless keys", TREE, "if LONGEST_TOML_KEY.search(text):", "if False:",
               "tests/analysis/test_shown.py::test_endless_keys_are_refused_before_the_parser_meets_them"),
    Protection("shown: credentials masked", SHOWN, "return visible(redacted(text))", "return visible(text)",
               "tests/analysis/test_shown.py::test_credentials_are_masked_in_whatever_is_told"),
    Protection("shown: nothing invisible", SHOWN, "else _escape(one) for one", "else one for one",
               "tests/analysis/test_shown.py::test_what_cannot_be_seen_is_made_visible"),
    Protection("shown: no halved credential", SHOWN, "        masked = whole\n", "        pass\n",
               "tests/analysis/test_shown.py::test_a_cut_through_a_credential_shows_no_part_of_it"),
    Protection("shown: numbers of JSON alone", SHOWN, "if isinstance(held, float) and not math.isfinite(held):", "if False:",
               "tests/analysis/test_shown.py::test_a_database_takes_everything_that_is_storable"),
    Protection("shown: logs masked", "config/log_lines.py", "return told(super().format(record))", "return super().format(record)",
               "tests/analysis/test_shown.py::test_logs_mask_credentials_and_show_control_characters[json]"),
    Protection("start: an old git is refused", "apps/repositories/checks.py", "if found < NEEDED:", "if False:",
               f"{TESTS}/test_checks.py::test_an_old_git_is_warned_of_and_one_without_the_needed_flags_is_refused"),
]  # fmt: skip


PERMISSIONS = [Protection(*guard) for guard in GUARDS]
BELIEVING, ACCOUNTS = "config/believing.py", "apps/teams/sign_in/accounts.py"
SSO, ANSWERS = "apps/teams/sign_in/sso.py", "apps/teams/sign_in/answers.py"
SIGN_IN, SINGLE = "tests/dashboard/test_sign_in.py", "tests/dashboard/test_single_sign_on.py"
REQUESTS = [
    Protection("request: UTF-8 alone", BELIEVING, "    request_class = Request\n", "    pass\n",
               "tests/config/test_believing.py::test_a_form_is_read_as_utf_8_whatever_encoding_a_request_names"),
    Protection("request: no impossible session", BELIEVING, "if not SESSION.fullmatch(", "if False and (",
               "tests/config/test_believing.py::test_a_session_that_cannot_be_is_none"),
    Protection("answer: for who asked alone", "config/caching.py", "patch_cache_control(response, private=True, no_cache=True)",
               "pass", "tests/config/test_caching.py::test_a_page_and_a_file_are_for_who_asked_alone"),
    Protection("log: no values of variables", "config/logs.py", "exception_formatter=structlog.dev.plain_traceback", "",
               "tests/config/test_logs.py::test_a_trace_in_the_log_shows_no_values_of_variables"),
    Protection("sign-in: mails leave beside the answer", ACCOUNTS, "CARRIER.submit(_carry, ", "_carry(",
               f"{SIGN_IN}::test_a_mail_that_takes_long_or_cannot_be_sent_says_nothing_either"),
    Protection("sign-in: no password past the provider", ACCOUNTS, "if not user.has_usable_password():", "if False:",
               f"{SIGN_IN}::test_an_account_without_a_password_gets_none_by_mail"),
    Protection("sign-in: a limit per name", ACCOUNTS, "def _get_login_attempts_cache_key(", "def _nothing(",
               f"{SIGN_IN}::test_guessing_is_stopped_by_name_whatever_host_is_asked"),
    Protection("sign-in: an address as it is written", "apps/teams/origin.py", 'getattr(address, "ipv4_mapped", None) or address', "address",
               f"{SIGN_IN}::test_one_guesser_does_not_lock_out_others_whose_addresses_are_written_as_of_ipv6"),
    Protection("sign-in: an address of one account", SSO, "return len(having) == 1 and", "return",
               f"{SINGLE}::test_an_address_that_several_accounts_have_joins_none_of_them"),
    Protection("sign-in: junk for a key", "apps/teams/sign_in/keys.py", "except (KeyError, TypeError, ValueError, RecursionError):",
               "except ZeroDivisionError:", "tests/dashboard/test_passkey_answers.py::test_junk_signs_nobody_in_and_breaks_nothing"),
    Protection("sign-in: second steps are sealed", "apps/teams/sign_in/second_step.py", "return seal(text)", "return text",
               "tests/teams/test_second_steps.py::test_codes_cannot_be_made_from_the_database"),
    Protection("sign-in: tokens for us", SSO, "        _check_party(claims, app.client_id)\n", "",
               f"{SINGLE}::test_a_forged_answer_lets_nobody_in"),
    Protection("sign-in: no redirect of the provider", ANSWERS, '"allow_redirects": False, ', "",
               f"{SINGLE}::test_no_redirect_of_the_provider_is_followed"),
    Protection("sign-in: the provider's answers end", ANSWERS, "if len(body) > MOST_BYTES or time.monotonic() > until:", "if False:",
               f"{SINGLE}::test_an_answer_without_end_is_not_awaited"),
    Protection("sign-in: what cannot be kept", ANSWERS, "            check_storable(_read(answer))\n", "            pass\n",
               f"{SINGLE}::test_a_broken_answer_lets_nobody_in_and_breaks_nothing"),
    Protection("sign-in: the settings alone ask", SSO, "if {*request.GET, *request.POST} - OURS:", "if False:",
               f"{SINGLE}::test_an_address_adds_nothing_to_what_the_settings_ask_of_the_provider"),
    Protection("sign-in: no joined accounts", SSO, "if {*request.GET, *request.POST} - OURS:", "if False:",
               f"{SINGLE}::test_whoever_sits_at_a_session_joins_no_other_account_to_it"),
    Protection("webhook: the body alone", "apps/webhooks/services.py", "hashlib.sha256(body)",
               "hashlib.sha256(event.name.encode() + body)",
               "tests/webhooks/test_receiving.py::test_a_replay_under_another_event_has_no_effect"),
]  # fmt: skip


def main(wanted: str = "") -> int:
    proved, count = 0, 0
    with tempfile.TemporaryDirectory(prefix="protections-") as folder, ExitStack() as servers:
        Path(folder).chmod(0o711)  # as root, the servers run as another account
        copy = Path(folder) / "tree"
        _copied(copy)
        for protections in (PROTECTIONS, [*REQUESTS, *PERMISSIONS]):
            chosen = [one for one in protections if wanted in one.name]
            environment = os.environ | NOBODYS | {"DATA_DIR": f"{folder}/data"}
            if chosen and protections is not PROTECTIONS:
                environment |= _started(Path(folder) / "data", servers)
            proved += _proved(chosen, copy, environment)
            count += len(chosen)
    print(f"{proved} of {count} protections are proved by a test that fails without them.")
    return proved < count


def _copied(copy: Path) -> None:
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)  # noqa: S607
    for name in listed.split("\0")[:-1]:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)


def _started(data: Path, servers: ExitStack) -> dict[str, str]:
    """The addresses of one database and one broker for all tests; they end with `servers`."""
    sys.path.insert(0, str(ROOT))
    from apps.embedded.places import Places
    from tests.servers import start_servers

    data.mkdir()
    data.chmod(0o711)
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    servers.callback(start_servers(Places(data)).close)
    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}


def _proved(chosen: Sequence[Protection], copy: Path, environment: dict[str, str]) -> int:
    """How many of `chosen` are proved. Their tests pass first, because one that fails anyway proves nothing."""
    if not chosen:
        return 0
    passes, said = _tested(dict.fromkeys(one.test for one in chosen), copy, environment, "--create-db")
    if passes != 0:
        print(f"Tests fail while nothing is taken away:\n{said}")
        return 0
    return sum([_is_proved(one, copy, environment) for one in chosen])


def _is_proved(one: Protection, copy: Path, environment: dict[str, str]) -> bool:
    begun = time.monotonic()
    fails, why = _fails_without(one, copy, environment)
    print(f"{'proved' if fails else 'NOT PROVED':10} {time.monotonic() - begun:5.1f} s  {one.name}{why}", flush=True)
    return fails


def _fails_without(one: Protection, copy: Path, environment: dict[str, str]) -> tuple[bool, str]:
    """Whether its test fails without `one`, and if not, why not."""
    source = (copy / one.file).read_text(encoding="utf-8")
    mutant, found = without(one, source)
    if found != 1:
        return False, f": {one.file} holds this {found} times: {one.present!r}"
    (copy / one.file).write_text(mutant, encoding="utf-8")
    try:
        compile(mutant, one.file, "exec")
        code, said = _tested(
            [one.test], copy, environment, "--create-db" if "/migrations/" in one.file else "--reuse-db"
        )
        last = said.strip().rpartition("\n")[2]
        # A test that ran and failed; whatever else ends badly proves nothing.
        return (
            code == 1 and "failed" in last and "error" not in last,
            "" if code != 1 or "error" not in last else f"\n{said}",
        )
    finally:
        (copy / one.file).write_text(source, encoding="utf-8")


def without(one: Protection, source: str) -> tuple[str, int]:
    """The text without the protection, and how often it was found. Of "a…b" b goes, the first one after a."""
    head, _, rest = one.present.rpartition("…")
    found = source.count(head or rest)
    begin = source.find(rest, source.find(head))
    if begin < 0 or (head and "\n\n\n" in source[source.find(head) : begin]):
        return source, 0
    return source[:begin] + one.absent + source[begin + len(rest) :], found


def _tested(tests: Iterable[str], copy: Path, environment: dict[str, str], database: str) -> tuple[int, str]:
    """How pytest ended over `tests`, and what it said."""
    options = ["-q", "-x", database, "-p", "no:randomly", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-B", "-m", "pytest", *options, *tests], cwd=copy, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=PATIENCE, start_new_session=True,
    )  # fmt: skip
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
