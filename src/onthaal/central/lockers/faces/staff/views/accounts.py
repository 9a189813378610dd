"""The staff's accounts, for the administrator."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.people import actions, passwords, queries
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access import queries as badges
from onthaal.central.lockers.faces.staff.drawn import page_of, qr
from onthaal.central.lockers.faces.staff.forms import AccountForm, role_choices
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words


@require_safe
@for_roles("administrator")
def every(request: HttpRequest) -> HttpResponse:
    """Every account, with its roles and its badge."""
    page = page_of(request, queries.accounts())
    found = badges.badges_of(account.pk for account in page.object_list)
    rows = [(account, found.get(account.pk)) for account in page.object_list]
    return render(request, "staff/accounts.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles("administrator")
def create(request: HttpRequest) -> HttpResponse:
    """A new account; its first password is shown this once."""
    form = AccountForm(request.POST or None, lang=lang_of(request))
    if request.method == "POST" and form.is_valid():
        password, given = passwords.drawn(), form.cleaned_data
        new = actions.NewAccount(
            username=given["username"], name=given["name"], password=password,
            roles=tuple(given["roles"]), language=given["language"],
        )  # fmt: skip
        account = actions.create_account(new, by=me(request))
        return render(request, "staff/password.html", {"account": account, "password": password})
    return render(request, "staff/account_new.html", {"form": form}, status=422 if form.errors else 200)


def _found(account_id: int) -> Account:
    try:
        return queries.account(account_id)
    except Account.DoesNotExist:
        raise Http404 from None


@require_safe
@for_roles("administrator")
def detail(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account."""
    return _shown(request, _found(account_id))


def _shown(request: HttpRequest, account: Account, *, said: str = "") -> HttpResponse:
    shown = {
        "account": account,
        "badge": badges.badge_of(account.pk),
        "may_have_badge": bool(access.rights_of(account)),
        "roles": [(role, text, role in account.roles) for role, text in role_choices(lang_of(request))],
        "own": account.pk == me(request).pk,
        "said": said,
    }
    return render(request, "staff/account.html", shown, status=409 if said else 200)


def _set_roles(request: HttpRequest, account: Account) -> HttpResponse:
    roles = request.POST.getlist("roles")
    if not roles:
        return _shown(request, account, said=words("desk.accounts.role-missing", lang_of(request)))
    actions.set_roles(account, roles, by=me(request))
    return _done(request, account, "roles-set")


def _set_password(request: HttpRequest, account: Account) -> HttpResponse:
    password = passwords.drawn()
    actions.set_password(account, password, by=me(request))
    return render(request, "staff/password.html", {"account": account, "password": password})


def _issue_badge(request: HttpRequest, account: Account) -> HttpResponse:
    text = access.issue_badge(account_id=account.pk, by=me(request))
    return render(request, "staff/badge_new.html", {"text": text, "qr": qr(text), "owner": account})


def _revoke_badge(request: HttpRequest, account: Account) -> HttpResponse:
    access.revoke_badge(account_id=account.pk, by=me(request))
    return _done(request, account, "badge-revoked")


def _close(request: HttpRequest, account: Account) -> HttpResponse:
    actions.close_account(account, by=me(request))
    return _done(request, account, "account-closed")


def _done(request: HttpRequest, account: Account, what: str) -> HttpResponse:
    messages.success(request, words(f"desk.done.{what}", lang_of(request)))
    return redirect("desk-account", account_id=account.pk)


def _erase(request: HttpRequest, account: Account) -> HttpResponse:
    actions.erase_account(account, by=me(request))
    return _done(request, account, "account-erased")


ACTS: dict[str, Callable[[HttpRequest, Account], HttpResponse]] = {
    "roles": _set_roles,
    "password": _set_password,
    "badge": _issue_badge,
    "revoke-badge": _revoke_badge,
    "close": _close,
    "erase": _erase,
}
ON_CLOSED = frozenset({"erase"})
"""What is done to an account that is closed; the rest only to one in use."""


@require_POST
@for_roles("administrator")
def act(request: HttpRequest, account_id: int) -> HttpResponse:
    """Do one of ACTS. Nobody changes their own account here: the last administrator would lock everybody out."""
    account, wanted = _found(account_id), request.POST.get("act", "")
    if wanted not in ACTS or account.is_active == (wanted in ON_CLOSED) or account.erased_at is not None:
        raise Refusal(Why.MOVE_NOT_ALLOWED)
    if account.pk == me(request).pk:
        raise Refusal(Why.NOT_YOURS)
    return ACTS[wanted](request, account)
