"""The task `roles`: which words are predicates, and which words are which role of one of them."""

from attendo.tasks.framing.building import build_labeller, build_labeller_on_base, load_labeller
from attendo.tasks.framing.learning import FramedInputs, FrameProblem, encode_framed
from attendo.tasks.framing.model import (
    FoundFrame,
    FoundPredicate,
    Framing,
    RoleLabeller,
    score_both,
)
from attendo.tasks.framing.role_set import Senses, role_tags
from attendo.tasks.framing.scoring import FrameFinder
from attendo.tasks.framing.settings import RoleSettings
from attendo.tasks.framing.usual_roles import UsualRoles

__all__ = [
    "FoundFrame",
    "FoundPredicate",
    "FrameFinder",
    "FrameProblem",
    "FramedInputs",
    "Framing",
    "RoleLabeller",
    "RoleSettings",
    "Senses",
    "UsualRoles",
    "build_labeller",
    "build_labeller_on_base",
    "encode_framed",
    "load_labeller",
    "role_tags",
    "score_both",
]
