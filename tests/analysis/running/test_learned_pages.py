"""Pages that ask a model in the browser: they serve, by whatever serves them."""

from __future__ import annotations

from apps.analysis.checks.port_binding import service
from apps.analysis.findings import State
from tests.analysis.making import facts_of

PACKAGE = '{"scripts": {"start": "react-scripts start", "build": "react-scripts build"}}'
PAGE = "import * as tf from '@tensorflow/tfjs';\n\nconst model = await tf.loadLayersModel('/model.json');\n"
BUILT = "FROM node:20 AS pages\nRUN npm run build\nFROM nginx:1.27\nCOPY --from=pages /app/build /usr/share/nginx\n"


def test_a_page_that_asks_a_model_serves_by_the_server_of_its_development() -> None:
    facts = facts_of({"package.json": PACKAGE, "src/App.js": PAGE})
    assert facts.profile.serves.holds
    assert service.check(facts).state is State.PARTIAL


def test_nginx_serves_it_once_it_is_built() -> None:
    facts = facts_of({"package.json": PACKAGE, "src/App.js": PAGE, "Dockerfile": BUILT})
    assert service.check(facts).state is State.MET


def test_a_page_that_asks_no_model_serves_nothing_of_its_own() -> None:
    assert not facts_of({"package.json": PACKAGE, "src/App.js": "fetch('/predict');\n"}).profile.serves.holds


def test_a_page_beside_an_api_changes_nothing_about_its_server() -> None:
    api = "from fastapi import FastAPI\nimport uvicorn\n\napp = FastAPI()\nuvicorn.run(app)\n"
    facts = facts_of({"package.json": PACKAGE, "src/App.js": PAGE, "api.py": api})
    assert service.check(facts).state is State.MET
