"""Alerts and tasks: what is wrong, what is to be done, and that somebody saw to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onthaal.central.foundation.attention import actions, queries
from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.gates import for_any_staff, for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.faces.staff.drawn import page_of
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.subjects import lines
from onthaal.words import words

SEES_TO_IT = ("clerk", "technician", "administrator")
LAST_DONE = 10


@require_safe
@for_any_staff
def alerts(request: HttpRequest) -> HttpResponse:
    """What is wrong now, the gravest first; below it what was seen before."""
    lang = lang_of(request)
    page = page_of(request, queries.acknowledged_alerts())
    shown = {
        "open": lines(queries.open_alerts(), below="desk.alert", lang=lang),
        "earlier": lines(page.object_list, below="desk.alert", lang=lang),
        "page": page,
        "may_act": me(request).has_role(*SEES_TO_IT),
    }
    return render(request, "staff/alerts.html", shown)


@require_POST
@for_roles(*SEES_TO_IT)
def acknowledge(request: HttpRequest, alert_id: int) -> HttpResponse:
    """A person has seen it."""
    try:
        actions.acknowledge(alert_id, me(request))
    except Alert.DoesNotExist:
        raise Http404 from None
    messages.success(request, words("desk.done.acknowledged", lang_of(request)))
    return redirect("desk-alerts")


@require_safe
@for_any_staff
def tasks(request: HttpRequest) -> HttpResponse:
    """Everything there is to do, the oldest first; below it what was done last, to put back after a wrong click."""
    page, lang = page_of(request, queries.open_tasks()), lang_of(request)
    shown = {
        "tasks": lines(page.object_list, below="desk.task", lang=lang),
        "done": lines(queries.done_tasks()[:LAST_DONE], below="desk.task", lang=lang),
        "page": page,
        "may_finish": me(request).has_role(*SEES_TO_IT),
    }
    return render(request, "staff/tasks.html", shown)


@require_POST
@for_roles(*SEES_TO_IT)
def finish(request: HttpRequest, task_id: int) -> HttpResponse:
    """It is done; harmless when somebody had done it before."""
    try:
        task = queries.task(task_id)
    except Task.DoesNotExist:
        raise Http404 from None
    actions.finish_task(kind=task.kind, about=task.about, by=me(request))
    messages.success(request, words("desk.done.task-done", lang_of(request)))
    return redirect("desk-tasks" if request.POST.get("from") == "tasks" else "desk")


@require_POST
@for_roles(*SEES_TO_IT)
def put_back(request: HttpRequest, task_id: int) -> HttpResponse:
    """It was not done after all: asked for once more, as it was."""
    try:
        task = queries.task(task_id)
    except Task.DoesNotExist:
        raise Http404 from None
    actions.open_task(kind=task.kind, about=task.about, slots=task.slots)
    messages.success(request, words("desk.done.task-back", lang_of(request)))
    return redirect("desk-tasks")
