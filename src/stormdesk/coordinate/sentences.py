"""What the journal and messages say about tasks."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register
from stormdesk.notify.messages import register_message

register("task.made", _("%(by)s gave a task to %(owner)s: %(title)s"), icon="st-todo")
register("task.playbook", _("%(count)s tasks were opened from the playbook"), icon="scroll-text")
register("task.taken", _("%(by)s took the task: %(title)s"), icon="st-doing")
register("task.given", _("%(by)s passed the task to %(owner)s: %(title)s"), icon="st-todo")
register("task.done", _("%(by)s finished: %(title)s. %(result)s"), icon="check")
register("task.dropped", _("%(by)s dropped the task “%(title)s”: %(reason)s"), icon="x")
register("task.late", _("Late: %(title)s. %(told)s was told"), icon="clock", group="system")

register_message(
    "task.given", _("A task for you: %(title)s"), _("%(brand)s: you were given the task “%(title)s”.")
)
register_message("task.due", _("Due soon: %(title)s"), _("%(brand)s: “%(title)s” is due in a few minutes."))
register_message(
    "task.late", _("Late: %(title)s"), _("%(brand)s: “%(title)s” is late. It belongs to %(owner)s.")
)
