"""Actor: who acts, with the roles and permissions the rule book gives to the title at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.policy.permissions import NAMES


@dataclass(frozen=True)
class Actor:
    """A person (or the system) on whose account a verb runs. Plain values, no database row."""

    user_id: int
    username: str
    name: str
    title: str
    roles: frozenset[str]
    permissions: frozenset[str]
    unit_id: int
    department_id: int | None = None
    department: str = ""
    authority_ends: datetime | None = None

    @property
    def is_system(self) -> bool:
        """Whether the house itself acts: set-up, the clock, the worker; nobody can sign in as it."""
        return self.user_id == 0

    def can(self, permission: str) -> bool:
        """Whether one of the actor's roles gives this permission."""
        return permission in self.permissions

    def must(self, permission: str) -> None:
        """Raises Refused: permission — the rule book gives this permission to none of the roles."""
        if not self.can(permission):
            raise Refused(
                "permission",
                _("%(title)s的岗位权限里没有这一项，没有改动任何记录。", title=self.title),
                rule=_("各级人员只能查看和使用自己权限范围内的内容"),
                # A clause is quoted as the rule book has it, in every language and for ever in the audit.
                clause=f"制度 权限表：{NAMES[permission].text if permission in NAMES else permission}",
                may_decide=_("系统管理员"),
                next_step=_("需要这项权限时，请部门负责人向系统管理员提出。"),
            )


def system(unit_id: int = 1) -> Actor:
    """The house itself: the clock that marks loans overdue, the worker that reads pages."""
    return Actor(0, "system", "system", "", frozenset({"system"}), frozenset(), unit_id)
