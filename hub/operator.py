"""Whoever may run a command on the hub's own machine."""

from uuid import UUID

from crm_core.staff.roles import ROLES
from crm_core.staff.visibility import Viewer


OPERATOR = Viewer(UUID(int=0), grants=dict(ROLES["owner"][1]))
"""May do everything an owner may, and is nobody: the audit log names the command instead."""
