"""The rule book as data: TOML read into frozen values that answer pure questions, each with its clause."""

from archive_app.policy.book import RuleBook
from archive_app.policy.compose import profile_text, profiles
from archive_app.policy.difference import Change, difference
from archive_app.policy.facts import Answer, ChainFacts, Due, FolderFacts, Person, Scope
from archive_app.policy.load import load, load_profile
from archive_app.policy.parts import ACTIONS, SORTS, USES, Arrangement, ChainStep, Rule
from archive_app.policy.permissions import PERMISSIONS
from archive_app.policy.reader import Problem, RuleBookError
from archive_app.policy.replay import Event, Replayed, replay

__all__ = [
    "ACTIONS",
    "PERMISSIONS",
    "SORTS",
    "USES",
    "Answer",
    "Arrangement",
    "ChainFacts",
    "ChainStep",
    "Change",
    "Due",
    "Event",
    "FolderFacts",
    "Person",
    "Problem",
    "Replayed",
    "Rule",
    "RuleBook",
    "RuleBookError",
    "Scope",
    "difference",
    "load",
    "load_profile",
    "profile_text",
    "profiles",
    "replay",
]
