"""The named patterns for code without a structural parser: R, Java, Scala, Go, JavaScript; with all others, those of
every kind of file.

Each is meant for lines: what may repeat holds no end of line, or is bounded, so that a search takes time that grows
with the text.
"""

from __future__ import annotations

from apps.analysis.facts.compiled_patterns import COMPILED
from apps.analysis.facts.told_patterns import TOLD
from apps.analysis.paths import Kind

_ANY_CODE = {Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT, Kind.TEXT}

# Names that model zoos give to what they publish: a network with its version or size, or the data set it was trained on.
OF_A_ZOO = (
    r"(?:frozen_inference_graph|tensorflow_inception_graph|imagenet_(?:comp_graph|slim_labels|labels|classes)|(?:ssd|faster_rcnn|mask_rcnn)_\w{2,40}_coco|mobilenet_?v\d|inception_?v\d|resnet[-_]?v?\d{2,3}|efficientnet-?b\d|vgg_?1[69]\b|"
    r"yolo(?:v\d)?[-_](?:tiny|voc|coco)|tiny[-_]yolo|yolov\d{1,2}[nsmlx]6?(?![a-z])|\bcoco[-_.](?:labels?|names|classes)|squeezenet\d?)"
)

# name -> (kinds, pattern)
PATTERNS: dict[str, tuple[set[Kind], str]] = {
    # what a module needs
    "import": (
        _ANY_CODE,
        r"^[ \t]*(?:using[ \t]+[\w.]+;|import[ \t]+(?:static[ \t]+)?[\w.{},* \t$'\"@/-]+|\}[ \t]*from[ \t]+['\"][^'\"\n]+['\"]|(?:library|require|requireNamespace)\s*\(\s*['\"]?[\w.@/-]+|"
        r"from\s+['\"][^'\"]+['\"]|(?:const|let|var)\s+[\w{},][\w{},\s]{0,800}=\s*require\(['\"][^'\"]+)"
        r"|^[ \t]+(?:[\w.]{1,40}[ \t]+)?\"[a-z0-9-]+(?:\.[a-z0-9-]+)+/[^\"\s]+\"[ \t]*$",  # of a block in Go
    ),
    # training
    "train": (
        _ANY_CODE,
        r"\b(?:randomForest|xgb\.train|xgboost|lightgbm|lm|glm|rpart|svm|train|keras_model|fit|ranger|glmnet|gbm|nnet)\s*\("
        r"|\.fit(?:Dataset)?\s*\(|(?<!imaging)\.(?:Fit|Train)\s*\(\s*\w|\.buildClassifier\s*\(|\.train\s*\(|\bmodel\.fit\b|\.newGradientCollector\s*\("
        r"|\bNew(?:Vanilla|Momentum|AdaGrad|Adam|AdamW|RMSProp|BarzilaiBorwein)Solver\s*\(",
    ),
    "train-in-r": (
        {Kind.R},
        r"(?<![.\w])(?:kmeans|hclust|pam|dbscan|Mclust|LDA|lda|qda|naiveBayes|knn|knn3|multinom|polr|nls|gam|lmer|glmer|arima|Arima|auto\.arima|ets|tbats|HoltWinters|prophet|ksvm|ctree|cforest|C5\.0|bagging|adaboost|boosting|"
        r"lgb\.train|lgb\.cv|xgb\.cv|catboost\.train|cv\.glmnet|coxph|survreg|rfsrc|h2o\.(?:automl|gbm|glm|randomForest|deeplearning|xgboost|kmeans)|tune_grid|tune_bayes|fit_resamples|last_fit|brm|Recommender|neuralnet|stm|"
        r"workflow_map|fit_xy|fit_model|ml_(?:linear|logistic)_regression|ml_random_forest\w{0,12}|ml_gbt\w{0,12}|ml_kmeans|cmdstan_model|stan_model|jags\.model|nimbleMCMC|inla|nnetar|bam|kknn|stan_\w{2,8}|h2o\.(?:naiveBayes|stackedEnsemble)|ml_(?:decision_tree|als|naive_bayes|gradient_boosted_trees|multilayer_perceptron)\w{0,12}|ETS|ARIMA|TSLM|NNETAR)\s*\(|\$backward\s*\("
        r"|(?<![.\w])stan\s*\(\s*(?:file|model_code|model_name|['\"])|(?<![.\w])sampling\s*\(\s*(?:object[ \t]*=[ \t]*)?\w{0,40}(?:model|stan)",
    ),
    "train-by-name": (  # what some libraries call training, and other code calls something else
        {Kind.JAVA, Kind.GO, Kind.SCRIPT},
        r"\.(?:Learn|iteration|addExample|minimize)\s*\(|\bnew\s+\w{0,20}(?:Regression|SLR|MLR)\s*\(\s*\w|\bkmeans\s*\(|\.buildClusterer\s*\("
        r"|\bnew\s+(?:Generic(?:Boolean)?\w{0,4}(?:Item|User)Based|SVD|SlopeOne|ItemAverage|ItemUserAverage)Recommender\s*\(|\bnew\s+\w{1,20}Factorizer\s*[(<]|\bLenskitRecommenderEngine\.(?:build|newBuilder)\s*\(|\.(?:factorize|buildRecommender|trainModel)\s*\(",
    ),
    "weights-updated": (  # a step down a gradient that is written out
        {Kind.SCRIPT, Kind.JAVA, Kind.SCALA, Kind.GO},
        r"(?<![\w.])(?:this\.|self\.)?(?:w|b|[wW]eights?\w{0,20}|[bB]ias(?:es)?|theta|coef\w{0,12}|intercept)(?:\[[^\]\n]{1,20}\]){0,3}\s*[-+]=\s*(?:this\.|self\.)?(?:lr|eta|[lL]earning_?[rR]ate)\s*\*.+",
    ),
    "evaluate": (
        _ANY_CODE,
        r"(?:\|>|%>%)\s{0,4}evaluate\s*\(|\bpostResample\s*\(|\b(?:scoringutils|yardstick|ModelMetrics|MLmetrics)::|\b(?:eval_forecasts|loo_compare|tsCV|cv\.glm)\s*\(|h2o\.performance\s*\(|\bnew\s+\w{1,30}Evaluator\s*\(|\bevaluation\.Get\w+\s*\(|\.(?:Regression|BinaryClassification|MulticlassClassification|Ranking|Clustering)\.(?:Evaluate|CrossValidate)\s*\(|\b(?:(?:test|val|valid|compute|calculate|calc|get|eval|mean)_)?(?:confusionMatrix|confusion_matrix|accuracy|rmse|auc|roc|crossValidateModel|evaluateModel|precision|recall|"
        r"Evaluation|Evaluator|f1|metric_set)\w*\s*\(|\b[a-z]{1,20}_(?:compute_)?metrics\w*\s*\(",
    ),
    "prepare-in-r": (
        {Kind.R},
        r"\b(?:createDataPartition|preProcess|initial_split|sample\.split|sample_frac|dummyVars|na\.omit|drop_na|unnest_tokens|DocumentTermMatrix|tm_map|recipe)\s*\("
        r"|\bsample(?:\.int)?\s*\((?!\s{0,9}c\s?\([\d., ]{0,80}\.\d)[^\n]{0,80}?(?:\b0)?\.\d",
    ),
    "connection-argument": (  # of a call that goes over several lines
        {Kind.R},
        r"^[ \t]+(?:host|server|dbname|database|dsn|url)[ \t]*=[ \t]*\S.*",
    ),
    "measure-in-r": (  # predictions beside the truth
        {Kind.R},
        r"\btable\s*\([^()\n]{0,80}?(?<![a-z])[pP]red(?!ict(?:or|ion_?[tT]ime)|at(?:or|ion))|\bmean\s*\(\s*\(?(?:[^()\n]{0,60}?(?<![a-z])[pP]red(?!ict(?:or|ion_?[tT]ime)|at(?:or|ion))[^()\n]{0,60}?(?:[!=]=|-)|[^()\n]{0,60}?(?:[!=]=|-)[^()\n]{0,60}?(?<![a-z])[pP]red(?!ict(?:or|ion_?[tT]ime)|at(?:or|ion)))",
    ),
    "prepare": (  # functions named for the preparation of data, and what libraries prepare them with
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"^[ \t]*(?:(?:public|private|protected|static|final|async|export|override|const|def|func|function)[ \t]+){1,5}(?:\([^)\n]{0,60}\)[ \t]*)?(?:[\w<>\[\],.?]{1,60}[ \t]+)?\w{0,24}?"
        r"(?:[pP]re_?[pP]rocess|[nN]ormali[sz]e|[sS]tandardi[sz]e|[tT]okeni[sz]e|[vV]ectori[sz]e|[cC]leanse|[oO]ne_?[hH]ot|[aA]ugment|ToTensor|(?:[eE]xtract|[bB]uild|[cC]ompute)\w{0,12}Features?|[lL]oad\w{0,16}(?:Data|CSV|Csv)|"
        r"[rR]ead\w{0,12}(?:Csv|CSV|Dataset)|[sS]plit(?:Data|Train)|[eE]ncode\w{0,12}(?:Features?|Labels?|Categor)|[cC]hunk(?:Text|Document))\w{0,30}[ \t]*(?:=|:|\(|<)"
        r"|\b(?:VectorAssembler|StringIndexer|StandardScaler|MinMaxScaler|OneHotEncoder|HashingTF|StopWordsRemover|Normalizer(?:Standardize|MinMaxScaler)|ImagePreProcessingScaler|NativeImageLoader|TransformProcess|StringToWordVector)\b[^\n;]{0,80}\("
        r"|\b\w{0,30}TextSplitter\w{0,12}\s*(?:\(|\.builder)|\bDocumentSplitters\.|\.split(?:Documents|Text)\s*\(|\btextsplitter\.New\w+\s*\("
        r"|\.Transforms\.(?:(?:Text|Categorical|Conversion)\.)?(?!MapKeyToValue)[A-Z]\w{2,40}\s*\(|\.TrainTestSplit\s*\("
        r"|\.(?:randomSplit|resizeBilinear|resizeNearestNeighbor|cropAndResize|oneHot|fromPixels|decodeImage)\s*\(",
    ),
    "validation": (
        {Kind.SCRIPT, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.R},
        r"\bvalidation(?:Split|Data)\b|\bvalidation_(?:split|data)\s*=|\btrainControl\s*\([^)\n]{0,120}?\bmethod\s*=\s*['\"](?!none)|\b(?:model|network|net|classifier|graph)\.evaluate\w{0,20}\s*\(|\bDataSetLossCalculator\b",
    ),
    "invoke": (_ANY_CODE, r"\bnew\s+InvokeEndpoint\w*\s*\(|\.invokeEndpoint\s*\("),
    "predict": (_ANY_CODE, r"\b(?:[pP]redict|Recommend|Infer)\w*\s*\(|\.transform\s*\(|\.classifyInstance\s*\("),
    "predict-in-r": (
        {Kind.R},
        r"(?<![.\w])(?:forecast|posterior_(?:e?pred|predict|linpred)|get_predict\w{0,12}|predicted_draws|epred_draws|add_predictions|gather_predictions)\s*\(|^[ \t]*[\w.]{0,40}(?:predict|forecast)[\w.]{0,40}[ \t]*(?:<-|=)[ \t]*function\b",
    ),
    "model-ask": (
        {Kind.SCRIPT, Kind.GO, Kind.JAVA, Kind.SCALA},
        r"(?<!prisma)(?<!db)\.(?:completions|responses|messages|embeddings)\.create\s*\(|\baudio\.(?:transcriptions|translations)\.create\s*\(|\b(?:CreateChatCompletion\w*|GenerateFromSinglePrompt|generateText|streamText|generateObject|generateContent\w*|embedQuery|embedDocuments)\s*\(",
    ),
    "language-ask": (
        {Kind.SCRIPT, Kind.JAVA, Kind.SCALA, Kind.GO},
        r"\b(?:\w{0,20}[cC]hain|llm|\w{0,20}[mM]odel|chatClient|assistant|agent|graph|retriever|client|chat)\.(?:[iI]nvoke|[sS]tream|[cC]all|[gG]enerate|[cC]hat|prompt|execute)\s*\(|\bllms\.Generate\w{1,40}\s*\(",
    ),
    "model-load": (
        _ANY_CODE - {Kind.TEXT},
        r"XGBoost\.loadModel|\.loadModel\s*\(|SavedModelBundle\.load|ModelEvaluatorBuilder|ModelSerializer\.restore|SerializationHelper\.read|MojoModel\.load|\bMojoPipeline(?:Service)?\.load\w{1,20}\s*\(|\b\w*Model\.load\s*\(|"
        r"OrtEnvironment|\.createPredictor\s*\(|ModelZoo\.load|\.From(?:File|Uri)\s*\(|\bModel\.Load\s*\(|new InferenceSession|InferenceSession\.create|readRDS\s*\(\s*['\"][^'\"\n]{0,120}(?:[mM]odel|[fF]it\b|_fit|forest|xgb|[cC]lassif|_rf\b|\brf_|_lm\b|glm)|\bload\s*\(\s*(?:file\s*=\s*)?['\"][^'\"\n]{0,120}(?:[mM]odel|_fit|forest|xgb|[cC]lassif)[^'\"\n]{0,60}\.[rR][dD]a|load_model_\w{1,40}\s*\(|"
        r"\breadRDS\s*\(\s*(?:file[ \t]*=[ \t]*)?(?:(?:here::)?here|file\.path|paste0?|system\.file)\s*\([^\n]{0,120}(?:[mM]odels?\b|_model|_fit\b|fit\.|forest|xgb|[cC]lassifier)|\breadRDS\s*\(\s*(?:file[ \t]*=[ \t]*)?[\w.$]{0,40}(?:[mM]odel|MODEL)|(?<![\w.])(?:[\w.]{0,30}_)?(?:model|fit|classifier)[ \t]*(?:<-|=)[ \t]*readRDS\s*\(|"
        r"xgb\.load\s*\(|load(?:Layers|Graph)Model\s*\(|[lL]oadSavedModel|(?:XG|LG)EnsembleFrom|PMMLUtil\.|importKeras\w{0,40}\s*\(|importGraphDef\s*\(|\bvetiver_(?:pin_read|endpoint|deploy_\w+)\s*\(|"
        r"\bNew(?:Dynamic)?AdvancedSession\w*\s*[\[(]|\btf\.NewSession\s*\(|\b\w{0,20}[eE]nv\w{0,20}\.createSession\s*\(|\b[rR]eadNet\w*\s*\(|tflite\.NewModel\w*\s*\(|\bInterpreter\s*\(\s*\w{0,30}[mM]odel|\b(?:MultiLayerNetwork|ComputationGraph|Module)\.load\s*\(|Model\.deserialize\w*\s*\(|"
        r"\bC\.\w{0,40}(?:model|network|predictor|detector|classifier|booster)\w{0,20}_(?:create|load|open|init)\w{0,30}\s*\(|\bC\.\w{0,40}(?:create|load|open|init)_\w{0,20}(?:model|network|predictor|detector|classifier|booster)\w{0,30}\s*\(",
    ),
    "model-path": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"['\"`][^'\"`\s]{0,200}\.(?:onnx|tflite|h5|keras|pth?|pb|pmml|weights|caffemodel|gguf|safetensors|mojo)['\"`]|['\"`][^'\"`\s]{0,200}[mM]odel[^'\"`\s]{0,60}\.(?:zip|bin|ser|json|model)['\"`]"
        r"|\b(?:\w{0,12}[mM]odel\w{0,12}(?:Path|File|Dir|Location)|\w{0,12}MODEL_(?:PATH|FILE|DIR))\w{0,8}[ \t]{0,4}(?::[ \t]{0,4}[sS]tring[ \t]{0,4})?(?::=|=)\s{0,12}['\"`][^'\"`\s]{3,200}['\"`]",
    ),
    "model-of-a-zoo": (  # files of networks that somebody published, and of their labels
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        rf"['\"`](?:[^'\"`\n]{{0,120}}[/\\])?{OF_A_ZOO}",
    ),
    "score": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"\b(?:def\s+)?(?:score|evaluate|infer)\w*\s*\(|\.runner\s{0,40}\(?\)?\s{0,40}\.|\b[sS]ess(?:ion)?\w{0,12}\.[rR]un\s*\(|\b\w{0,12}[iI]nterpreter\.(?:run|invoke)\w{0,30}\s*\(|\.(?:[dD]etect|[cC]lassify|[rR]ecogni[sz]e|[tT]ranscribe|estimate(?:Faces|Poses?|Hands))\w{0,20}\s*\("
        r"|\b(?:net|network|model|graph)\.(?:output|[fF]orward|run)\s*\(",
    ),
    # streams
    "stream": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"\bKafkaStreams\s*\(|StreamExecutionEnvironment\.get|StreamingContext\s*\(|\bConsumer\.\w+Source\b|@KafkaListener|new KafkaConsumer|\.readStream\b|PubsubIO\.read|KafkaIO\.|setStreaming\s*\(\s*\w|"
        r"sarama\.NewConsumer|kafka\.NewReader|\.consumer\s*\(\s*\{",
    ),
    "managed-stream": (
        {Kind.JAVA, Kind.SCALA},
        r"DataflowRunner|AutoscalingAlgorithmType\.|set(?:Max)?NumWorkers\s*\(|KinesisAnalyticsRuntime|GlueContext",
    ),
    "cloud-resource": (
        {Kind.SCRIPT, Kind.JAVA, Kind.GO},
        r"\bnew\s+(?:[\w.]+\.)?(?:Cfn)?(?:Endpoint|EndpointConfig|SageMakerCreateEndpoint(?:Config)?|Function|NodejsFunction|PythonFunction|DockerImageFunction|FunctionApp|FargateService|ApplicationLoadBalancedFargateService|"
        r"StateMachine|JobDefinition|RestApi|LambdaRestApi|HttpApi|FunctionUrl|ScalableTarget|Topic|Queue|Bucket|Table|DatabaseInstance|Alarm|Dashboard|Insights|MonitoringSchedule|App|OnlineEndpoint|VertexAiEndpoint)\s*"
        r"(?:\(|<)|\[HttpTrigger\b|\.addFunctionUrl\s*\(|\.autoScale\w*\s*\(|sagemaker\.New\w*Endpoint|lambda\.NewFunction",
    ),
    "composed-process": (
        {Kind.JAVA},
        r"\.AddProject\s*<.+|\.Add(?:PythonApp|UvicornApp|NpmApp|NodeApp|ViteApp)\s*\(.*",
    ),
    "file-write": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"new (?:FileOutputStream|FileWriter|PrintWriter|RandomAccessFile)\s*\(|Files\.(?:write|newBufferedWriter|copy)\w*\s*\(|os\.(?:Create|WriteFile)\s*\(|File\.(?:Write|Append)All\w+\s*\(|"
        r"fs\.(?:writeFile|appendFile|createWriteStream)\w*\s*\(|\bmulter\s*\(\s*\{\s*dest\b|multer\.diskStorage\s*\(",
    ),
    "kept-in-memory": (
        {Kind.JAVA, Kind.SCRIPT},
        r"^[ \t]*(?:private|public|protected|internal)[ \t][\w<>, ?\[\]]{1,120}[ \t]\w+[ \t]*=[ \t]*new[ \t]+(?:Concurrent|CopyOnWrite|MemoryCache)\w*[^\n]*|^[ \t]*@Cacheable\b.*"
        r"|^(?:export[ \t]+)?(?:const|let)[ \t]+\w+[^=\n]{0,80}=[ \t]*new[ \t]+(?:Map|LRUCache|NodeCache)\b(?:<[^\n(]*>)?[ \t]*\((?:\)|\{)[^\n]*",
    ),
    "train-job": (  # training that code, or infrastructure, asks a platform for
        {Kind.SCRIPT, Kind.JAVA, Kind.GO, Kind.TERRAFORM},
        r"\b(?:SageMakerCreateTrainingJob|CreateTrainingJobCommand|CfnTrainingJob)\s*\(|\.[cC]reateTrainingJob\s*\(|states:::sagemaker:createTrainingJob",
    ),
    "endpoint-create": (
        {Kind.SCRIPT, Kind.JAVA, Kind.GO},
        r"\.[cC]reateEndpoint\s*\(|\bnew\s+CreateEndpointCommand\s*\(",
    ),
    "cloud-place": (  # a bucket or a region of one owner
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"\b\w{0,24}(?:[bB]ucket|BUCKET|[rR]egion|REGION)\w{0,12}['\"]?[ \t]{0,4}(?::[ \t]{0,4}[sS]tring[ \t]{0,4})?(?::=|[:=(])[ \t]{0,4}(?:aws\.String\()?['\"][a-z0-9][a-z0-9._-]{2,62}['\"]|\bRegions?\.(?:[A-Z]{2}_[A-Z]{3,12}_\d|of\(\s*['\"])",
    ),
    "address": (
        _ANY_CODE - {Kind.TEXT},
        r"['\"](?:\w+://)?(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|[a-z][\w-]*(?:\.[\w-]+)+):\d{2,5}[/\w-]*['\"]",
    ),
    "url": (
        {Kind.JAVA, Kind.SCALA, Kind.GO},
        r"\"(?:https?|grpc|jdbc:\w+|mongodb(?:\+srv)?|redis|amqp|hdfs|spark|s3[an]?|gs|wasbs?|abfss?)://[^\"\s]{4,}\"",
    ),
    "called-url": (
        {Kind.SCRIPT, Kind.R},
        r"(?:\b(?:fetch|axios(?:\.\w+)?|io|WebSocket|EventSource|POST|GET|read[._]csv|src_postgres)\s*\(\s*|"
        r"(?:[uU]rl|URL|URI|[hH]ost|HOST|[eE]ndpoint|ENDPOINT|API|[bB]ase|BASE|[sS]erver|SERVER|destination)\w{0,24}['\"]?\s*(?:[:=]|<-)\s*)['\"`](?:https?|wss?|s3|gs)://[^'\"`\s]{4,}",
    ),
    "asked-host": (
        {Kind.SCRIPT},
        r"\bhostname[ \t]{0,4}={2,3}[ \t]{0,4}['\"](?!localhost|127\.)[\w-]+(?:\.[\w-]+)+['\"]",
    ),
    "placed-argument": (
        {Kind.R},
        r"(?:\b(?:runApp|pr_run|runServer|options)|\$run)\s*\([^\n]{0,80}?\bport\s*=\s*\d{2,5}L?\b|\b(?:host|server)\s*=\s*['\"](?!0\.0\.0\.0|127\.)[\w.-]+['\"]",
    ),
    # serving
    "server": (
        _ANY_CODE,
        r"\bapp\.listen\s*\(|\.ListenAndServe(?:TLS)?\s*\(|@RestController|@SpringBootApplication|SpringApplication\.run|"
        r"plumber::|plumb\(|\bpr_run\(|^#[*'] ?@plumber\b|shinyApp\s*\(|runApp\s*\(|\brhino::app\s*\(|shinyUI\s*\(|shinyServer\s*\(|BackendRserve\$new\s*\(|vetiver_api\s*\(|createServer\s*\(|gin\.Default\(|grpc\.NewServer|Http\(\)\.bind|"
        r"express\s*\(\s*\)|@(?:Get|Post|Request)Mapping|akka\.http|fastify\s*\(|@ApplicationPath\b|@Path\s*\(|@QuarkusMain|Javalin\.create|Micronaut\.run|WebApplication\.CreateBuilder|\[ApiController\]|"
        r"enablePlugins\s*\([^)\n]{0,200}\bPlay\w+|\bHttpServer\.create\s*\(|\bVertx\.vertx\s*\(|EmberServerBuilder|BlazeServerBuilder|NestFactory\.create|new Hono\s*\(|new Koa\s*\(|new Elysia\s*\(|\bBun\.serve\s*\(|\bDeno\.serve\s*\(|\bserver\.listen\s*\(|setGlobalPrefix\s*\(|chi\.NewRouter\(|gin\.New\(|\bembeddedServer\s*\(|\brunApplication<|@RestServer\.Endpoint|\bWebServer\.(?:builder|create|class)\b|\bUndertow\.builder|\bHapi\.server\s*\(|\brestify\.createServer|\b\w{0,10}ServerBuilder\.forPort\s*\(|\bnewServerBuilderForPort\s*\(|\bnew grpc\.Server\s*\(|\bcreateMicroservice\s*[(<]|\bextends HttpServlet\b|@WebServlet\b|\bg\.Server\s*\(|\bserver\.Default\s*\(|\biris\.(?:New|Default)\s*\(|"
        r"\bbeego\.Run\s*\(|\bweb\.Run\s*\(|\bhttp\.Serve\s*\(|\bfasthttp\.Server\{|\bkratos\.New\s*\(|\bextends (?:ScalatraServlet|cask\.MainRoutes)\b|\bServer\.serve\s*\(|\bTwitterServer\b|\bWebHost\.CreateDefaultBuilder|\.Map(?:Get|Post|GrpcService)\s*[(<]|\bnew ApolloServer\s*\(|\bpolka\s*\(\s*\)|mux\.NewRouter\(|http\.Server\{|WebFluxConfigurer|RouterFunctions\.route|echo\.New\(|fiber\.New\(|newServerAt\s*\(|bindAndHandle\s*\(|"
        r"\.startServer\s*\(\s*\"(?:localhost|::1?|\d{1,3}(?:\.\d{1,3}){3})\"\s*,|\bextends (?:Application<|HttpServer\b)|\bHttp\.serve\s*\(|\bNetty\w{2,10}Server\s*\(|\bserve\s*\(\s*\{|\bdefineEventHandler\s*\(|\basync\s+fetch\s*\(\s*req|\bonRequest\s*\(|\bonCall\s*\(",
    ),
    "listens": (  # the literal port of one of those, and of Go's frameworks
        {Kind.TEXT, Kind.GO},
        r"\.(?:Run|Start|Listen|bind|AddListeningPort|port)\s*\(\s*(?:\(\s*)?(?:\"[^\"\n]{0,40}(?::|\"\s*,\s*))?\d{2,5}\b|\bTcpListener::bind\s*\(\s*\"[^\"\n]{0,40}:\d{2,5}\"|\bHTTP\.serve!?\s*\([^)\n]{0,80},\s*\d{4,5}\b",
    ),
    "route": (  # what a server that stands elsewhere asks
        {Kind.R, Kind.SCRIPT},
        r"^#[*'] ?@(?:get|post|put)\b|^export\s+(?:async\s+)?(?:function|const)\s+(?:GET|POST|PUT)\b|\(\s*req(?:uest)?\s*:\s*NextApiRequest"
        r"|^export\s+default\s+(?:async\s+)?(?:function\b[ \t]{0,4}\w{0,40}[ \t]{0,4})?\(\s*req(?:uest)?\s*(?::[^,)\n]{1,40})?,\s*res|^runtime:[ \t]*['\"]?shiny",
    ),
    "health": (
        _ANY_CODE,
        r"['\"](?:/[\w-]{1,20}){0,3}/(?:health|healthz|ready|readyz|live|livez|ping|actuator/health)\w*['\"]|^#[*'][ \t]?@get[ \t]+/(?:health|ready|live|ping)\w*|\bpath\s*\(\s*\"(?:health|ready|live|ping)\w*\""
        r"|^GET[ \t]+(?:/[\w-]{1,20}){0,3}/(?:health|ready|live|ping)\w*|@Controller\s*\(\s*['\"]/?(?:api/)?health\w*['\"]|@HealthCheck\s*\(|\bMapHealthChecks\s*\(",
    ),
    "port": (
        {Kind.PROSE},
        r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):\d{2,5}|-p \d{2,5}:\d{2,5}|--(?:server\.)?port[ =]\d{2,5}",
    ),
    "port-number": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"(?i)\bport\w{0,24}[ \t]{0,4}(?::[ \t]{0,4}\w{1,12})?[ \t]{0,4}=[ \t]{0,4}\d{4,5}\b",
    ),
    "terraform-port": (
        {Kind.TERRAFORM},
        r"^[ \t]*[\"']?(?:container_?[pP]ort|target_?[pP]ort|host_?[pP]ort)[\"']?\s*[=:].*",
    ),
    "terraform-count": (
        {Kind.TERRAFORM},
        r"^[ \t]*(?:desired_count|replicas|initial_instance_count|max_instance_count|max_replicas|minReplicas|maxReplicas)\s*[=:].*",
    ),
    "terraform-probe": (
        {Kind.TERRAFORM},
        r"^[ \t]*(?:health_check|liveness_probe|readiness_probe|startup_probe|healthCheck)\b.*",
    ),
    "shutdown": (
        _ANY_CODE - {Kind.TEXT},
        r"process\.(?:on|once)\(\s*['\"]SIG(?:TERM|INT)|\.GracefulStop\s*\(|\bcreateTerminus\s*\(|ApplicationStopping\.Register|signal\.Notify|@PreDestroy|addShutdownHook|\.Shutdown\(ctx|enableShutdownHooks",
    ),
    # config
    "environment": (
        _ANY_CODE | {Kind.GROOVY},
        r"process\.env\b|import\.meta\.env\.[A-Z_]*(?:URL|HOST|PORT|API)|System\.getenv|GetEnvironmentVariable|@ConfigProperty|os\.Getenv|os\.LookupEnv|Sys\.getenv|sys\.env\b|@Value\(\"\\?\$\{|@ConfigurationProperties\b|viper\.|\bConfigService\)?\.get|configService\.get|Deno\.env",
    ),
    "parameter": (  # of training or of a model, with something that sets it
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"(?:[lL]earning[_.-]?[rR]ate|LEARNING_RATE|[bB]atch[_.-]?[sS]ize|BATCH_SIZE|[eE]pochs?|EPOCHS?|[mM]ax_?[iI]ter(?:ations)?|[nN]um_?(?:[iI]terations|[rR]ounds?|[tT]rees|[cC]lusters|[fF]actors)|[mM]omentum|[wW]eight_?[dD]ecay|"
        r"[dD]ropout(?:_?[rR]ate)?|DROPOUT|[mM]ax_?(?:[dD]epth|[bB]ins|[tT]okens)|[rR]eg_?[pP]aram|elasticNetParam|[hH]idden_?(?:[sS]izes?|[uU]nits|[lL]ayers?|[nN]odes)|\bunits|\bfilters|\bn(?:Out|Estimators)|kernel_?[sS]ize|\bactivation|[oO]ptimizer|[uU]pdater|"
        r"[tT]emperature|[tT]op[_-]?[KkPp]|[cC]hunk[_-]?(?:[sS]ize|[oO]verlap)|\b[sS]etK|\brank|[sS]tep_?[sS]ize|MAX_(?:ITER\w{0,9}|DEPTH|TOKENS)|NUM_(?:TREES|ITER\w{0,9}|CLUSTERS)|HIDDEN_(?:UNITS|SIZE|LAYERS?))"
        r"['\"]?[ \t]{0,4}(?::[ \t]{0,4}[A-Za-z]\w{0,12}(?=[ \t]{0,4}=))?[ \t]{0,4}(?::=|[:=(,])[ \t]{0,4}[^\s=>)]"
        r"|\b(?:new |train\.)(?:Adam|Sgd|Nesterovs|RmsProp|AdaGrad|adam|sgd|rmsprop|momentum)\w{0,4}[ \t]{0,4}\([ \t]{0,4}[^\s)]",
    ),
    "request-body": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"\breq(?:uest)?\.(?:body|json)\b|@RequestBody|@Body\s*\(|\.(?:Should)?BindJSON\s*\(|NewDecoder\(r\.Body|readFormField|entity\(as\[|\bsocket\.on\s*\(",
    ),
    "language-service": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT, Kind.INI, Kind.YAML},
        r"\b(?:api\.(?:openai|anthropic|groq|mistral|cohere|deepseek|together)\.(?:com|ai|xyz)|generativelanguage\.googleapis|openrouter\.ai/api|[\w-]{1,40}\.openai\.azure\.com|(?:localhost|ollama|127\.0\.0\.1):11434)\b",
    ),
    "language-model": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"['\"`](?:models/)?(?:gpt-|claude-|gemini-|llama|mistral|mixtral|text-embedding-|deepseek|qwen|gemma|command-r|nomic-embed|phi-?\d)[\w.:/-]{0,60}['\"`]",
    ),
    "arguments": (
        _ANY_CODE,
        r"commandArgs\s*\(|optparse|argparse|docopt|flag\.(?:String|Int|Parse)|scopt|picocli|make_option\s*\(|add_(?:argument|option)\s*\(|[fF]lags\(\)\.\w+|\bargs\s*[\[(]\s*\d",
    ),
    # logs
    "logger": (
        _ANY_CODE,
        r"LoggerFactory|ILogger\b|\bSerilog\b|\bNLog\b|log4net|(?:require\(\s*|from\s+)['\"](?:pino|bunyan|log4js|tslog|consola)['\"]|library\(\s*['\"]?(?:logger|lgr|loggit|rlog)\b|\b(?:Actor|Lazy|Strict)Logging\b|play\.api\.Logg|Logger\.getLogger|log4j|slf4j|logback|zap\.New|logrus|winston|pino\(|futile\.logger|"
        r"log\.Print|slog\.|console\.(?:log|error|info)|@Slf4j|log4r|^[ \t]*logger:[ \t]*(?:true\b|\{)",
    ),
    "access-log": (
        {Kind.SCRIPT, Kind.GO, Kind.JAVA, Kind.TEXT},
        r"\b(?:morgan|pinoHttp|expressWinston\.logger|UseHttpLogging|pino-http|requestLogger|LoggingHandler)\s*\(|\bTraceLayer::new_for_http\s*\(|\bOtelAxumLayer::default\s*\(|\bTracingLogger::default\s*\(|\bLogger::default\s*\(|middleware\.Logger\b|CommonsRequestLoggingFilter|^[ \t]*logger:[ \t]*(?:true\b|\{)",
    ),
    "print": (
        {Kind.R, Kind.JAVA, Kind.SCALA, Kind.GO},
        r"System\.(?:out|err)\.print|\bConsole\.(?:(?:Out|Error)\.)?Write(?:Line)?(?:Async)?\s*\(|\bprintln\s*\(|fmt\.Print|(?<![.\w])(?:cat|print|message)\s*\(",
    ),
    "file-log": (
        {Kind.XML, Kind.TEXT, Kind.INI, Kind.JAVA, Kind.SCALA, Kind.SCRIPT, Kind.GO},
        r"(?:Rolling)?FileAppender\b|appender\.\w+\.type\s*=\s*(?:Rolling)?File\b|<(?:Rolling)?File\s+name=|java\.util\.logging\.FileHandler\b|\bnew FileHandler\s*\(|\btransports\.(?:DailyRotate)?File\s*\(|\bnew DailyRotateFile\s*\(|\blumberjack\.Logger\{",
    ),
    "shipped-log": (  # what hands the log over to where logs are kept
        {Kind.XML, Kind.JAVA, Kind.SCRIPT},
        r"\bclass\s*=\s*\"[\w.]{0,80}\b(?:OpenTelemetryAppender|Loki4jAppender|Logstash\w{0,20}SocketAppender|Gelf\w{0,20}Appender|\w{0,20}CloudWatch\w{0,20}Appender|AwsLogsAppender)\"|"
        r"\.WriteTo\.(?:Seq|OpenTelemetry|Elasticsearch|GrafanaLoki|ApplicationInsights|Datadog\w{0,10})\s*\(|\.Logging\.AddOpenTelemetry\s*\(|\bnew (?:LokiTransport|LogstashTransport|WinstonCloudWatch|OTLPLogExporter)\s*\(",
    ),
    "stream-log": (
        {Kind.XML, Kind.TEXT, Kind.INI, Kind.JAVA, Kind.SCALA, Kind.SCRIPT, Kind.GO},
        r"\bConsoleAppender\b|<Console\b|appender\.\w+\.type\s*=\s*Console\b|java\.util\.logging\.ConsoleHandler\b|\btransports\.Console\s*\(|io\.MultiWriter\s*\(\s*os\.Std|\bAddSync\s*\(\s*os\.Std|\bzap\.New(?:Production|Development)\s*\(",
    ),
    "server-log": ({Kind.TEXT, Kind.DOCKERFILE, Kind.SHELL}, r"^[ \t]*(?:access_log|error_log)\s+/?\w.*"),
    "log-call": (
        _ANY_CODE - {Kind.TEXT},
        r"\b(?:log|Log|logger|LOG|LOGGER|Logger|_logger|slog|zap|sugar|logrus|fastify\.log|(?:req|request|app)\.log)\.(?:at)?(?:[iI]nfo|[dD]ebug|[lL]og|[wW]arn|Print|Log)\w*\s*\(.+|\blog_(?:info|debug|success|trace)\s*\(.+|\bflog\.(?:info|debug)\s*\(.+|\bnew ScoreIterationListener\s*\(.+",
    ),
    "monitor-added": (
        {Kind.JAVA},
        r"\bAddApplicationInsightsTelemetry\w{0,20}\s*\(|\bAddOpenTelemetry\s*\(|\bUseSentry\s*\(|\bUseHttpMetrics\s*\(|\bMapMetrics\s*\(|\bAddPrometheusExporter\s*\(",
    ),
    "answer-capture": (
        {Kind.SCRIPT, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.TERRAFORM},
        r"^[ \t]*data_capture_config\b|\bexperimental_telemetry\b|request_response_logging_config\b|\bpredict\w*(?:\.\w+)?\.(?:save|insertOne|insert|create)\s*\(|(?:save|insert)\w{0,40}Prediction\w{0,40}\s*\(|\.(?:save|insertOne|insert|create)\s*\([^\n]{0,60}\b(?:[pP]redict|PREDICT)|"
        r"\bnew RunTree\s*\(|\btraceable\s*\(|\b(?:wrapOpenAI|observeOpenAI)\s*\(|\b[dD]ataCaptureConfig(?:Property)?\b|\.[tT](?:rackMetric|rackEvent|rackTrace)\s*\([^\n]{0,80}(?i:predict|score|probab|infer|answer)",
    ),
    "job-retry": (
        {Kind.SCRIPT},
        r"\binngest\w*\.createFunction\s*\(|\b(?:attempts|maxAttempts|maximumAttempts)\s*:\s*[2-9]|\bretries\s*:\s*[1-9]",
    ),
    # services
    "database": (
        _ANY_CODE,
        r"jdbc:|DriverManager\.getConnection|dbConnect\s*\(|mongoose|mongodb://|postgres(?:ql)?://|mysql://|"
        r"sql\.Open\s*\(|JpaRepository|DataSource\b|new Pool\s*\(|PrismaClient|createClient\s*\(",
    ),
    "database-in-r": ({Kind.R}, r"(?<![\w.])(?:dbPool|hiredis|mongo)\s*\("),
    "storage-in-r": (
        {Kind.R},
        r"(?<![\w.])(?:s3(?:readRDS|saveRDS|read_using|write_using|load|save)|save_object|board_(?:s3|gcs|azure)|gcs_get_object|gcs_upload|s3_bucket|gs_bucket)\s*\(",
    ),
    "queue": (
        _ANY_CODE,
        r"KafkaProducer|KafkaConsumer|KafkaUtils|kafkajs|amqp://|amqplib|RabbitTemplate|sarama|@KafkaListener|KafkaStreams\s*\(|PubsubIO|KafkaIO\.|SqsClient|"
        r"(?:[bB]roker|BROKER|[bB]ootstrap|BOOTSTRAP|[kK]afka|KAFKA)\w{0,24}['\"]?[ \t]{0,4}[:=,]{1,2}[ \t]{0,4}['\"][\w.-]+:\d+['\"]|BOOTSTRAP_SERVERS",
    ),
    "storage": (
        _ANY_CODE,
        r"s3[an]?://|gs://|wasbs?://|abfss?://|hdfs://|AmazonS3|S3Client|s3\.New(?:FromConfig)?\s*\(|BlobServiceClient|storage\.NewClient",
    ),
    "data-read": (
        {Kind.R, Kind.SCALA},
        r"\b(?:read[._](?:csv2?|table|delim|rds|xlsx?|excel|tsv|parquet|json|feather)|readRDS|fread|load)\s*\(|\.textFile\s*\(|"
        r"\.read\s*\.\s*(?:csv|parquet|json|text)\s*\(",
    ),
    "data-read-by-library": (  # by names that other code does not have for something else
        {Kind.JAVA, Kind.GO},
        r"\.textFile\s*\(|\.read\s*\(\)\s*\.\s*(?:csv|parquet|json|text|orc)\s*\(|\bnew\s+FileDataModel\s*\(|\.LoadFromTextFile\s*[(<]|\bnew\s+(?:ConverterUtils\.)?DataSource\s*\(\s*['\"]|\bnew\s+(?:weka\.core\.converters\.)?(?:CSVLoader|Arff(?:Loader|Reader))\s*\(|\bnew\s+Instances\s*\(\s*new\s+(?:Buffered|File)Reader\s*\([^\n]{0,200}|\bParseCSVToInstances\s*\(|\bdataframe\.ReadCSV\s*\(",
    ),
    "data-write": (
        {Kind.R, Kind.SCALA, Kind.SCRIPT, Kind.JAVA, Kind.GO},
        r"\b(?:\w{0,20}[vV]ectorStore|\w{0,20}[eE]mbeddingStore|[eE]mbeddingStoreIngestor)\.(?:add|write|accept|ingest)\w{0,20}\s*\(|\b(?:write[._](?:csv2?|table|delim|xlsx|excel_csv|tsv|parquet|feather|rds|dataset|dta)|fwrite|pin_write|dbWriteTable|dbAppendTable|saveRDS)\s*\("
        r"|\.write\s*\.\s*(?:csv|parquet|json|format|mode|partitionBy|option)\s*\(|\.saveAsTable\s*\(|\.insertInto\s*\("
        r"|\b(?:es|elastic\w{0,12}|opensearch)(?:[cC]lient)?\.(?:helpers\.)?bulk\s*\(|\.(?:upsert|addDocuments|fromDocuments|fromTexts)\s*\(|\.insert\s*\([^\n]{0,80}(?:embedding|vector)",
    ),
    "derived-kept": (  # tables and collections of predictions, features or embeddings
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"(?i)\b(?:collection|model)(?:<\w{1,40}>)?\s*\(\s*['\"`]\w{0,30}(?:predict|embedding|recommendation)\w{0,20}['\"`]|\b(?:INSERT\s+INTO\s+[\"`\w.]{0,40}(?:predict|embedding|recommendation)|UPDATE\s+[\"`\w.]{0,40}(?:predict|embedding|recommendation)[\w\"`]{0,30}\s+SET\b)|"
        r"\bUPDATE\s+[\w.\"`]{1,60}\s+SET\s+[^\n]{0,80}embedding\w{0,10}\s*=",
    ),
    "checkpoint": (
        _ANY_CODE,
        r"checkpoint|setCheckpointDir|ModelSerializer",
    ),
    "description": (  # what a package of R says of itself, and of what it needs
        {Kind.TEXT},
        r"^Package:[ \t]*[A-Za-z][\w.]*|^SystemRequirements:[ \t]*\S.*|^(?:Depends:)?[ \t]*R[ \t]{0,4}\([ \t]{0,4}[<>=]{1,2}[ \t]{0,4}\d[\d.]*",
    ),
    "epoch-end": ({Kind.SCRIPT}, r"\bonEpochEnd\b"),
    "model-save": ({Kind.SCRIPT}, r"\b\w{0,30}\.save\s*\(\s*[^\s)]"),
    "parallel": (
        _ANY_CODE,
        r"registerDoParallel|mclapply|makeCluster|future::|SparkSession|SparkContext|ExecutorService|go func\(",
    ),
    "instance-group": ({Kind.TEXT}, r"^[ \t]*instance_group\s*[\[{:].*"),  # of a Triton model
    "spark": (_ANY_CODE, r"SparkSession|SparkContext|SparkConf"),
    "spark-master": ({Kind.JAVA, Kind.SCALA}, r"\.(?:setMaster|master)\s*\(\s*[^\s)].*"),
    "at-start": (
        {Kind.JAVA, Kind.SCALA, Kind.GO, Kind.SCRIPT},
        r"@PostConstruct\b|\bimplements[ \t][\w, ]{0,80}(?:Application|CommandLine)Runner\b|ApplicationReadyEvent|ContextStartedEvent|ApplicationStartedEvent|\bonModuleInit\s*\(|\bonApplicationBootstrap\s*\(",
    ),
    "local-path": (_ANY_CODE, r"['\"](?:/home/|/Users/|[A-Z]:[\\/]|/mnt/|/data/|/opt/)[^'\"\n]*['\"]|setwd\s*\("),
    # schemas
    "entity": (
        _ANY_CODE,
        r"^[ \t]*@Entity\b|^[ \t]*@Document\s*\(|extends\s+Table\[|\bsequelize\.define\s*\(|\bDataTypes\.[A-Z]+\b|\bnew\s+(?:mongoose\.)?Schema\s*[(<]|\bpgTable\s*\(|\bschema\.createTable\s*\(|\bDbSet<",
    ),
    "schema-made": (
        {Kind.SCRIPT, Kind.R, Kind.GO},
        r"\.AutoMigrate\s*\(|\bsequelize\w*\.sync\s*\(|\bsynchronize\s*:\s*true\b|\bnew\s+(?:mongoose\.)?Schema\s*[(<]|\bdbWriteTable\s*\(",
    ),
    "pipeline-step": ({Kind.R}, r"\b(?:tar_target|tar_plan|tar_quarto|tar_render|drake_plan)\s*\("),
    **TOLD,
    **{name: ({Kind.TEXT}, pattern) for name, pattern in COMPILED.items()},
}
