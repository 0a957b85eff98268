"""Ready models: those that packages bring along, that services answer for, and that servers of models hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.learning import by_http, frameworks
from apps.analysis.learning import names as words
from apps.analysis.running import model_servers

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

    Calls = list[tuple[File, Call]]
    Lines = list[tuple[File, int]]


def bundled(facts: Facts) -> Calls:
    """Calls into packages that bring a trained model with them; not into the repository's own modules of that name."""
    found = facts.calls(*words.BUNDLED)
    own = own_modules(facts) if found else set()
    return frameworks.ordered(
        [pair for pair in found if pair[1].name.partition(".")[0] not in own], r"app|main|serv|detect|recogn|api"
    )


def own_modules(facts: Facts) -> set[str]:
    return {part.removesuffix(".py") for each in facts.scripts for part in each.path.split("/")[-3:]}


_SERVICES_OF_AMAZON = r"^(rekognition|comprehend\w*|textract|transcribe|polly|translate|lexv2-runtime|personalize-runtime|sagemaker-runtime)$"
_LANGUAGE_OF_AMAZON = r"^bedrock(-agent)?-runtime$"


def clients_of_amazon(facts: Facts, pattern: str) -> Calls:
    """Clients of boto3 for a service whose name the pattern finds."""
    made = facts.calls("boto3.client", "*.client")
    return [(file, call) for file, call in made if re.search(pattern, str(call.argument(0, "service_name")))]


def language_services(facts: Facts) -> Calls:
    return clients_of_amazon(facts, _LANGUAGE_OF_AMAZON)


# The same services, as code in other languages imports their clients.
_SERVICES_ELSEWHERE = (
    r"@google-cloud/(vision|speech|language|translate|text-to-speech|documentai|video-intelligence|dialogflow\w*|dlp|retail|discoveryengine|aiplatform)|@aws-sdk/client-(rekognition|comprehend|textract|transcribe|polly|translate|sagemaker-runtime|personalize-runtime)|"
    r"@azure/(ai-(text|form|vision|language)|cognitiveservices-)|microsoft-cognitiveservices-speech-sdk|awssdk\.services\.(rekognition|comprehend|textract|transcribe|polly|translate|sagemakerruntime)\b|"
    r"com\.google\.cloud\.(vision|videointelligence|speech|language|translate|texttospeech|documentai|dialogflow|dlp|retail|discoveryengine)\b|com\.azure\.ai\.(textanalytics|formrecognizer|documentintelligence|translation|vision)\b|cloud\.google\.com/go/(vision|videointelligence|speech|language|translate|documentai|dialogflow|dlp|retail|discoveryengine)\b|service/(rekognition|comprehend|textract|sagemakerruntime)\b"
)


def asked(facts: Facts) -> Lines:
    """Where a model is asked that somebody else, or a server of models, keeps in memory."""
    clients = [*facts.calls(*words.SERVICES), *clients_of_amazon(facts, _SERVICES_OF_AMAZON)]
    return [
        *((file, call.line) for file, call in clients),
        *((file, text.line) for file, text in by_http.models(facts)),
        *((file, line) for file, line, _ in facts.signals("import", _SERVICES_ELSEWHERE)),
    ]


def held(facts: Facts) -> Lines:
    """Servers of models that the deployment starts, or has a cluster start: they load what the code does not."""
    return [*model_servers.started(facts), *model_servers.declared(facts)]
