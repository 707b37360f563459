"""How the commands that do not train read files. Imported late: it needs the data room."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, field

from attendo.cli.options import setting_values
from attendo.configuration import read_settings
from attendo.data import DataSettings


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, under the same keys."""

    data: DataSettings = field(default_factory=DataSettings)
    """How files are read."""


def reading_settings(options: Namespace) -> DataSettings:
    """The settings that the options of `add_reading` come to.

    Raises:
        ConfigError: naming everything that is wrong.
    """
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options)).data
