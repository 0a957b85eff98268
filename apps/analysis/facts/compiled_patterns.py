"""The named patterns for languages whose files are read as text: C, C++, Rust, Julia, Lua, Swift, Dart, Ruby, PHP, MATLAB.

What other languages call `x` stands here as `x-compiled`. As in `signal_patterns`, what may repeat is bounded.
"""

from __future__ import annotations

COMPILED: dict[str, str] = {
    "train-in-text": r"\bFlux\.train!\s*\(|\bfit!\s*\(\s*mach|\boptim\.(?:sgd|adam|rmsprop|adagrad|adadelta|lbfgs)\s*\(|\bcriterion:backward\s*\(|\btorch::optim::\w+|->train\s*\([^\n]{0,80}ROW_SAMPLE|\bRumale::\w+::\w+\.new|\buse Phpml\\(?:Classification|Regression|Clustering|NeuralNetwork)|"
    r"\bLearnerBuilder::new|\bML(?:Image|Text|Sound|Activity|Action|Hand\w{1,8})?(?:Classifier|Regressor|Recommender)\s*\(\s*training|\btrainNetwork\s*\(|\btrainnet\s*\(|\bfit(?:c|r)(?:svm|tree|knn|ecoc|ensemble|net|linear|discr|nb|gp)\s*\("
    r"|\bsingle_train_step!?\s*\(|\bFlux\.update!\s*\(|\bOptimise(?:rs)?\.(?:update!?|train!)\s*\(|(?<![\w.])train!\s*\(\s*\(?\s*(?:loss|cost)|\bsample\s*\(\s*\w{1,40}(?:\([^()\n]{0,80}\))?,\s*(?:Turing\.)?(?:NUTS|HMC|HMCDA|MH|PG|SMC|Gibbs)\s*\(|\.backward_step\s*\(|\bsolver_?(?:->|\.)Step\s*\(\s*\d{1,9}\s*\)|\bGetSolver<|\bsvm_train\s*\(|\bfann_train\w{0,20}\s*\(|\bkann_train\w{0,20}\s*\(|"
    r"\bXGBoosterUpdateOneIter\s*\(|\bLGBM_BoosterUpdateOneIter\s*\(|\bcv::ml::\w{1,20}::create\s*\(|\bmlpack::(?!(?:Timers?|Log|CLI|IO|data|math|util|metric|bindings)\b)\w{1,40}",
    "learning-use-compiled": r"\b(?:smartcore|linfa(?:_\w{1,30})?)::",
    "fit-compiled": r"(?:::|\.)fit(?:_with)?\s*\(",
    "trainer-compiled": r"\btrainer\.train(?:_one_step)?\s*\(",  # of dlib
    "train-by-hand-compiled": r"\bfn\s+(?:fit(?:_(?:model|transform|batch|one|epoch)\w{0,12})?|train(?:(?:_|(?=[A-Z]))\w{1,20})?)\s*(?:<[^>\n]{0,80}>)?\(|^[ \t]*function\s+(?:\w{1,40}\.)?(?:fit(?:_(?:model|transform|batch|one|epoch)\w{0,12})?|train(?:(?:_|(?=[A-Z]))\w{1,20})?)!?\s*\(|\b(?:void|float|double|bool|int)\s+\w{1,40}::(?:[tT]rain(?:_?(?:[mM]odel|[oO]n|[bB]atch|[eE]poch|[sS]tep|[nN]etwork)\w{0,12})?|[fF]it|[bB]ackprop\w{0,12})\s*\(",
    "predict-by-hand-compiled": r"\bfn\s+(?:predict|forward|infer)\w{0,20}\s*(?:<[^>\n]{0,80}>)?\(|^[ \t]*function\s+(?:\w{1,40}\.)?(?:predict|forward)\w{0,20}!?\s*\(|\b[\w:<>&*]{1,60}\s+\w{1,40}::(?:[pP]redict|[fF]orward|[fF]eed_?[fF]orward)\w{0,20}\s*\(",
    "model-load-compiled": r"\btorch::jit::load\s*\(|\bdnn::readNet\w{0,30}\s*\(|\breadNetFrom\w{1,20}\s*\(|\bOrt::Session\b|\b(?:core|ie|core_|ie_)\.(?:read_model|ReadNetwork|compile_model|LoadNetwork)\s*\(|\bFlatBufferModel::BuildFrom\w{1,10}\s*\(|\bTfLiteModelCreateFromFile\s*\(|\bdeserializeCudaEngine\s*\(|\bCopyTrainedLayersFrom\s*\(|"
    r"\bsvm_load_model\s*\(|\bllama_(?:load_)?model_(?:load_)?from_file\s*\(|\bwhisper_init_from_\w{1,30}\s*\(|\b\w{0,20}[nN]et\w{0,8}(?:\.|->)load_param\s*\(|\bInterpreter::createFromFile\s*\(|\bLoadSavedModel\s*\(|\bXGBoosterLoadModel\s*\(|\bLGBM_BoosterCreateFromModelfile\s*\(|\bload_network(?:_custom)?\s*\([^,()\n]{1,80},[^,()\n]{1,80},\s*[01]\b|"
    r"\bcommit_from_file\s*\(|\bwith_model_from_file\s*\(|\bmodel_for_path\s*\(|\bCModule::load\w{0,20}\s*\(|\bVarBuilder::from_\w{1,30}\s*\(|\bSavedModelBundle::load\s*\(|\brust_bert::|\bBooster::from_file\s*\(|\bloadmodel!\s*\(|\bBSON\.@load\b[^\n]{0,80}(?i:model|net\b|network|chain|weights|params|policy)|\bONNX\.load\s*\(|\bload_inference\s*\(|\btorch\.load\s*\([^\n]{0,60}(?:[mM]odel|[nN]et\b|\.t7)|"
    r"\bVNCoreMLModel\s*\(\s*for|\bMLModel\s*\(\s*contentsOf|\bInterpreter\s*\(\s*modelPath|\bInterpreter\.from(?:Asset|File|Buffer)\s*\(|\bTflite\.loadModel\s*\(|\bPersistentModel::load\s*\(|\bOnnxRuntime::Model\.new|\bimport(?:ONNX|Keras|Caffe|TensorFlow)Network\s*\(|\bloadLearnerForCoder\s*\(",
    "score-compiled": r"\b\w{0,20}(?:[mM]odel|[mM]odule|[nN]et|[nN]etwork)\w{0,4}(?:\.|->|:)(?:forward\w{0,4}|Forward\w{0,12}|predict\w{0,12}|run)\s*\(|\b\w{0,20}[sS]ess(?:ion)?\w{0,4}(?:\.|->)[rR]un\s*\(|\b\w{0,20}[rR]equest\w{0,4}(?:\.|->)(?:infer|Infer|start_async|StartAsync)\s*\(|->Invoke\s*\(|\.invoke\s*\(\s*\)|"
    r"->(?:enqueue|execute)V[23]\s*\(|->(?:enqueue|execute)\s*\(\s*\w{1,40}\s*,|\bsvm_predict\w{0,20}\s*\(|\bllama_decode\s*\(|\bwhisper_full\w{0,20}\s*\(|\bXGBoosterPredict\w{0,20}\s*\(|\bLGBM_BoosterPredict\w{0,30}\s*\(|\bnetwork_predict\w{0,20}\s*\(|\bForwardPrefilled\s*\(|\b\w{0,20}[iI]nterpreter\w{0,4}\.run\w{0,30}\s*\(|"
    r"\bTflite\.(?:runModel|detectObject)\w{0,20}\s*\(|\bVNCoreMLRequest\s*\(|\b(?:predict|predict_mode|predict_mean)\s*\(\s*mach|\.predict(?:_proba|_batch|One|Many)?\s*\(\s*&?\w",
    "prepare-compiled": r"\b(?:fn|function|void|auto|func|def|cv::Mat|Mat|torch::Tensor|std::vector<[^>\n]{1,40}>)\s+(?:\w{1,40}(?:::|\.|:))?\w{0,24}(?:[pP]re_?[pP]rocess|[nN]ormali[sz]e|[tT]okeni[sz]e|[fF]eaturi[sz]e|(?:[eE]xtract|[bB]uild|[cC]ompute)_?\w{0,12}[fF]eatures?|[lL]oad_?\w{0,12}(?:[dD]ata|csv|CSV|Csv)|[sS]plit_?(?:data|train))\w{0,30}!?\s*(?:<[^>\n]{0,40}>)?\(",
    "print-compiled": r"\bstd::c(?:out|err)\b|\bcout\s*<<|\b(?:e?println|e?print)!\s*\(|\bprintln\s*\(|\b(?:printf|puts)\s*\(|\bfprintf\s*\(\s*(?:(?i:std(?:out|err))\b|['\"]|[12]\s*,)",
    "log-compiled": r"\bspdlog::|\b(?:tracing|log|env_logger|tracing_subscriber)::(?:info|warn|error|debug|init|fmt|try_init)\b|\bLOG\s*\((?:INFO|WARNING|ERROR)\)|\bglog/logging|\bRCLCPP_(?:INFO|WARN|ERROR)|\bROS_(?:INFO|WARN|ERROR)|(?<![\w@])@(?:info|warn|error|debug)\s+\S|\bconsole_log!",
    "server-compiled": r"\bHttpServer::new\s*\(|\baxum::(?:serve\s*\(|Server::bind)|\bwarp::serve\s*\(|\brocket::(?:build|ignite)\s*\(|\btonic::transport::Server\b|\bcrow::(?:SimpleApp|App<)|\bhttplib::(?:SSL)?Server\b|"
    r"\bServerBuilder\s+\w+\s*;|\bdrogon::app\s*\(|^require\s+['\"]sinatra|\bHTTP\.serve!?\s*\(|^(?:using|import)[ \t]+(?:Genie|Oxygen)\b",
    "environment-compiled": r"\benv::var(?:_os)?\s*\(|\b(?:std::|secure_)?getenv\s*\(\s*\"|\bENV\s*\[\s*['\"]|\b(?:get|haskey)\s*\(\s*ENV\b|\bENV\.fetch\s*\(|\bdotenvy?::|\bos\.getenv\s*\(|\bProcessInfo\.processInfo\.environment\b|\bPlatform\.environment\b",
    "arguments-compiled": r"\bclap::|#\[(?:arg|clap|structopt)\s*\(|^[ \t]*(?:pub(?:\(crate\))?[ \t]+)?port[ \t]*:[ \t]*u16,?[ \t]*$|\benv::args\s*\(|\bargv\s*\[\s*[1-9]|\bgetopt(?:_long)?\s*\(|\bcxxopts::|\bCLI::App\b|\bDEFINE_(?:string|u?int(?:32|64)|bool|double)\s*\(|\bABSL_FLAG\s*\(|\bpo::options_description\b|@add_arg_table!?|\bARGS\s*\[\s*\d",
    "shutdown-compiled": r"\.with_graceful_shutdown\s*\(|\bSignalKind::terminate\s*\(",
}
