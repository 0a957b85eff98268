"""The vocabulary of backing services: the calls by which Python reaches them and the arguments that locate them."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    DATABASE = "database"
    STORAGE = "storage"
    REGISTRY = "registry"
    QUEUE = "queue"
    MONITORING = "monitoring"


class Absent(StrEnum):
    """What locates the service when no argument does."""

    ITSELF = "itself"  # the client reads the environment, its platform or its login
    LOCAL = "local"  # the client falls back on this machine
    NOTHING = "nothing"  # then it is no use of a service (in memory, or located by another call)


class Client(msgspec.Struct, frozen=True):
    """`calls` are shell patterns; the argument at `position`, or the first of `names` that is given, locates.

    `modules` tell the service where only the import is seen. `soft`: the argument only names something inside of a
    service whose address the client takes from its environment.
    """

    kind: Kind
    service: str
    calls: tuple[str, ...]
    position: int = 0
    names: tuple[str, ...] = ()
    absent: Absent = Absent.NOTHING
    modules: tuple[str, ...] = ()
    soft: bool = False


_D, _Q, _R, _M = Kind.DATABASE, Kind.QUEUE, Kind.REGISTRY, Kind.MONITORING
_NO = -1
_HOST = ("dsn", "conninfo", "host", "hostname", "server", "unix_socket", "url", "uri", "db_url", "database_url", "dbname", "database", "db", "**")  # fmt: skip

CLIENTS = (
    # --- databases ------------------------------------------------------------------------------------------------
    Client(_D, "an SQL database", ("sqlalchemy.*create_engine", "sqlalchemy.*create_async_engine", "sqlalchemy.*async_engine_from_config", "sqlmodel.create_engine", "*.SQLDatabase.from_uri", "databases.Database",
           "dataset.connect", "ibis.connect", "records.Database", "connectorx.read_sql", "pgvector.*.connect"), 0, ("url", "database_uri", "conn")),
    Client(_D, "PostgreSQL", ("psycopg2.connect", "psycopg2.pool.*Pool", "psycopg.connect", "psycopg.*.connect", "psycopg_pool.*Pool", "asyncpg.connect", "asyncpg.create_pool", "pg8000.connect", "aiopg.*"), 0, _HOST),
    Client(_D, "a pgvector store", ("*.PGVector", "*.PGVector.from_documents", "*.PGVectorStore.from_params", "*.PGEngine.from_connection_string"), _NO, ("connection", "connection_string", "host", "url")),
    Client(_D, "MySQL", ("pymysql.connect", "pymysql.connections.Connection", "mysql.connector.connect", "MySQLdb.connect", "aiomysql.*", "asyncmy.*", "mariadb.connect", "mysql.connector.pooling.*"), 0, _HOST, Absent.LOCAL),
    Client(_D, "an SQL database", ("pyodbc.connect", "mssql_python.connect", "pymssql.connect", "cx_Oracle.connect", "oracledb.connect", "jaydebeapi.connect", "ibm_db.connect", "turbodbc.connect", "vertica_python.connect", "hdbcli.dbapi.connect"), 0, _HOST),
    Client(_D, "MongoDB", ("pymongo.MongoClient", "pymongo.*.MongoClient", "*.AsyncIOMotorClient", "motor.*MotorClient", "mongoengine.connect", "pymongo.AsyncMongoClient", "flask_pymongo.PyMongo", "*.MongoDBAtlasVectorSearch.from_connection_string"), 0, ("host", "uri", "**"), Absent.LOCAL),
    Client(_D, "Redis", ("redis.Redis", "redis.StrictRedis", "redis.from_url", "redis.Redis.from_url", "redis.*.from_url", "redis.asyncio.*", "aioredis.*", "redis.ConnectionPool*", "redis.cluster.RedisCluster", "walrus.Database", "upstash_redis.Redis"), 0, ("host", "url", "startup_nodes", "**"), Absent.LOCAL),
    Client(_D, "Valkey", ("valkey.Valkey", "valkey.StrictValkey", "valkey.from_url", "valkey.*.from_url", "valkey.asyncio.*", "valkey.ConnectionPool*"), 0, ("host", "url", "startup_nodes", "**"), Absent.LOCAL),
    Client(_D, "Redis", ("upstash_redis.*.from_env",), _NO, (), Absent.ITSELF),
    Client(_D, "Memcached", ("pymemcache.*Client", "pylibmc.Client", "memcache.Client", "aiomcache.Client"), 0, ("server", "servers", "host")),
    Client(_D, "an SQL database", ("polars.read_database_uri",), 1, ("uri",)),
    Client(_D, "an SQL database", ("ibis.*.connect", "adbc_driver_*.dbapi.connect"), 0, (*_HOST, "project_id", "account", "user")),
    Client(_D, "a database of Amazon", ("awswrangler.athena.*", "awswrangler.redshift.connect*", "awswrangler.timestream.*", "awswrangler.dynamodb.*"), _NO, (), Absent.ITSELF),
    Client(_D, "a feature store", ("google.cloud.aiplatform.Featurestore*", "vertexai.*FeatureOnlineStore*"), _NO, (), Absent.ITSELF),
    Client(_D, "the storage of Optuna", ("optuna.*create_study", "optuna.*load_study", "optuna.*RDBStorage"), _NO, ("storage", "url")),
    Client(_D, "SQLite", ("sqlite3.connect", "aiosqlite.connect", "apsw.Connection", "peewee.SqliteDatabase", "sqlite_utils.Database", "*.SqliteSaver.from_conn_string"), 0, ("database",)),
    Client(_D, "DuckDB", ("duckdb.connect",), 0, ("database",)),
    Client(_D, "libSQL", ("libsql_client.create_client*", "libsql.connect", "libsql_experimental.connect"), 0, ("url", "database", "sync_url")),
    Client(_D, "a local key-value store", ("shelve.open", "tinydb.TinyDB", "pickledb.load", "plyvel.DB", "lmdb.open", "diskcache.Cache"), 0, ("path", "filename")),
    Client(_D, "a database", ("peewee.PostgresqlDatabase", "peewee.MySQLDatabase", "playhouse.*.connect", "tortoise.Tortoise.init", "pony.orm.Database"), 0, ("db_url", "host")),
    Client(_D, "Elasticsearch", ("elasticsearch.Elasticsearch", "elasticsearch.AsyncElasticsearch", "opensearchpy.OpenSearch", "opensearchpy.AsyncOpenSearch", "*.ElasticsearchStore", "*.OpenSearchVectorSearch*", "elasticsearch_dsl.connections.create_connection"), 0, ("hosts", "cloud_id", "es_url", "opensearch_url", "es_cloud_id", "**"), Absent.LOCAL),
    Client(_D, "HBase", ("happybase.Connection", "happybase.ConnectionPool", "starbase.Connection"), 0, ("host",), Absent.LOCAL),
    Client(_D, "Cassandra", ("cassandra.cluster.Cluster", "astrapy.*", "*.AstraDB"), 0, ("contact_points", "cloud", "api_endpoint")),
    Client(_D, "Neo4j", ("neo4j.GraphDatabase.driver", "neo4j.AsyncGraphDatabase.driver", "py2neo.Graph", "*.Neo4jGraph", "*.Neo4jVector*"), 0, ("uri", "url")),
    Client(_D, "a graph database", ("falkordb.FalkorDB", "falkordb.asyncio.FalkorDB", "arango.ArangoClient", "gqlalchemy.Memgraph", "gremlin_python.driver.client.Client", "gremlin_python.driver.driver_remote_connection.DriverRemoteConnection"), 0, ("host", "url", "hosts"), Absent.LOCAL),
    Client(_D, "SurrealDB", ("surrealdb.*Surreal*",), 0, ("url",)),
    Client(_D, "Couchbase", ("couchbase.cluster.Cluster", "couchbase.cluster.Cluster.connect", "acouchbase.cluster.*Cluster*"), 0, ("connection_string",)),
    Client(_D, "QuestDB", ("questdb.ingress.Sender", "questdb.ingress.Sender.from_conf"), 0, ("conf_str", "host")),
    Client(_D, "InfluxDB", ("influxdb.InfluxDBClient", "influxdb.DataFrameClient", "influxdb_client.InfluxDBClient", "influxdb_client_3.InfluxDBClient3"), 0, ("url", "host")),
    Client(_D, "BigQuery", ("google.cloud.bigquery.Client", "*.read_gbq", "*.to_gbq", "google.cloud.bigquery_storage*.*Client", "*.BigQueryHook", "*.BigQueryOperator", "*.BigQueryInsertJobOperator", "*.Bigquery*Op", "*.BigQuery*Op"), _NO, ("project", "project_id", "gcp_conn_id"), Absent.ITSELF),
    Client(_D, "Snowflake", ("snowflake.connector.connect", "snowflake.snowpark.Session.builder.configs"), 0, ("account", "**")),
    Client(_D, "a warehouse", ("clickhouse_connect.get_client", "clickhouse_driver.Client", "trino.dbapi.connect", "pyhive.*.connect", "prestodb.dbapi.connect", "impala.dbapi.connect", "databricks.sql.connect", "redshift_connector.connect", "pyathena.connect", "vertica_python.connect"), 0, (*_HOST, "server_hostname", "s3_staging_dir")),
    Client(_D, "Firestore", ("google.cloud.firestore*.Client", "google.cloud.datastore.Client", "firebase_admin.initialize_app", "google.cloud.bigtable.Client", "google.cloud.spanner.Client"), _NO, ("project", "credential"), Absent.ITSELF),
    Client(_D, "Supabase", ("supabase.create_client", "supabase.Client"), 0, ("supabase_url",)),
    Client(_D, "Cosmos DB", ("azure.cosmos.CosmosClient", "azure.cosmos.*.CosmosClient", "azure.data.tables.*"), 0, ("url",)),
    Client(_D, "Azure AI Search", ("azure.search.documents.*Client", "azure.search.documents.*.*Client", "*.AzureSearch"), 0, ("endpoint", "azure_search_endpoint")),
    Client(_D, "Feast", ("feast.FeatureStore",), 0, ("repo_path", "config", "fs_yaml_file"), Absent.LOCAL),
    Client(_D, "a feature store", ("hopsworks.login", "hsfs.connection", "tecton.get_workspace", "tecton.*.get_workspace", "databricks.feature_store.FeatureStoreClient", "databricks.feature_engineering.FeatureEngineeringClient", "sagemaker.feature_store.*.FeatureGroup"), _NO, ("project", "host"), Absent.ITSELF),
    Client(_D, "Qdrant", ("qdrant_client.QdrantClient", "qdrant_client.AsyncQdrantClient", "*.Qdrant.from_documents", "*.QdrantVectorStore.from_documents", "*.QdrantVectorStore.from_existing_collection"), 0, ("url", "host", "location", "path"), Absent.NOTHING),
    Client(_D, "Chroma", ("chromadb.PersistentClient", "chromadb.HttpClient", "chromadb.AsyncHttpClient", "chromadb.*.PersistentClient", "chromadb.config.Settings"), 0, ("path", "host", "persist_directory", "chroma_server_host")),
    Client(_D, "Chroma", ("*.Chroma", "*.Chroma.from_documents", "*.Chroma.from_texts"), _NO, ("persist_directory",)),
    Client(_D, "a FAISS index", ("*.FAISS.load_local", "*.save_local", "faiss.read_index"), 0, ("folder_path", "fname")),
    Client(_D, "a FAISS index", ("faiss.write_index",), 1, ("fname",)),
    Client(_D, "an index on disk", ("*.StorageContext.from_defaults", "*.persist"), _NO, ("persist_dir",)),
    Client(_D, "an index on disk", ("annoy.AnnoyIndex.load", "*.load_index", "lancedb.connect", "lancedb.connect_async", "*.DocArrayHnswSearch.from_documents"), 0, ("uri", "work_dir")),
    Client(_D, "a Redis vector store", ("langchain_redis.RedisConfig", "*.RedisVectorStore.from_*", "redisvl.index.*Index", "redisvl.index.*Index.from_*"), _NO, ("redis_url", "url")),
    Client(_D, "Pinecone", ("pinecone.init", "pinecone.Pinecone", "pinecone.Index", "*.PineconeVectorStore", "*.PineconeVectorStore.from_*", "*.Pinecone.from_*"), _NO, ("host", "environment", "index_name", "name"), Absent.ITSELF),
    Client(_D, "Weaviate", ("weaviate.Client", "weaviate.connect_to_*", "weaviate.WeaviateClient", "*.Weaviate.from_*"), 0, ("url", "cluster_url", "weaviate_url", "http_host", "host"), Absent.LOCAL),
    Client(_D, "Milvus", ("pymilvus.connections.connect", "pymilvus.MilvusClient", "*.Milvus.from_*", "*.Milvus", "*.Zilliz", "*.Zilliz.from_*"), _NO, ("host", "uri", "connection_args"), Absent.LOCAL),
    Client(_D, "a search engine", ("typesense.Client", "meilisearch.Client", "vespa.application.Vespa", "marqo.Client", "algoliasearch.*.create"), 0, ("url", "host")),
    Client(_D, "turbopuffer", ("turbopuffer.*Turbopuffer", "turbopuffer.Namespace"), _NO, ("base_url", "region"), Absent.ITSELF),
    Client(_D, "a database by an Airflow connection", ("*.PostgresHook", "*.MySqlHook", "*.MsSqlHook", "*.MongoHook", "*.PostgresOperator", "*.SQLExecuteQueryOperator", "*.SnowflakeHook", "*.SnowflakeOperator", "*.RedshiftSQLHook", "*.SqliteHook", "*.OracleHook"), _NO, (), Absent.ITSELF),
    Client(_D, "a database by a connection of Streamlit", ("streamlit.connection", "streamlit.experimental_connection"), _NO, ("url",), Absent.ITSELF),
    Client(_D, "a database through Spark", ("*.read.jdbc", "*.write.jdbc"), 0, ("url",)),
    # --- queues -----------------------------------------------------------------------------------------------------
    Client(_Q, "Celery", ("celery.Celery",), _NO, ("broker", "broker_url"), Absent.NOTHING, ("celery",)),
    Client(_Q, "Kafka", ("kafka.KafkaProducer", "kafka.KafkaConsumer", "kafka.*.KafkaProducer", "kafka.*.KafkaConsumer", "kafka.KafkaAdminClient", "kafka.admin.KafkaAdminClient", "aiokafka.AIOKafka*", "confluent_kafka.*Producer", "confluent_kafka.*Consumer", "confluent_kafka.admin.AdminClient", "pykafka.KafkaClient"), 0, ("bootstrap_servers", "hosts", "bootstrap.servers", "**"), Absent.NOTHING),
    Client(_Q, "Kafka", ("kafka.KafkaConsumer", "aiokafka.AIOKafkaConsumer"), _NO, ("bootstrap_servers",), Absent.LOCAL),
    Client(_Q, "Kafka", ("faststream.kafka.*Broker", "faststream.confluent.*Broker"), 0, ("bootstrap_servers",), Absent.LOCAL),
    Client(_Q, "Kafka", ("quixstreams.Application", "bytewax.connectors.kafka.*", "bytewax.connectors.kafka.operators.*"), 0, ("broker_address", "brokers"), Absent.ITSELF),
    Client(_Q, "a broker", ("faststream.rabbit.*Broker", "faststream.nats.*Broker", "faststream.redis.*Broker", "taskiq_aio_pika.*Broker", "taskiq_nats.*Broker"), 0, ("url", "servers"), Absent.LOCAL),
    Client(_Q, "Kafka", ("*.set_bootstrap_servers",), 0, ()),
    Client(_Q, "Kafka", ("faust.App",), _NO, ("broker",), Absent.LOCAL),
    Client(_Q, "Kafka", ("quixstreams.Application",), _NO, ("broker_address",), Absent.LOCAL),
    Client(_Q, "Kafka", ("faststream.kafka.KafkaBroker", "faststream.confluent.KafkaBroker"), 0, ("bootstrap_servers",), Absent.LOCAL),
    Client(_Q, "RabbitMQ", ("faststream.rabbit.RabbitBroker",), 0, ("url",), Absent.LOCAL),
    Client(_Q, "RabbitMQ", ("pika.ConnectionParameters", "pika.URLParameters", "aio_pika.connect", "aio_pika.connect_robust", "kombu.Connection", "amqp.Connection", "amqpstorm.Connection", "aiormq.connect"), 0, ("host", "url", "hostname"), Absent.LOCAL),
    Client(_Q, "Pub/Sub", ("*.topic_path", "*.subscription_path"), 0, ("project", "project_id")),
    Client(_Q, "Pub/Sub", ("google.cloud.pubsub*.PublisherClient", "google.cloud.pubsub*.SubscriberClient", "*.PubSubHook", "*.PubSubPublishMessageOperator", "*.PublishMessageOperator"), _NO, (), Absent.ITSELF),
    Client(_Q, "a Redis queue", ("rq.Queue", "rq.Worker", "arq.connections.RedisSettings", "arq.create_pool", "huey.RedisHuey"), _NO, ("connection", "host", "url"), Absent.LOCAL),
    Client(_Q, "a Redis queue", ("arq.connections.RedisSettings.from_dsn", "saq.Queue.from_url"), 0, ("dsn", "url")),
    Client(_Q, "a Redis queue", ("taskiq_redis.*Broker",), 0, ("url",), Absent.LOCAL),
    Client(_Q, "a queue in PostgreSQL", ("procrastinate.*Connector", "pgmq.PGMQueue", "pgmq.async_queue.PGMQueue"), _NO, ("conninfo", "host"), Absent.ITSELF),
    Client(_Q, "Temporal", ("temporalio.client.Client.connect",), 0, ("target_host",), Absent.LOCAL),
    Client(_Q, "Cloud Tasks", ("google.cloud.tasks*.CloudTasks*Client",), _NO, (), Absent.ITSELF),
    Client(_Q, "Dramatiq", ("dramatiq.brokers.*.*Broker",), _NO, ("url", "host"), Absent.LOCAL),
    Client(_Q, "Azure Service Bus", ("azure.servicebus.*.from_connection_string", "azure.servicebus.ServiceBusClient", "azure.eventhub.*.from_connection_string", "azure.eventhub.*Client", "azure.storage.queue.*.from_connection_string"), 0, ("conn_str", "fully_qualified_namespace")),
    Client(_Q, "NATS", ("nats.connect", "nats.*.connect", "nsq.Reader", "zmq.*.connect"), 0, ("servers",), Absent.LOCAL),
    Client(_Q, "Pulsar", ("pulsar.Client",), 0, ("service_url",)),
    Client(_Q, "MQTT", ("paho.mqtt.publish.single", "paho.mqtt.publish.multiple", "fastapi_mqtt.MQTTConfig"), _NO, ("hostname", "host")),
    Client(_Q, "MQTT", ("aiomqtt.Client", "asyncio_mqtt.Client"), 0, ("host", "hostname")),
    # --- registries and trackers --------------------------------------------------------------------------------------
    Client(_R, "the Hopsworks registry", ("*.get_model_registry",), _NO, ("project", "host"), Absent.ITSELF),
    Client(_R, "MLflow", ("mlflow.set_tracking_uri", "mlflow.set_registry_uri"), 0, ("uri",)),
    Client(_R, "MLflow", ("mlflow.tracking.MlflowClient", "mlflow.MlflowClient", "mlflow.client.MlflowClient", "*.MLFlowLogger", "*.MLflowLogger", "*.MLflowLoggerCallback", "*.setup_mlflow"), 0, ("tracking_uri",)),
    Client(_R, "Weights & Biases", ("wandb.init", "*.WandbLogger", "*.WandBLogger", "*.WandbLoggerCallback", "*.setup_wandb"), _NO, ("entity", "project"), Absent.ITSELF, ("wandb",), soft=True),
    Client(_R, "Comet", ("comet_ml.*Experiment", "comet_ml.init", "comet_ml.start", "comet_ml.login", "comet_ml.API", "*.CometLogger"), _NO, ("api_key", "workspace", "project_name", "project"), Absent.ITSELF, ("comet_ml",), soft=True),
    Client(_R, "Neptune", ("neptune.init*", "neptune.new.init*", "neptune.Session*", "*.NeptuneLogger"), _NO, ("project", "api_key"), Absent.ITSELF, ("neptune",), soft=True),
    Client(_R, "ClearML", ("clearml.Task.init", "trains.Task.init"), _NO, (), Absent.ITSELF, ("clearml",)),
    Client(_R, "DagsHub", ("dagshub.init",), 0, ("repo_owner", "repo_name", "url")),
    Client(_R, "the Azure ML workspace", ("azureml.core.Workspace.get", "azureml.core.*.Workspace.get", "azureml.core.Workspace", "azureml.core.Workspace.create"), 0, ("name", "workspace_name", "subscription_id", "resource_group_name"), Absent.ITSELF),
    Client(_R, "the Azure ML workspace", ("azure.ai.ml.MLClient",), 3, ("workspace_name", "subscription_id", "resource_group_name"), Absent.ITSELF),
    Client(_R, "the Azure ML workspace", ("azureml.core.*Workspace.from_config", "azure.ai.ml.MLClient.from_config"), _NO, ("path",), Absent.ITSELF),
    Client(_R, "the ZenML stack", ("zenml.Model", "zenml.*.Model", "*.active_stack.experiment_tracker", "*.configure_mlflow"), _NO, (), Absent.ITSELF, ("zenml.Model", "zenml.model")),
    Client(_R, "the Azure ML run history", ("azureml.core.*Run.get_context",), _NO, (), Absent.ITSELF),
    Client(_R, "the SageMaker model registry", ("*.create_model_package", "*.create_model_package_group", "*.list_model_packages", "*.RegisterModel", "sagemaker.ModelPackage", "*.ModelPackage", "sagemaker.experiments.*", "smexperiments.*"), _NO, ("model_package_group_name", "ModelPackageGroupName", "model_package_arn"), Absent.ITSELF),
    Client(_R, "the SageMaker model registry", ("*.register",), _NO, ("model_package_group_name",), soft=True),
    Client(_R, "the Snowflake registry", ("snowflake.ml.registry.*Registry",), _NO, (), Absent.ITSELF),
    Client(_R, "the Kubeflow registry", ("model_registry.ModelRegistry",), 0, ("server_address",)),
    Client(_R, "DVCLive", ("dvclive.Live",), 0, ("dir",), soft=True),
    Client(_R, "the Vertex AI registry", ("google.cloud.aiplatform.Model.upload", "*.ModelUploadOp", "google.cloud.aiplatform.Model", "google.cloud.aiplatform.models.*", "google.cloud.aiplatform.log_metrics", "google.cloud.aiplatform.start_run"), _NO, ("project", "experiment"), Absent.ITSELF),
    Client(_R, "the experiments of Vertex AI", ("google.cloud.aiplatform.init", "*.PipelineJob().submit", "*job.submit"), _NO, ("experiment",), soft=True),
    Client(_R, "the Vertex AI project", ("google.cloud.aiplatform.init",), _NO, ("project", "experiment"), Absent.ITSELF),
    Client(_R, "Weights & Biases", ("weave.init",), 0, ("project_name",), Absent.ITSELF, soft=True),
    Client(_R, "an experiment tracker", ("aim.Run", "sacred.observers.MongoObserver*", "guild.*", "swanlab.init", "trackio.init", "polyaxon.tracking.init", "verta.Client", "determined.*"), _NO, ("repo", "url", "host"), Absent.ITSELF),
    # --- monitoring -----------------------------------------------------------------------------------------------------
    Client(_M, "Sentry", ("sentry_sdk.init", "raven.Client", "*.SentryAsgiMiddleware"), 0, ("dsn",), Absent.ITSELF),
    Client(_M, "a Prometheus push gateway", ("prometheus_client.push_to_gateway", "prometheus_client.*.push_to_gateway", "*.pushadd_to_gateway"), 0, ("gateway",)),
    Client(_M, "StatsD", ("statsd.StatsClient", "datadog.initialize", "datadog.statsd.*", "statsd.*.StatsClient"), 0, ("host", "statsd_host", "api_key"), Absent.ITSELF),
    Client(_M, "OpenTelemetry", ("*.OTLPSpanExporter", "*.OTLPMetricExporter", "*.OTLPLogExporter", "*.JaegerExporter", "*.ZipkinExporter", "*.configure_azure_monitor"), _NO, ("endpoint", "agent_host_name", "collector_endpoint", "connection_string"), Absent.ITSELF),
    Client(_M, "Application Insights", ("*.AzureLogHandler", "*.AzureExporter", "*.AzureEventHandler", "*.metrics_exporter.new_metrics_exporter", "applicationinsights.TelemetryClient"), 0, ("connection_string", "instrumentation_key"), Absent.ITSELF),
    Client(_M, "a tracer of language models", ("langfuse.*Langfuse", "langfuse.*CallbackHandler", "phoenix.otel.register", "langsmith.Client", "logfire.configure", "opik.configure", "opik.Opik", "arize.*.Client", "helicone.*", "traceloop.sdk.Traceloop.init", "agentops.init", "literalai.*Client", "lunary.*"), _NO, ("host", "endpoint", "api_key", "secret_key", "api_url", "url", "workspace"), Absent.ITSELF, ("opik", "langfuse", "langsmith", "logfire", "arize", "ddtrace", "newrelic", "elasticapm", "rollbar", "bugsnag", "whylogs.api.writer", "whylabs_client")),
    Client(_M, "an application monitor", ("scout_apm.api.Config.set", "apitally.*Middleware", "honeybadger.honeybadger.configure", "airbrake.*", "appsignal.Appsignal", "highlight_io.H", "instana.*"), _NO, ("url",), Absent.ITSELF, ("scout_apm", "apitally", "appsignal", "highlight_io", "instana")),
    Client(_M, "Evidently", ("evidently.ui.*.RemoteWorkspace", "evidently.ui.*.CloudWorkspace", "evidently.ui.workspace.*"), 0, ("base_url", "url", "token")),
    Client(_M, "a monitor of models", ("fiddler.init", "fiddler.FiddlerApi", "deepchecks_client.DeepchecksClient"), 0, ("url", "host"), Absent.ITSELF),
    Client(_M, "alerts", ("pdpyras.*Session", "pagerduty.*Client", "apprise.Apprise"), _NO, (), Absent.ITSELF),
    Client(_M, "Cloud Monitoring", ("google.cloud.monitoring*.*Client", "google.cloud.error_reporting.Client", "google.cloud.logging.Client", "*.put_metric_data", "*.put_metric_alarm"), _NO, ("project",), Absent.ITSELF),
    Client(_M, "Model Monitor", ("sagemaker.model_monitor.*", "*.ModelMonitor", "*.DefaultModelMonitor", "*.MonitoringSchedule", "*.CfnMonitoringSchedule", "*.ModelDeploymentMonitoringJob.create", "google*.ModelMonitoring*", "vertexai.*.ModelMonitoring*", "*.*MonitoringConfig", "*.RandomSampleConfig", "google*.model_monitoring.*", "vertexai.*.model_monitoring.*", "mlrun.*model_monitoring.*"), _NO, (), Absent.ITSELF),
    Client(_M, "CloudWatch", ("*.CfnAlarm", "*.CfnDashboard", "aws_cdk.aws_cloudwatch.Alarm", "aws_cdk.aws_cloudwatch.Dashboard"), _NO, (), Absent.ITSELF),
    Client(_M, "Slack alerts", ("slack_sdk.WebClient", "slack.WebClient", "slackclient.SlackClient", "slack_sdk.webhook.WebhookClient", "slack_sdk.*.WebhookClient", "*.SlackWebhook", "slackweb.Slack", "knockknock.slack_sender", "*.SlackWebhookHook", "*.SlackWebhookOperator", "*.SlackAPIPostOperator"), 0, ("url", "token", "webhook_url", "http_conn_id", "slack_conn_id", "slack_webhook_conn_id", "webhook_token"), Absent.ITSELF),
    Client(_M, "e-mail alerts", ("smtplib.SMTP", "smtplib.SMTP_SSL"), 0, ("host",), Absent.NOTHING),
)  # fmt: skip

# By the first argument of `boto3.client(...)` and `boto3.resource(...)`.
AWS = {
    "s3": Kind.STORAGE, "dynamodb": Kind.DATABASE, "athena": Kind.DATABASE, "rds-data": Kind.DATABASE, "redshift-data": Kind.DATABASE,
    "timestream-query": Kind.DATABASE, "sagemaker-featurestore-runtime": Kind.DATABASE, "sqs": Kind.QUEUE, "kinesis": Kind.QUEUE,
    "cloudwatch": Kind.MONITORING, "sns": Kind.MONITORING, "opensearch": Kind.DATABASE,
}  # fmt: skip
# The arguments that name what lies in an AWS service.
AWS_NAMES = {
    Kind.DATABASE: ("TableName", "Database", "database", "resourceArn"),
    Kind.QUEUE: ("QueueUrl", "QueueName", "StreamName"),
    Kind.MONITORING: ("TopicArn", "TargetArn"),
}
# Images of backing services, as their repository names begin or end.
IMAGES = {
    Kind.DATABASE: ("postgres", "pgvector", "timescale", "mysql", "mariadb", "mongo", "redis", "valkey", "elasticsearch", "opensearch", "cassandra", "neo4j", "influxdb", "qdrant", "chroma", "weaviate", "milvus",
                    "clickhouse", "cockroach", "mssql", "memcached", "typesense", "meilisearch", "dynamodb-local", "feast"),
    Kind.STORAGE: ("minio", "localstack", "fake-gcs-server", "azurite"),
    Kind.REGISTRY: ("mlflow", "clearml", "aimstack"),
    Kind.QUEUE: ("rabbitmq", "kafka", "zookeeper", "nats", "pulsar", "activemq", "redpanda", "mosquitto", "zeebe"),
    Kind.MONITORING: ("prometheus", "grafana", "loki", "alertmanager", "jaeger", "otel", "opentelemetry-collector", "sentry", "datadog", "zipkin", "tempo", "statsd", "node-exporter", "cadvisor", "evidently", "netdata", "pushgateway", "langfuse"),
}  # fmt: skip
# Resources of Terraform, CloudFormation and CDK.
RESOURCES = {
    Kind.DATABASE: r"aws_(?:db_instance|rds_|dynamodb_table|redshift|elasticache|opensearch|elasticsearch)|google_(?:sql_|bigquery_|firestore|redis|spanner|bigtable)|azurerm_(?:postgres|mysql|mssql|cosmosdb|redis|sql)|"
                   r"AWS::(?:RDS|DynamoDB|Redshift|ElastiCache|OpenSearch|Elasticsearch)::|Microsoft\.(?:DocumentDB|Sql|DBfor|Cache)",
    Kind.STORAGE: r"aws_s3_bucket|google_storage_bucket|azurerm_storage_(?:account|container)|AWS::S3::Bucket|Microsoft\.Storage",
    Kind.REGISTRY: r"azurerm_machine_learning_workspace|AWS::SageMaker::ModelPackage|google_vertex_ai_(?!endpoint|index|feature)|aws_sagemaker_model_package|Microsoft\.MachineLearningServices/workspaces",
    Kind.QUEUE: r"aws_(?:sqs_queue|kinesis_stream|msk_|mq_)|google_pubsub_(?:topic|subscription)|azurerm_(?:servicebus|eventhub)|AWS::(?:SQS|Kinesis|MSK)::|Microsoft\.(?:ServiceBus|EventHub)",
    Kind.MONITORING: r"aws_(?:cloudwatch_metric_alarm|cloudwatch_dashboard|sns_topic\b)|google_monitoring_|azurerm_(?:application_insights|monitor_)|AWS::(?:CloudWatch|SNS|SageMaker::Monitoring)|Microsoft\.Insights|"
                     r"helm_release.*(?:prometheus|grafana)",
}  # fmt: skip
# Modules of public registries that make such resources, by the second part of their address.
MODULES = {
    Kind.DATABASE: r"rds(?:-aurora)?|dynamodb-table|redshift|elasticache|opensearch|sql-db|bigquery|memorystore|cloud-spanner|postgresql|cosmosdb",
    Kind.STORAGE: r"s3-bucket|cloud-storage",
    Kind.QUEUE: r"sqs|msk(?:-kafka-cluster)?|pubsub",
    Kind.MONITORING: r"cloudwatch|sns",
}
# Addresses that name their service themselves, wherever a config file holds them.
SCHEMES = {
    Kind.DATABASE: r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|oracle|mssql|redshift|snowflake|clickhouse|cassandra|neo4j|bolt|sqlite)(?:\+\w+)?(?::\w+)*:(?://|@)|^rediss?://|jdbc:\w+:",
    Kind.STORAGE: r"^(?:s3[an]?|gs|gcs|wasbs?|abfss?|hdfs|az|azureml)://",
    Kind.QUEUE: r"^(?:amqps?|kafka|nats|pulsar|mqtt)://",
    Kind.MONITORING: r"sentry\.io/|hooks\.slack\.com/|\.applicationinsights\.|InstrumentationKey=",
}  # fmt: skip
# Keys of configuration files that locate a service; searched in the dotted path of the leaf.
KEYS = {
    Kind.DATABASE: r"datasource\.url|sql_alchemy_conn|mongodb\.(?:uri|host)|redis\.(?:host|url)|elasticsearch.*(?:hosts?|urls?|uris)$|(?:^|[._-])(?:db|database|postgres|mysql|mongo|qdrant|milvus|weaviate|pinecone|neo4j)[._-]?(?:host|url|uri|name|path|connection)|SQLALCHEMY_DATABASE_URI|^[^.]+\.outputs\.[^.]+\.(?:host|account|project|server)$|^o(?:n|ff)line_store\.(?:connection_string|host|path|project_id|account|dataset)$",
    Kind.STORAGE: r"(?:^|[._-])(?:s3|gcs|minio|blob|aws|storage)?[._-]?bucket(?:[._-]?name)?$|(?:minio|s3|blob|storage)[._-]?(?:url|endpoint|account)|(?:^|[.'])remote.*\.url$|(?:^|[._])data_(?:path|dir|folder|root)$|hf_(?:repo_id|model_name)$",
    Kind.REGISTRY: r"(?:mlflow|tracking)[._-]?(?:tracking[._-]?)?(?:uri|url)",
    Kind.QUEUE: r"bootstrap[._-]?servers|broker_url|rabbitmq\.(?:host|addresses)|kafka\.?\S*[._-]?(?:brokers?|host|url|servers?)$|(?:pubsub|sqs|(?<!work_)queue|topic)[._-]?(?:url|name|topic|id)$",
    Kind.MONITORING: r"sentry[._-]?dsn|(?:grafana|prometheus|influx)[._-]?(?:url|host)|slack[._-]?(?:webhook|url|token|channel)|(?:log|cloudwatch)[._-]?group|otlp.*endpoint",
}  # fmt: skip
# Variables of the environment that locate a service, by their names.
VARIABLES = {
    Kind.DATABASE: r"DATABASE_UR[LI]|(^|_)(DB|POSTGRES|PG|MYSQL|MONGO(DB)?|REDIS|QDRANT|WEAVIATE|MILVUS|CHROMA|PINECONE|NEO4J|ELASTIC(SEARCH)?|SNOWFLAKE|SUPABASE)_(HOST|URL|URI|ACCOUNT|INDEX(_NAME)?|ENV\w*|CONNECTION\w*|DSN|ENDPOINT)$|^PGHOST$",
    Kind.STORAGE: r"BUCKET|AIP_STORAGE_URI|STORAGE_(ACCOUNT|URI|CONNECTION|CONTAINER)|S3_(ENDPOINT|URI|URL|PATH)|MINIO_(ENDPOINT|URL|HOST)|PIPELINE_ROOT|DATASTORE_NAME|_DATASTORE$|BLOB_|SM_MODEL_DIR|SM_CHANNEL|AZUREML_MODEL_DIR|(MODEL|DATA|ARTIFACTS?)_(STORE_)?UR[IL]$",
    Kind.QUEUE: r"KAFKA_\w*(BROKER|SERVER|HOST|URL)|BOOTSTRAP_SERVERS|RABBITMQ_(HOST|URL)|AMQP_URL|BROKER_URL|SQS_\w*|QUEUE_(URL|NAME)$|PUBSUB_\w+|TOPIC_(ARN|NAME|ID)$",
    Kind.REGISTRY: r"MLFLOW_TRACKING_UR[IL]|WANDB_\w+|COMET_\w+|NEPTUNE_\w+|MODEL_PACKAGE_GROUP\w*",
    Kind.MONITORING: r"SENTRY_DSN|OTEL_EXPORTER\w+|DATADOG_\w+|DD_API_KEY|SLACK_(WEBHOOK|HOOK|URL|TOKEN|BOT_TOKEN)\w*|(DISCORD|TEAMS)_WEBHOOK\w*|APPLICATIONINSIGHTS\w+|LANGFUSE_\w+|LANGSMITH_\w+|LANGCHAIN_TRACING\w*|PROMETHEUS_\w*(URL|GATEWAY)|GRAFANA_\w+|LOGFIRE_\w+",
}
