"""Names of server programs: what starts them, and the images that bring them."""

from __future__ import annotations

# Engines of models -> the expression of their command.
ENGINES = {
    "SGLang": r"\bsglang\.launch_server\b|\bsglang serve\b",
    "LMDeploy": r"\blmdeploy serve\b",
    "FastChat": r"\bfastchat\.serve\.(?:openai_api_server|controller|\w*worker|gradio_web_server\w*)\b",
    "Xinference": r"\bxinference-(?:local|supervisor|worker)\b",
    "OpenLLM": r"\bopenllm (?:start|serve)\b",
    "TensorRT-LLM": r"\btrtllm-serve\b",
    "MLC": r"\bmlc_llm serve\b",
    "MLX": r"\bmlx_(?:lm|vlm)\.server\b",
    "Aphrodite": r"\baphrodite (?:run|serve)\b|\baphrodite\.endpoints\b",
    "Infinity": r"\binfinity_emb v2\b",
    "LiteLLM": r"\blitellm --(?:config|model|port|host)\b",
    "Transformers": r"\btransformers serve\b",
    "LightLLM": r"\blightllm\.server\b",
    "ms-swift": r"\bswift deploy\b",
    "LLaMA-Factory": r"\bllamafactory-cli (?:api|webchat|webui)\b",
    "llama.cpp": r"\bllama-server\b|\bllama_cpp\.server\b",
    "Jina": r"\bjina (?:flow|executor|gateway|deployment|pod)\b",
    "MLflow AI Gateway": r"\bmlflow gateway start\b|\bmlflow deployments start-server\b",
    "Label Studio ML": r"\blabel-studio-ml start\b",
}
# Frameworks of pages and of web applications -> the expression of the command that serves what is written with them.
FRAMEWORKS = {
    "solara": r"\bsolara run\b",
    "mesop": r"(?:^|[\s;&|/])mesop \S+\.py\b",
    "reflex": r"\breflex run\b",
    "marimo": r"\bmarimo run\b",
    "bokeh": r"\bbokeh serve\b",
    "shiny": r"\bshiny run\b",
    "Wave": r"\bwave run\b",
    "Writer": r"\b(?:streamsync|writer) run\b",
    "taipy": r"\btaipy run\b",
    "Sanic": r"(?:^|[\s;&|/])sanic \w[\w.]*[:.]\w+",
    "Litestar": r"\b(?:litestar|starlite)\b.{0,80}\srun\b",
    "Robyn": r"(?:-m |^|[\s;&|])robyn \S+\.py\b",
    "pserve": r"(?:^|[\s;&|/])pserve\s+\S",
    "mod_wsgi": r"\bmod_wsgi-express start-server\b",
    "quart run": r"\bquart\b.{0,80}\srun\b",
}
DEVELOPMENT = frozenset({"quart run"})

# Engines of models -> the expression of the image that brings them.
ENGINE_IMAGES = {
    "SGLang": r"lmsysorg/sglang",
    "LMDeploy": r"openmmlab/lmdeploy",
    "llama.cpp": r"llama\.cpp:(?:server|full)|llama-cpp-python",
    "LocalAI": r"localai/localai|go-skynet/local-ai",
    "LiteLLM": r"berriai/litellm",
    "Infinity": r"michaelf34/infinity",
    "Xinference": r"xprobe/xinference",
    "TensorRT-LLM": r"nvidia/tensorrt-llm",
    "NIM": r"nvcr\.io/nim/",
    "Tabby": r"tabbyml/tabby",
    "OpenVINO Model Server": r"openvino/model_server",
    "ClearML Serving": r"clearml-serving-inference",
    "Jina": r"(?:^|[/\s])jinaai/jina\b",
    "rasa": r"(?:^|[/\s])rasa/rasa(?!-x)",
    "Ollama": r"(?:^|[/\s])ollama/ollama",
}
# Servers of models, of which an image names the model or brings it; likewise.
MODEL_IMAGES = {
    "TensorFlow Serving": r"(?:tensorflow/|/tensorflow-)serving\b",
    "Triton": r"tritonserver(?!\S{0,60}-sdk)",
    "TorchServe": r"(?:^|[/\s])(?:pytorch-)?torchserve",
    "vLLM": r"vllm/vllm",
    "Text Generation Inference": r"text-(?:generation|embeddings)-inference",
    "MLServer": r"seldonio/|mlserver",
}
FRAMEWORK_IMAGES = {
    "NGINX Unit": r"(?:^|[/\s])(?:nginx/)?unit:\S*python",
    "plumber": r"(?:^|[/\s])rstudio/plumber\b",
}

STARTS = "|".join([*ENGINES.values(), *FRAMEWORKS.values()])
MODEL_SERVERS = "|".join(MODEL_IMAGES.values())
IMAGES = "|".join([*ENGINE_IMAGES.values(), *FRAMEWORK_IMAGES.values()])
RUNS_IMAGE = r"\b(?:docker|podman) run\b"


def run_by_hand(images: str) -> str:
    """An expression for commands that run one of the images; from where the first begins, each word is met once."""
    return rf"(?m:^)(?>.*?{RUNS_IMAGE}).*(?:{images})"


# Engines that load a language model by themselves, and those that load another one.
_LANGUAGE = (
    "SGLang", "LMDeploy", "FastChat", "Xinference", "OpenLLM", "TensorRT-LLM", "MLC", "MLX", "Aphrodite", "Transformers", "LightLLM", "ms-swift", "LLaMA-Factory", "llama.cpp", "LocalAI", "Tabby", "Ollama",
)  # fmt: skip
_OTHER = ("Infinity", "NIM", "OpenVINO Model Server", "ClearML Serving")


def _of(names: tuple[str, ...]) -> str:
    return "|".join(table[name] for name in names for table in (ENGINES, ENGINE_IMAGES) if name in table)


LANGUAGE_MODELS = _of(_LANGUAGE)
OTHER_MODELS = _of(_OTHER)
# Those whose own endpoint tells whether they are well.
WITH_HEALTH = (frozenset(ENGINES) | frozenset(ENGINE_IMAGES)) - {"Label Studio ML", "rasa"}
