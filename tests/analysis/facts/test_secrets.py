"""Credentials are told from placeholders, and what is kept of one is of no use to anybody."""

from __future__ import annotations

import base64

import pytest

from apps.analysis.facts import secrets
from apps.analysis.facts.search import MOST_HITS
from apps.analysis.paths import Kind, kind_of

RANDOM = "9fK2" + "xQ7vLm3Zt8Rw5Ny1Bc6Hd4Gj0Ps"  # joined here, so that no scanner takes it for a real one


def found(text: str) -> list[tuple[str, int, bool]]:
    return [(one.rule, one.line, one.weak) for one in secrets.of(text.encode())]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("key = 'AKIA" + "Q3EGRX7ZP5WNL2KD'", "AWS access key"),
        ("token: ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", "GitHub token"),
        ('API_KEY = "' + RANDOM + '"', "assigned credential"),
        ("export DB_PASSWORD=" + RANDOM, "assigned credential"),
        ("    - AIRFLOW__CORE__FERNET_KEY=7T5" + "wJ0Xb2sQm9vYc4Kp8LrNz1HfGdUeAoRiTyWqEs=", "assigned credential"),
        (
            '"private_key": "-----BEGIN PRIVATE '
            "KEY-----\\n"
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
            "\\n",
            "private key",
        ),
        (f"url = 'https://api.vendor.org/3/film/{{}}?api_key={RANDOM}&language=en'.format(n)", "assigned credential"),
        ("url = 'postgresql://svc:[" + RANDOM + "@db.prod.example.org/x'", "connection string with password"),
        ("url = 'postgresql://svc:" + RANDOM + "@db.prod.example.org/x'", "connection string with password"),
    ],
)
def test_a_credential_of_a_real_shape_is_found_with_its_line(text: str, rule: str) -> None:
    assert (rule, 3, False) in found(f"import os\n\n{text}\n")


HEX, MIXED = "0f3c1b2a9d8e7f6a5b4c", "a1B2c3D4e5F6g7H8i9J0"


def body(letters: str, length: int) -> str:
    return (letters * (length // len(letters) + 1))[:length]


UUID = "-".join(body(HEX, length) for length in (8, 4, 4, 4, 12))


@pytest.mark.parametrize(
    ("prefix", "rest", "rule"),
    [
        ("sk-lf-", UUID, "Langfuse key"),
        ("sk-or-v1-", body(HEX, 64), "OpenRouter key"),
        ("sk-", body(HEX, 32), "DeepSeek key"),
        ("xai-", body(MIXED, 80), "xAI key"),
        ("pplx-", body(MIXED, 48), "Perplexity key"),
        ("nvapi-", body(MIXED, 64), "NVIDIA key"),
        ("fw_", body(MIXED, 24), "Fireworks key"),
        ("csk-", body(HEX, 48), "Cerebras key"),
        ("jina_", body(MIXED, 60), "Jina key"),
        ("llx-", body(MIXED, 48), "LlamaCloud key"),
        ("fc-", body(HEX, 32), "Firecrawl key"),
        ("wandb_v1_", body(MIXED, 77), "W&B key"),
        ("sb_secret_", body(MIXED, 31), "Supabase key"),
        ("rpa_", body("A1B2C3", 40) + "ab12", "RunPod key"),
        ("e2b_", body(HEX, 40), "E2B key"),
        ("napi_", body(HEX, 64), "Neon key"),
        ("pul-", body(HEX, 40), "Pulumi token"),
        ("sntryu_", body(HEX, 64), "Sentry token"),
        ("ntn_", body("123", 11) + body(MIXED, 35), "Notion token"),
        ("figd_", body(MIXED, 40), "Figma token"),
        ("shpat_", body(HEX, 32), "Shopify token"),
        ("AGE-SECRET-KEY-1", body("QPZRY9X8GF2TVDW0", 58), "age key"),
    ],
)
def test_a_credential_is_known_by_its_issuers_shape(prefix: str, rest: str, rule: str) -> None:
    assert found(f"line = '{prefix}{rest}'\n") == [(rule, 1, False)]
    assert found(f"line = '{prefix}{rest[:16]}'\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "API_KEY = os.environ['API_KEY']",
        "token = tokenizer.encode('hello world')",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "password: ${POSTGRES_PASSWORD}",
        'PAD_TOKEN = "<pad>"',
        "url = 'postgresql://user:${PASSWORD}@host/db'",
        "it looks like postgresql://postgres:[password]@db.[ref].acme.co:5432/postgres",
        "![cover](https://codecov.io/gh/a/b/graph/badge.svg?token=Ex9cJ2kQ4mT7vB1nR8wZ)",
        "secret_name = 'prod/database/credentials'",
        "password_field = 'user_password_1'",
        'passlib = "^1.7.4"',
        "next_token = response['NextToken']",
        "split_dataset['val'] = split_dataset.pop('test')  # tokens: 'train2024val'",
        "image: repo/app@sha256:0f3c1b2a9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
        "api_key_header = 'X-Api-Key-2024-Version-01'",
        "model = jina_embeddings_with_late_chunking_for_documents_and_queries_abcd",
        "name = sb_secret_of_the_edge_function_that_signs",
        "https://bucket.s3.amazonaws.com/a.png?X-Amz-Credential=ASIA" + "Q3EGRX7ZP5WNL2KD",
    ],
)
def test_what_is_no_credential_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ['api_key = "your-api-key"', "OPENAI_API_KEY=sk-...", 'secret_key = "change_me"', 'password = "xxxxxxxx"']
)
def test_a_placeholder_is_a_weak_one(text: str) -> None:
    assert [weak for _, _, weak in found(text)] == [True]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('output "hints" {\n  get_password = "gcloud secrets versions access latest"\n}', "outputs.tf"),
        ('existingSecret:\n  name: db\n  passwordKey: "password"\n', "values.yaml"),
        ("userPasswordKey: mysql-password\n", "values.yaml"),
        ('# E.g.: "mysql://admin:password@db:3306/x"\nurl: ""\n', "values.yaml"),
        ("#    - POSTGRES_PASSWORD=mysecretpassword\n", "compose.yaml"),
        ("// password = 'postgres'\n", "main.js"),
        ('echo "  - AWS_SECRET_ACCESS_KEY=your_secret"\n', "help.sh"),
    ],
)
def test_a_plain_word_that_logs_in_nowhere_is_none(text: str, path: str) -> None:
    assert secrets.of(text.encode(), kind=kind_of(path)) == []


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ('password: "postgres"  # of the database\n', True),
        ('PASSWORD: "postgres" \n', True),
        ("echo 'PASSWORD=postgres' > .env\n", True),
        ("#define PASSWORD 'x'\npassword = 'postgres'\n", True),
        (f"# api_key = '{RANDOM}'\n", False),
        (f"# password: {RANDOM}\n", False),
    ],
)
def test_what_looks_like_a_remark_beside_a_credential_is_one(text: str, weak: bool) -> None:
    assert [one.weak for one in secrets.of(text.encode(), kind=kind_of("a.yaml"))] == [weak]


def test_a_placeholder_in_an_example_file_is_expected_there() -> None:
    assert secrets.of(b"OPENAI_API_KEY=your-key\nDB_PASSWORD=changeme\n", path_is_sample=True) == []


def test_a_fallback_of_an_interpolation_is_found() -> None:
    assert found("command: redis-server --requirepass ${REDIS_PASSWORD:-changeme}") == [
        ("assigned credential", 1, True)
    ]
    assert found("spring.datasource.password=${DB_PASSWORD:postgres}") == [("assigned credential", 1, True)]
    assert found("password: ${DB_PASSWORD:-}") == []


def test_a_web_token_of_a_demonstration_is_none() -> None:
    def token(claims: str) -> str:
        parts = ['{"alg": "HS256", "typ": "JWT"}', claims]
        return ".".join(
            [
                *(base64.urlsafe_b64encode(one.encode()).decode().rstrip("=") for one in parts),
                "tQ7xK2vLm9Zt8Rw5Ny1Bc6Hd4",
            ]
        )

    assert found("key = '" + token('{"iss": "vendor-demo", "role": "anon"}') + "'") == []
    assert found("key = '" + token('{"iss": "vendor", "role": "service"}') + "'") == [("signed web token", 1, False)]


def test_a_default_of_an_environment_variable_is_found() -> None:
    assert found('os.getenv("DB_PASSWORD", "postgres")') == [("assigned credential", 1, True)]


def test_a_local_default_is_a_weak_one() -> None:
    assert found("POSTGRES_PASSWORD=postgres\n") == [("assigned credential", 1, True)]
    assert found("url = 'postgresql://mlflow:mlflow@db:5432/mlflow'")[0][2] is True


def test_what_is_kept_of_a_credential_is_masked() -> None:
    (one,) = secrets.of(f'api_key = "{RANDOM}"'.encode())
    assert RANDOM not in one.masked
    assert len(one.masked.split("…")[0]) <= 4
    assert RANDOM not in secrets.redacted(f'api_key = "{RANDOM}"')


def test_a_megabyte_on_one_line_is_searched_in_no_time_and_without_error() -> None:
    assert secrets.of(b"a" * 1_000_000) == []
    assert len(secrets.of((f'k="x"; api_key="{RANDOM}"; ' * 5000).encode())) >= 1


def test_a_default_is_given_to_what_a_call_asks_for_and_not_to_a_word_of_a_list():
    asked = 'import os\n\nkey = os.getenv("DB_PASSWORD", "hunter2")\n'
    listed = 'WORDS = ("key", "token", "password", "credential")\n'
    assert [line for _, line, _ in found(asked)] == [3]
    assert found(listed) == []


@pytest.mark.parametrize(
    "text", ["app.secret_key = 'dev'", "app.config['SECRET_KEY'] = 'anything'", "SECRET_KEY = 'x1'"]
)
def test_a_plain_key_of_sessions_is_weak(text: str) -> None:
    assert found(text) == [("assigned credential", 1, True)]


@pytest.mark.parametrize(
    "text", ["app.secret_key = os.environ['K']", "secret_key = load()", "kubernetes_secret_key = 'db'"]
)
def test_a_key_of_sessions_from_elsewhere_is_none(text: str) -> None:
    assert found(text) == []


def test_a_key_of_kaggle_is_told_by_what_stands_beside_it() -> None:
    key = "0f3c1b2a9d8e7f6a" + "5b4c3d2e1f0a9b8c"
    assert found(f'{{"username":"jane","key":"{key}"}}') == [("Kaggle key", 1, False)]
    assert found(f"os.environ['KAGGLE_KEY'] = '{key}'") == [("Kaggle key", 1, False)]
    assert found(f'{{"etag":"jane","key":"{key}"}}') == []


def test_each_credential_has_its_line_in_whatever_order_they_are_found() -> None:
    aws, github = "AKIA" + "Q3EGRX7ZP5WNL2KD", "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    address = f"postgresql://svc:{RANDOM}@db.prod.example.org/x"
    lines = ["", f"API_KEY = '{RANDOM}'", f"a = '{github}'", "", f"b = '{aws}'", "", f"url = '{address}'"]
    lines += [f"d = '{aws[:-1]}E'", f"e = '{github[:-1]}7'"]
    for written in (lines, lines[::-1]):
        assert sorted({line for _, line, _ in found("\n".join(written))}) == [
            number for number, line in enumerate(written, start=1) if line
        ]


def test_a_common_word_hides_no_key_behind_it() -> None:
    users = '{"username": "a"}\n' * (MOST_HITS + 1)
    assert [rule for rule, *_ in found(f"{users}ghp_{RANDOM}1a2B3c4D\n")] == ["GitHub token"]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('"appId": "3b9e62d1-7c40-4f5a-b817-{end}"', False),
        ('"password": "ffffffff-0000-0000-0000-{end}"', False),
        ('"password": "3b9e62d1-7c40-4f5a-b817-{end}"', True),
        ('"appid": "9c41f7d2{end}5b3a08e6d7c4"', True),
    ],
)
def test_the_id_of_an_application_and_one_that_nobody_was_given_open_nothing(text: str, holds: bool) -> None:
    assert bool(found(text.format(end="90ad16e2" + "5f83"))) is holds


STORED = "apiVersion: v1\nkind: {kind}\nmetadata:\n  name: store\n{key}:\n  DB_PASSWORD: {value}\n"


@pytest.mark.parametrize(
    ("value", "weak"),
    [
        ("recsys_pass", True),
        ("changeme\n", True),
        ("your-api-key", True),
        (f"{RANDOM}#7", False),
        ("xK9$mQ2v" + "Lp7#nR4t", False),
    ],
)
def test_what_a_secret_of_kubernetes_holds_is_read_behind_its_encoding(value: str, weak: bool) -> None:
    encoded = base64.b64encode(value.encode()).decode()
    text = STORED.format(kind="Secret", key="data", value=encoded)
    assert [one.weak for one in secrets.of(text.encode(), kind=Kind.YAML)] == [weak]


@pytest.mark.parametrize(("value", "weak"), [("your-256-bit-secret-goes-here", True), (f"svc-{RANDOM}", False)])
def test_what_is_encoded_to_be_replaced_is_weak_elsewhere_too(value: str, weak: bool) -> None:
    encoded = base64.b64encode(value.encode()).decode()
    assert [told for _, _, told in found(f"    - JWT_SECRET={encoded}")] == [weak]


def test_what_a_secret_of_kubernetes_holds_in_plain_text_is_no_less_real() -> None:
    plain = STORED.format(kind="Secret", key="stringData", value=RANDOM)
    assert [one.weak for one in secrets.of(plain.encode(), kind=Kind.YAML)] == [False]
