"""The vocabulary of parameters: what frameworks and people call those of training, of models and of language models."""

import re

from apps.analysis.expressions import expression

TRAINING = {
    "learning rate": r"lr|learning_?rate|eta0?|base_lr|init(ial)?_?lr|lr0|max_lr|min_lr|lr_(factor|patience|gamma)|rate|alpha_lr|learningRate|stepSize",
    "batch size": r"(train_?|eval_?|val_?|test_?|mini_?|micro_?)?batch_?size|bs|batch|per_(device|gpu)_\w*batch_size|batchSize|train_batch_size",
    "epochs": r"(n|num|max|nb|total|num_train|training|no_of|number_of|train)?_?epochs?|num_(boost_)?rounds?|n_iter|nrounds|numIterations|max_?iter(s|ations)?|maxIter|"
    r"(max|num|train|training|total|num_train)_(train_)?(steps|iters?|iterations|timesteps)|total_timesteps",
    "optimizer": r"optimi[sz]er(_name)?|momentum|weight_?decay|beta_?[12]|betas|warmup_(steps?|ratio|epochs?|iters?|proportion|factor|lr)|gradient_accumulation_steps|(max_)?grad(ient)?_(norm|clip)\w*|(lr_)?scheduler(_type)?|clip_?norm|"
    r"label_smoothing|(early_stopping_)?patience|early_stopping(_rounds)?|T_max|lr_decay\w*|adam_\w+|early_stop",
    "split": r"(test|val|valid|validation|train)_?(size|split|ratio|frac(tion)?|pct|percent)|(training|testing|train|test)_set_size|split_ratio|cv|(n|k|num)_?(splits|folds?)|test_split",
    "seed": r"(random_?)?(seed|state)|random_seed",
}  # fmt: skip
MINOR = frozenset({"split", "seed"})  # these alone do not spoil a verdict
MODEL = {
    "trees": r"n_estimators|num_trees|ntree|ntrees|max_?depth|min_samples_(leaf|split)|max_features|num_leaves|min_child_(weight|samples)|max_leaf_nodes|numTrees|min_split_loss|max_bins|mtry",
    "regularisation": r"alpha|reg_(alpha|lambda)|lambda_?l?[12]?|l[12](_ratio|_reg\w*)?|C|penalty|gamma|subsample|colsample_by\w+|reg(ularization)?(_param)?|regParam|elasticNetParam|regp|min_impurity_\w+|beta|epsilon",
    "kernel": r"kernel(_type)?|degree|n_neighbors|n_clusters|eps|min_samples|n_components|loss|n_features|solver|criterion|booster|objective|fit_intercept|tol|hidden_layer_sizes|zeta|sigma|"
    r"max_df|min_df|ngram_range|algorithm|class_weight|loss_function|nu|strategy|n_factors|num_factors|factors",
    "layers": r"(n|num|no|nb)?_?(hidden_?)?layers?(_(size|num|count|dim))?|n_layer|n_head|n_embd|(n|num)_(heads?|blocks?|filters|kernels|units|neurons|attention_heads|hidden_layers)|units|filters|"
    r"hidden(_?(size|dim|units|channels|features|layer_size))?|embed(ding)?_?(dim|size)|d_model|d_ff|dropout(_?(p|rate|prob|ratio))?|kernel_size|activation|block_size|latent_dim|z_dim|"
    r"bottleneck_dim|growth_rate|depth|width_mult\w*|lstm_units|rnn_\w+|input_size|backbone|arch(itecture)?|model_type|intermediate_size|lora_\w+|in_channels|ndf|ngf|nz",
    "sequence": r"max_?(seq_?)?(len(gth)?|sequence_length)|seq(uence)?_?len(gth)?|maxlen|window_?size|lookback|time_?steps|n_lags|horizon|max_(source|target)_length|max_words|num_words|image_size|img_size|imgsz|max_seq_length|context_length",
    "sampling": r"temperature|top_?[kp]|max_(new_|output_|completion_)?tokens|frequency_penalty|presence_penalty|num_predict|repetition_penalty|num_ctx|beam_(size|width)|num_beams",
    "threshold": r"(score|similarity|confidence|conf|decision|iou|classification|prob(ability)?|match|distance)?_?(threshold|thresh|thres|cutoff)(_(score|value))?|conf_thres|score_cutoff",
}  # fmt: skip
# Groups whose names everyday code uses for other things; they count where a framework of models is at hand.
ALSO_EVERYDAY = frozenset({"threshold", "kernel", "layers", "sampling", "sequence"})
LANGUAGE = {
    "model": r"(llm|chat|gpt|openai|embedding|embeddings|embed|generation|base|generator|reranker?|rag|fast|smart|text|azure|anthropic|groq|ollama|hf|default|cross_encoder|text_embedding)?_?(llm_)?model(_?(name|id|path|version|type|size_or_path))?|deployment_name|engine|modelName|repo_id|llm_mode|embedding_engine",
    "retrieval": r"chunk_?(size|overlap|length)|k|(similarity_)?top_k|n_results|num_results|(score|similarity)_threshold|fetch_k|search_kwargs|max_context\w*|max_docs|lambda_mult|retriever_k|limit_k|top_n",
}  # fmt: skip
LANGUAGE_CALL = expression(
    r"Chat|OpenAI|LLM|Llama|Ollama|Anthropic|Cohere|Gemini|Generative|Bedrock|Embedding|completion|Completion|messages\.create|responses\.create|invoke|Splitter|similarity_search|as_retriever|query|"
    r"retriev|generate|chat|SentenceTransformer|CrossEncoder|Retriever|from_defaults|Groq|Mistral|HuggingFace|Rerank|pipeline|embed|chunk|from_pretrained|init_chat_model|search|WhisperModel",
)
# Calls that take the name of a model first, as shell patterns.
NAMED_FIRST = (
    "*.GenerativeModel", "*.GenerativeModel.from_pretrained", "*.init_chat_model", "*ForCausalLM.from_pretrained", "sentence_transformers.SentenceTransformer",
    "sentence_transformers.CrossEncoder", "ollama.generate", "ollama.chat", "litellm.completion", "litellm.acompletion", "faster_whisper.WhisperModel", "whisper.load_model",
)  # fmt: skip
GENERIC_FLAG = expression(
    r"^-{0,2}(hparams?|hyper[-_]?param\w*|params?|overrides?|set|opts?|train_loop_config|model_(params|args|config)|training_args|config_overrides)$"
)
PRESET_FLAG = expression(
    r"^-{0,2}(config|cfg|conf|config[-_]?(file|path|name|yaml|fn)|cfg[-_]?file|params?[-_](file|path)|hyp|hparams?[-_]file|preset|experiment|recipe|yaml[-_]?(file|path)?|opt|c|settings|data_config|model_config)$"
)
PRESET_VARIABLE = expression(r"(CONFIG|SETTINGS|PROFILE)S?(_(FILE|PATH|NAME|DIR|FOLDER))?$")
# Calls that load a configuration file, as shell patterns.
LOADS_CONFIG = (
    "yaml.load", "yaml.safe_load", "yaml.full_load", "yaml.unsafe_load", "toml.load", "tomllib.load", "tomli.load",
    "OmegaConf.load", "*.OmegaConf.load", "Config.fromfile", "*.Config.fromfile",
)  # fmt: skip
CONFIG_NAME = expression(
    r"(^|[/_-])(config\w*|conf|settings|params?|parameters|hparams?|hyper_?param\w*|constants?|consts?|options?|arguments|args|defaults?|globals?|cfg)\.py$"
)
CONFIG_CLASS = expression(
    r"(Config|Configuration|Params|Parameters|Args|Arguments|Settings|HParams|Hyperparameters|CFG|Options|Opt|Constants?|cfg)$"
)
CONFIG_FILES = expression(
    r"(^|/)(conf|configs?|params?|parameters|hparams|experiments?|settings|recipes|hydra)/|(config|conf|param|hparam|hyp|settings|train|model|experiment|finetune|opt)[^/]*\.(ya?ml|json|toml|ini|cfg|gin|conf)$",
    re.IGNORECASE,
)
NO_CONFIG = expression(
    r"(^|/)(\.github|\.circleci|charts?|k8s|kubernetes|helm|deploy\w*|infra\w*|terraform)/|docker-compose|package(-lock)?\.json|(^|/)(metrics|reports?|outputs?|logs?)/|results?[^/]*\.json$|tsconfig|mkdocs|\.pre-commit|pyproject|setup\.cfg|vocab|tokenizer|labels?\.json|environment\.ya?ml|kafka|template\.ya?ml$|(^|/)catalog\w*\.ya?ml$",
    re.IGNORECASE,
)
# Scripts that set nothing for a run.
ASIDE = expression(
    r"(^|/)(setup\.py|conftest\.py|(bench|debug|diagnos|explain|visuali|plot)\w*\.py)$|(^|/)(analysis|diagnostics|visuali[sz]ations?|plots?)/"
)
# By what a search draws a value for each trial.
DRAWS = (
    "*.suggest_int",
    "*.suggest_float",
    "*.suggest_categorical",
    "*.suggest_uniform",
    "*.suggest_loguniform",
    "*.suggest_discrete_uniform",
)
# Calls that make one layer of a network: what they are handed is its structure.
LAYER = expression(
    r"(^|\.)(conv\w*|\w*conv[123]d\w*|dense|linear|lstm\w*|gru\w*|rnn\w*|embedding|dropout|activation|\w*pool\w*|\w*norm\w*|multihead\w*|bidirectional|separable\w*)$",
    re.IGNORECASE,
)
LAYERS = ("*.Dense", "*.Conv2D", "*.LSTM", "*.GRU", "*.Embedding", "torch.nn.Linear", "torch.nn.Conv2d", "torch.nn.LSTM", "*.Dropout", "nn.Linear", "nn.Conv2d", "nn.LSTM")  # fmt: skip
# Calls that declare flags, and those whose arguments set nothing.
FLAGS = frozenset(
    {
        "add_argument",
        "option",
        "argument",
        "add_option",
        "DEFINE_integer",
        "DEFINE_float",
        "DEFINE_string",
        "DEFINE_enum",
        "DEFINE_bool",
        "DEFINE_boolean",
        "DEFINE_list",
        "DEFINE_multi_integer",
        "DEFINE_multi_float",
        "DEFINE_multi_string",
        "Parameter",
        "add_hparam",
    }
)
NO_SETTINGS = frozenset({
    "add_argument", "option", "Parameter", "print", "info", "format", "log_param", "log_metric", "dict_keys",
    "deque", "Queue", "LRUCache", "TTLCache",
    # what a field of a request, a form or a table may hold
    "Field", "Query", "Body", "Form", "Path", "Header", "constr", "conlist", "StringConstraints", "CharField", "SlugField", "URLField", "EmailField", "FileField", "ImageField", "StringField", "Length",
})  # fmt: skip
# What a trainer of a library can be told, by group and name.
OF_LIBRARIES = (("learning rate", "learning_rate"), ("batch size", "train_batch_size"), ("epochs", "num_train_epochs"))
