"""Names that a module gives to parts of a library."""

from __future__ import annotations

import pytest

from tests.analysis.making import facts_of


@pytest.mark.parametrize(
    "source",
    [
        "from tensorflow import keras\n\nload_model = keras.models.load_model\n\nmodel = load_model('m.h5')\n",
        "import tensorflow as tf\n\nkeras = tf.keras\nmodels = keras.models\n\nmodel = models.load_model('m.h5')\n",
    ],
)
def test_a_module_may_name_parts_of_a_library_anew(source: str) -> None:
    assert facts_of({"app.py": source}).profile.loads_model.holds


def test_flags_keep_their_name() -> None:
    source = "import tensorflow as tf\n\nFLAGS = tf.app.flags.FLAGS\n\nprint(FLAGS.rate)\n"
    code = facts_of({"train.py": source}).code[0].facts.code
    assert code
    assert code.calls[-1].args == ["$FLAGS.rate"]


@pytest.mark.parametrize(
    ("module", "loads"), [("weather.lazy", True), (".compat", True), ("weather.import_utils", False), ("mlflow", False)]
)
def test_a_module_may_hand_on_a_library(module: str, loads: bool) -> None:
    source = f"from {module} import torch\n\nmodel = torch.load(path)\n"
    assert facts_of({"weather/run.py": source}).profile.loads_model.holds is loads
