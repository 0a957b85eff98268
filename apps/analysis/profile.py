"""What the system *is*: whether it trains, serves, runs batch jobs, keeps a schema… Applicability rests on this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.claims import Claim, Profile
from apps.analysis.expressions import expression
from apps.analysis.findings import spread
from apps.analysis.foreign import languages, model_loading
from apps.analysis.learning import by_hand, by_http, frameworks, owned, ready, stages, trained_elsewhere
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import model_servers, serving

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


def profile_of(facts: Facts) -> Profile:
    trains, language_model = _trains(facts), _language_model(facts)
    elsewhere, public = places(model_loading.loads(facts)), places(model_loading.public(facts))
    brought = places([*ready.bundled(facts), *ready.held(facts)])
    loads = [*places(frameworks.loads(facts)), *elsewhere, *places(frameworks.handed_models(facts)), *public, *brought]
    # what code in C++ or Rust loads was exported elsewhere, most often from what somebody published
    stored = places(pair for pair in model_loading.loads(facts) if not languages.is_compiled(pair[0]))
    stored = [] if model_loading.published(facts) else stored
    own = [] if trains else [*places(owned.own_models(facts)), *stored]
    return Profile(
        trains=_claim(trains),
        serves=_claim([*places(serving.servers(facts)), *places(serving.managed(facts))]),
        batch=_claim(_batch(facts)),
        language_model=_claim(language_model),
        model=_claim(
            [
                *trains,
                *loads,
                *language_model,
                *places(owned.public_models(facts)),
                *places(ready.asked(facts)),
                *places(frameworks.batch_predictions(facts)),
            ]
        ),
        loads_model=_claim(loads),
        own_model=_claim([*trains, *own]),
        schema=_claim(_schema(facts)),
        stages={name: _claim(found.evidence) for name, found in stages.of(facts).items()},
        notebooks_only=_are_all_notebooks(
            [*facts.scripts, *facts.notebooks, *facts.of_kind(*_CODE_KINDS), *languages.compiled_files(facts)]
        ),
    )


def _are_all_notebooks(files: Sequence[File]) -> bool:
    return bool(files) and all(file.is_notebook for file in files)


_CODE_KINDS = (Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO)


def _claim(evidence: Iterable[Evidence]) -> Claim:
    kept = tuple(spread(evidence))[:6]
    return Claim(bool(kept), kept)


def _trains(facts: Facts) -> list[Evidence]:
    here = [
        *places(frameworks.fits(facts)),
        *places(frameworks.managed_training(facts)),
        *places(trained_elsewhere.training(facts)),
    ]
    lesser = (
        frameworks.named_training,
        frameworks.saved_similarities,
        frameworks.recorded_runs,
        by_hand.tables,
        owned.unread_notebooks,
    )
    if here:
        entries = stages.training_entries(facts, {place.path for place in here})
        return [*here[:1], *places(entries), *here[1:]]
    return next((places(found) for look in lesser if (found := look(facts))), [])


# --- jobs ---------------------------------------------------------------------------------------------------------------
ORCHESTRATORS = (
    "airflow", "prefect", "dagster", "kedro", "zenml", "kfp", "luigi", "metaflow", "flytekit", "argo_workflows", "hera", "sagemaker.workflow", "sagemaker.mlops", "mage_ai",
    "azureml.pipeline", "azure.ai.ml", "apscheduler", "celery", "dramatiq", "rq", "ploomber", "clearml", "tfx", "apache_beam", "bytewax", "pyflink", "steps.pipeline", "hamilton", "orchest",
    "arq", "huey", "taskiq", "taskiq_redis", "taskiq_aio_pika", "procrastinate", "temporalio", "flyte", "hatchet_sdk", "inngest", "dbos", "dlt",
)  # fmt: skip
_PIPELINES_OF_R = r"\b(library|require)\(\s*['\"]?(targets|drake)\b"
_JOB_NAMES = ("batch", "predict", "score", "infer", "pipeline", "etl", "ingest", "backfill", "index")


def _batch(facts: Facts) -> list[Evidence]:
    named = [
        (file, file.facts.code.main)
        for file in facts.scripts
        if file.facts.code and file.facts.code.main and any(word in file.name for word in _JOB_NAMES)
    ]
    declared = facts.leaves(r"(^|/)(dvc\.yaml|MLproject)$") + facts.leaves(
        r"\.ya?ml$",
        "kind",
        value=r"^(CronJob|Job|Workflow|CronWorkflow|SparkApplication|ScheduledSparkApplication|RayJob|PipelineRun)$",
    )
    declared += facts.leaves(r"\.ya?ml$", "$schema", value=r"(pipeline|command|parallel|sweep)Job\.schema\.json")
    spark = [(file, line) for file, line, _ in facts.signals("spark")]
    return [
        *places(facts.imports(*ORCHESTRATORS)),
        *places(pair for pair in facts.imports("schedule") if not _is_own(ready.own_modules(facts), *pair)),
        *places(facts.calls("google.cloud.aiplatform.PipelineJob", "*.pipeline_jobs.PipelineJob")),
        *places(named),
        *places(declared[:3]),
        *places(facts.calls("pyspark.sql.SparkSession*", "pyspark.SparkContext")),
        *places(frameworks.batch_predictions(facts)),
        *places(spark),
        *places(languages.managed_streams(facts)),
        *places((file, line) for file, line, _ in facts.signals("import", _PIPELINES_OF_R) if file.kind is Kind.R),
    ]


# --- language models ------------------------------------------------------------------------------------------------------
LANGUAGE_MODELS = (
    "openai", "anthropic", "langchain", "langchain_openai", "langchain_core", "langchain_community", "langchain_anthropic", "langgraph", "llama_index",
    "cohere", "litellm", "vllm", "ollama", "google.generativeai", "google.genai", "vertexai.generative_models", "vertexai.language_models", "groq", "mistralai",
    "haystack", "dspy", "guidance", "instructor", "llama_cpp", "semantic_kernel", "autogen", "crewai", "replicate", "together", "chainlit", "smolagents", "pydantic_ai",
    "langchain_groq", "langchain_google_genai", "langchain_ollama", "langchain_huggingface", "langchain_aws", "langchain_mistralai", "langchain_cohere", "deepagents",
    "langchain_google_vertexai", "vertexai.preview.generative_models", "vertexai.preview.language_models", "gpt4all", "exllamav2", "auto_gptq", "text_generation", "agents", "autogen_agentchat",
    "trl", "unsloth", "google.adk", "azure.ai.inference", "azure.ai.projects", "zhipuai", "dashscope", "qianfan", "strands", "camel", "agno", "phi", "ctransformers", "mlx_lm", "sglang", "lmdeploy", "ibm_watsonx_ai", "xai_sdk",
    "langchain_deepseek", "langchain_nvidia_ai_endpoints", "langchain_ibm", "langchain_together", "langchain_fireworks", "langchain_xai", "langchain_cerebras", "letta", "mirascope", "magentic", "ray.serve.llm",
    "outlines", "claude_agent_sdk", "claude_code_sdk", "langchain_classic", "agent_framework", "aisuite", "any_llm", "marvin", "controlflow", "langroid", "swarm", "swarms", "atomic_agents",
    "cerebras.cloud.sdk", "fireworks.client", "portkey_ai", "lmstudio", "llama_stack_client", "ai21", "writerai", "baml_client", "browser_use", "livekit.agents", "lightrag", "graphrag", "embedchain", "nemoguardrails",
)  # fmt: skip
_CAUSAL = (
    "transformers.*ForCausalLM.*",
    "transformers.*LMHeadModel.*",
    "transformers.T5ForConditionalGeneration.*",
    "transformers.Bart*ForConditionalGeneration.*",
    "transformers.Pegasus*ForConditionalGeneration.*",
    "transformers.AutoModelForSeq2SeqLM.*",
    "transformers.TextGenerationPipeline",
    "transformers.*GenerationConfig*",
    "*.text_generation",
    "*.chat_completion",
    "*.chat.completions.create",
)


def _language_model(facts: Facts) -> list[Evidence]:
    """A notebook that tries a language model makes no application of it where there are scripts."""
    files = facts.scripts or facts.notebooks
    own = ready.own_modules(facts)
    libraries = [pair for pair in facts.imports(*LANGUAGE_MODELS, files=files) if not _is_own(own, *pair)]
    scripts = [
        (file, one.line)
        for file, one in facts.dependencies
        if (known := _CLIENTS.get(one.ecosystem)) and known.search(one.name)
        if one.ecosystem != "npm" or _is_imported(facts, one.name)
    ]
    elsewhere = facts.of_kind(Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT)
    asked = [(file, line) for file, line, _ in facts.signals("language-service")] if elsewhere else []
    writing = [*facts.calls(*_CAUSAL, files=files), *_writing_pipelines(facts, files)]
    writing += ready.language_services(facts)
    held = model_servers.language(facts)
    return [
        *places(writing), *places(libraries), *places(scripts), *places(asked), *places(by_http.addresses(facts)), *places(held),
    ]  # fmt: skip


# Clients of language models in other languages, by where their packages come from.
_CLIENTS = {
    "npm": expression(
        r"^(openai|@azure/openai|langchain|@langchain/(core|community|openai|anthropic|ollama|groq|mistralai|google-\w+)|langgraph|@langchain/langgraph|ai|@ai-sdk/[\w-]+|@anthropic-ai/sdk|llamaindex|ollama|groq-sdk|cohere-ai|"
        r"@mistralai/mistralai|@google/(genai|generative-ai)|@google-cloud/vertexai|@aws-sdk/client-bedrock-runtime|node-llama-cpp)$"
    ),
    "maven": expression(
        r"(^|[:/])(langchain4j|spring-ai|openai-java|openai-gpt3-java|azure-ai-openai|anthropic-java|google-genai|google-cloud-vertexai|bedrockruntime|ollama4j|simple-openai|openai-client|openai-scala)"
    ),
    "go": expression(
        r"/(go-openai|openai-go|langchaingo|anthropic-sdk-go|generative-ai-go|ollama|eino|genkit)(/|$)|google\.golang\.org/genai|service/bedrockruntime"
    ),
}


def _is_imported(facts: Facts, package: str) -> bool:
    """Whether code in JavaScript or TypeScript uses what its manifest lists: scaffolds list what nothing asks."""
    return package.lower() in facts.once(_packages_in_scripts) or bool(facts.signals("language-model"))


def _packages_in_scripts(facts: Facts) -> frozenset[str]:
    """What code in other languages imports in quotes, as its packages are called: `openai`, `@ai-sdk/openai`."""
    quoted = (found for _, _, text in facts.signals("import") for found in _QUOTED.findall(text.lower()))
    return frozenset(name for scope, package in quoted for name in (scope, f"{scope}/{package}"))


_QUOTED = expression(r"['\"]([^'\"/\s]+)(?:/([^'\"/\s]+))?(?=['\"/])")


_WRITES_TEXT = expression(r"^(text-generation|text2text-generation|summarization|conversational)$")


def _writing_pipelines(facts: Facts, files: list[File]) -> list[tuple[File, Call]]:
    """Pipelines of a hub's models whose task, in the call or in that of a base class, is to write text."""
    made = facts.calls("transformers.pipeline", "transformers.*.pipeline", files=files)
    inherited = facts.calls("super().__init__", files=files) if made else []
    return [pair for pair in [*made, *inherited] if _WRITES_TEXT.search(str(pair[1].argument(0, "task")))]


def _is_own(own: set[str], file: File, line: int) -> bool:
    """Whether the import at `line` is of the repository's own module of that name (`agents`, `guidance`)."""
    return not own.isdisjoint(file.once(_tops).get(line, ()))


def _tops(file: File) -> dict[int, set[str]]:
    """By lines, what is imported there."""
    tops: dict[int, set[str]] = {}
    for one in file.facts.code.imports if file.facts.code else ():
        tops.setdefault(one.line, set()).add(one.top)
    return tops


# --- schemas ------------------------------------------------------------------------------------------------------------
_TABLE_BASES = (
    "DeclarativeBase",
    "db.Model",
    "models.Model",
    "SQLModel",
    "Document",
    "EmbeddedDocument",
    "beanie.Document",
    "peewee.Model",
    "DeclarativeMeta",
)
_MAPPERS = ("django", "tortoise", "ormar", "odoo", "wagtail", "modelcluster")  # who has a module `models` of tables
# Networks are a `models.Model` too, and so are texts a `Document`.
_NO_TABLES = (
    "docx",
    "pydantic",
    "keras",
    "tensorflow",
    "tf_keras",
    "tf.",
    "allennlp",
    "langchain",
    "llama_index",
    "haystack",
)
_COLLECTIONS = (
    "*.create_all", "*.CollectionSchema", "*.create_class", "qdrant_client.*.create_collection", "*.VectorParams", "*.indices.create", "*.create_hypertable",
    "*.create_or_update_index", "alembic.op.create_table", "sqlalchemy.Table", "*.declarative_base", "*.create_tables", "django.db.migrations.*",
)  # fmt: skip


def _schema(facts: Facts) -> list[Evidence]:
    bases = [
        (file, one)
        for file, one in facts.deriving()
        if one.kind == "class"
        and any(
            base.endswith(_TABLE_BASES)
            and not base.startswith(_NO_TABLES)
            and (not base.endswith("models.Model") or base.startswith(_MAPPERS) or file.imports(*_MAPPERS))
            for base in one.bases
        )
    ]
    queries = facts.texts(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?TABLE\b")
    scripts = [(file, line) for file, line, text in facts.signals("schema", r"TABLE|VIEW")]
    entities = [(file, line) for name in ("entity", "schema-made") for file, line, _ in facts.signals(name)]
    of_mongo = [file for file, _ in facts.imports("pymongo", "motor")]
    of_bigquery = [file for file, _ in facts.imports("google.cloud.bigquery")]
    of_features = [file for file, _ in facts.imports("databricks.feature_store", "databricks.feature_engineering")]
    indexed = facts.calls("*.create_index", files=of_mongo) if of_mongo else []
    featured = facts.calls("*.create_table", files=[*of_features, *of_bigquery]) if of_features or of_bigquery else []
    tools = facts.named(
        r"(^|/)(alembic\.ini|dbt_project\.yml|schema\.prisma|flyway\.conf|liquibase\.properties|V\d+__[^/]+\.sql|changelog[^/]*\.xml)$"
    )
    return [
        *(file.at() for file in tools), *places(bases), *places(entities), *places(scripts), *places(facts.calls(*_COLLECTIONS)), *places(queries),
        *places(indexed), *places(featured),
    ]  # fmt: skip
