"""Systems in R: their servers and ports, and what scripts prepare and measure beside the training."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()
FOREST = "library(randomForest)\nrows <- read.csv(file)\n{before}\nmodel <- randomForest(kind ~ ., data = rows)\n{after}\nsaveRDS(model, file = out)\n"


@pytest.mark.parametrize(
    ("port", "state"), [("80", State.UNMET), ("8080L", State.UNMET), ("as.integer(Sys.getenv('PORT'))", State.MET)]
)
def test_a_port_that_a_script_gives_to_plumber_is_a_literal(port: str, state: State) -> None:
    code = f"library(plumber)\nrouter <- plumb('api.R')\nrouter$run(host = '0.0.0.0', port = {port})\n"
    found = CHECKS["port-binding.port-from-environment"](facts_of({"run.R": code}))
    assert found.state is state, found.summary


def test_a_port_that_nobody_gives_is_left_to_plumber() -> None:
    code = "library(plumber)\nplumb('api.R')$run(host = '0.0.0.0')\n"
    assert CHECKS["port-binding.port-from-environment"](facts_of({"run.R": code})).state is State.PARTIAL


def test_an_application_of_two_files_is_started_by_shiny_whatever_they_call() -> None:
    server = "server <- function(input, output, session) {\n  output$kind <- renderText('a')\n}\n"
    both = facts_of({"server.R": server, "ui.R": "ui <- fluidPage()\n"})
    assert CHECKS["port-binding.service"](both).state is State.MET
    assert CHECKS["port-binding.service"](facts_of({"server.R": server})).state is State.NA


@pytest.mark.parametrize(
    "split",
    [
        "rows <- rows %>% sample_frac(0.8)",
        "index <- sample(1:count, 0.7 * count, replace = FALSE)",
        "index <- sample(nrow(rows), floor(.75 * nrow(rows)))",
        "index <- sample(2, nrow(rows), replace = TRUE, prob = c(0.7, 0.3))",
    ],
)
def test_rows_that_are_split_before_the_training_are_prepared_inline(split: str) -> None:
    found = CHECKS["codebase.preprocessing"](facts_of({"train.R": FOREST.format(before=split, after="")}))
    assert found.state is State.PARTIAL, found.summary


@pytest.mark.parametrize(
    "line", ["shown <- sample(rows$kind, 10)", "print(sample(colours))", "rate <- sample(c(0.1, 0.5), 1)"]
)
def test_drawing_some_values_prepares_no_rows(line: str) -> None:
    found = CHECKS["codebase.preprocessing"](facts_of({"train.R": FOREST.format(before=line, after="")}))
    assert found.state is State.UNMET, found.summary


@pytest.mark.parametrize(
    "measured",
    [
        "table(test$predicted, test$kind)",
        "table(Actual = test$kind, Predicted = predictions)",
        "error <- mean((predictions - actual)^2)",
        "right <- mean(test$kind == pred)",
        "error <- sqrt(mean((actual - pred.rf)^2))",
    ],
)
@pytest.mark.parametrize(("path", "state"), [("train.R", State.PARTIAL), ("measure.R", State.MET)])
def test_predictions_that_are_compared_with_the_truth_are_measured(measured: str, path: str, state: State) -> None:
    files = {"train.R": FOREST.format(before="", after=measured if path == "train.R" else "")}
    files |= {} if path == "train.R" else {path: f"model <- readRDS('model.rds')\n{measured}\n"}
    found = CHECKS["codebase.evaluation"](facts_of(files))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    "line",
    [
        "table(rows$kind, rows$place)",
        "middle <- mean(rows$width - rows$height)",
        "table(rows$predictor, rows$kind)",
        "more <- mean(rows$predators - rows$prey)",
        "took <- mean(prediction_times - begun)",
    ],
)
def test_tables_and_means_of_the_data_measure_no_model(line: str) -> None:
    found = CHECKS["codebase.evaluation"](facts_of({"train.R": FOREST.format(before=line, after="")}))
    assert found.state is State.UNMET, found.summary


@pytest.mark.parametrize(
    ("host", "state"),
    [
        ("Sys.getenv('DB_HOST')", State.MET),
        ("'db.wines.example'", State.UNMET),
        ("host_of(place)", State.PARTIAL),
    ],
)
@pytest.mark.parametrize("between", ["\n  ", " "])
def test_a_connection_is_located_by_its_host_on_whichever_line(host: str, state: State, between: str) -> None:
    code = f"library(DBI)\nrows <- DBI::dbConnect({between}RPostgres::Postgres(),{between}host = {host},{between}user = name\n)\n"
    found = CHECKS["backing-services.databases"](facts_of({"rows.R": code}))
    assert found.state is state, found.summary


@pytest.mark.parametrize("given", ["", ",\n  dbname = name"])
def test_the_arguments_of_another_call_tell_nothing_of_a_connection(given: str) -> None:
    code = f"library(DBI)\nrows <- DBI::dbConnect(RPostgres::Postgres(){given})\nshown <- page(\n  host = Sys.getenv('HOST')\n)\n"
    assert CHECKS["backing-services.databases"](facts_of({"rows.R": code})).state is State.PARTIAL


@pytest.mark.parametrize(
    ("opened", "written", "state"),
    [
        ("DBI::dbConnect(RSQLite::SQLite(), place())", "DBI::dbWriteTable(con, 'runs', run)", State.UNMET),
        ("DBI::dbConnect(duckdb::duckdb(), dbdir = place())", "DBI::dbAppendTable(con, 'runs', run)", State.UNMET),
        ("DBI::dbConnect(RSQLite::SQLite(), place())", "DBI::dbGetQuery(con, 'SELECT 1')", State.MET),  # only read
        ("DBI::dbConnect(RSQLite::SQLite(), ':memory:')", "DBI::dbWriteTable(con, 'runs', run)", State.MET),
        ("DBI::dbConnect(RPostgres::Postgres(), host = h)", "DBI::dbWriteTable(con, 'runs', run)", State.MET),
    ],
)
def test_a_database_file_that_an_application_writes_to_is_state(opened: str, written: str, state: State) -> None:
    files = {
        "app.R": "library(shiny)\nsource('R/db.R')\nshinyApp(ui, server)\n",
        "R/db.R": f"con <- {opened}\n{written}\n",
    }
    assert CHECKS["processes.share-nothing"](facts_of(files)).state is state


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("options(shiny.port=$(PORT)); shiny::runApp('.')", State.MET),
        ("options(shiny.port=4848); shiny::runApp('.')", State.PARTIAL),
        ("shiny::runApp('.', port = as.numeric(Sys.getenv('PORT')))", State.MET),
        ("shiny::runApp('.', port = 4848)", State.PARTIAL),
    ],
)
def test_the_port_of_an_application_is_an_option_or_an_argument(command: str, state: State) -> None:
    files = {
        "app.R": "library(shiny)\nshinyApp(ui, server)\n",
        "Makefile": f'PORT ?= 4848\n\nrun:\n\tRscript -e "{command}"\n',
    }
    assert CHECKS["port-binding.port-from-environment"](facts_of(files)).state is state


def test_where_a_package_is_read_about_is_no_setting() -> None:
    code = "library(shiny)\nhome <- Sys.getenv('HOME_OF_APP')\nurl <- 'https://CRAN.R-project.org/package=vars'\nshinyApp(ui, server)\n"
    assert CHECKS["config.environment"](facts_of({"app.R": code})).state is State.MET
    asked = code.replace("CRAN.R-project.org/package=vars", "models.acme-corp.net/v2")
    assert CHECKS["config.environment"](facts_of({"app.R": asked})).state is State.PARTIAL
