"""Numbers for texts or pairs of texts: `classify` where labels are amounts, such as how alike two texts are.

`Rater` is the user's model. Not for labels (`tasks/classify.py`), nor for reading files (`data/`).
"""

from attendo.tasks.rating.building import build_rater, build_rater_on_base
from attendo.tasks.rating.learning import RatingOnBase, RatingProblem, last_layer
from attendo.tasks.rating.model import Rater, Rating
from attendo.tasks.rating.numbers import NumberScale, RatedTexts, encode_rated
from attendo.tasks.rating.ridge import fit_ridge_path, fit_ridge_reference

__all__ = [
    "NumberScale",
    "RatedTexts",
    "Rater",
    "Rating",
    "RatingOnBase",
    "RatingProblem",
    "build_rater",
    "build_rater_on_base",
    "encode_rated",
    "fit_ridge_path",
    "fit_ridge_reference",
    "last_layer",
]
