"""Train on the built-in corpus, small, and ask the model about a sentence it has not seen."""

import tempfile
from pathlib import Path

import attendo
from attendo.configuration import read_settings
from attendo.data import write_corpus

with tempfile.TemporaryDirectory() as folder:
    write_corpus(Path(folder, "corpus"), size=600)
    settings = read_settings(attendo.RunSettings, overrides=["task.model.size=tiny", "training.epochs=2"])
    result = attendo.train("classify", Path(folder, "corpus"), out=Path(folder, "model"), settings=settings)
    model = attendo.load(Path(folder, "model"))
    print(model.predict("The soup was not delicious at all.")[0].label)
    print("linear, attendo:", [round(system.scores["test"].accuracy.value, 2) for system in result.story.systems[1:]])
