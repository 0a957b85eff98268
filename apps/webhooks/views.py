"""The page on which maintainers connect a project or a team with its forge, and what its buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.teams.sealed import CannotUnseal
from apps.teams.tokens import remove_token, set_token
from apps.webhooks import services
from apps.webhooks.connections import Connections
from apps.webhooks.forms import TokenForm, WebhookForm

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest, HttpResponse

    class SignedIn(HttpRequest):
        user: User


def _page(request: SignedIn, view: Connections, status: int = 200) -> HttpResponse:
    return render(request, "webhooks/page.html", {"view": view.fetched()}, status=status)


@require_safe
def connections(request: SignedIn, kind: str, slug: str) -> HttpResponse:
    return _page(request, Connections(request, kind, slug))


@require_POST
@never_cache
def add(request: SignedIn, kind: str, slug: str) -> HttpResponse:
    """Answers with the page itself: the secret is in this answer and in no other."""
    view = Connections(request, kind, slug)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            _endpoint, view.secret = services.create_endpoint(owner=view.owner, by=request.user, **form.cleaned_data)
        except IntegrityError:
            messages.error(request, _("There is a webhook already."))
            return redirect(view.url())
    return _page(request, view, 200 if view.secret else 422)


@require_POST
@never_cache
def rotate(request: SignedIn, kind: str, slug: str) -> HttpResponse:
    view = Connections(request, kind, slug)
    endpoint, seen = view.endpoint_or_404(), request.POST.get("seen", "")
    try:
        view.secret = services.rotate_secret(endpoint=endpoint, seen=seen, by=request.user)
    except services.StaleSecret:
        messages.error(request, _("The secret was changed a moment ago. Look when, then decide."))
        return _page(request, view, 409)
    return _page(request, view)


@require_POST
def trial(request: SignedIn, kind: str, slug: str) -> HttpResponse:
    view = Connections(request, kind, slug)
    try:
        services.try_out(endpoint=view.endpoint_or_404())
    except CannotUnseal:
        messages.error(request, _("The secret cannot be read with the keys of this deployment; make a new one."))
    else:
        messages.success(request, _("The endpoint takes what is signed with its secret."))
    return redirect(view.url())


@require_POST
def remove(request: SignedIn, kind: str, slug: str) -> HttpResponse:
    view = Connections(request, kind, slug)
    services.remove_endpoint(endpoint=view.endpoint_or_404(), by=request.user)
    messages.success(request, _("The webhook is removed; remove it at the forge too."))
    return redirect(view.url())


@require_POST
def again(request: SignedIn, kind: str, slug: str, key: int) -> HttpResponse:
    view = Connections(request, kind, slug)
    delivery = view.delivery_or_404(key)
    services.evaluate_again(delivery=delivery)
    messages.success(request, f"{delivery.get_outcome_display()}: {delivery.note}")
    return redirect(view.url())


@require_POST
def token(request: SignedIn, kind: str, slug: str) -> HttpResponse:
    view = Connections(request, kind, slug).fetched()
    form = TokenForm(request.POST, hosts=view.hosts)
    if not form.is_valid():
        view.token_error = str(next(iter(form.errors.values()))[0])
        view.typed_host, view.typed_username = form["host"].value() or "", form["username"].value() or ""
        return _page(request, view, 422)
    set_token(owner=view.owner, by=request.user, **form.cleaned_data)
    messages.success(
        request, _("The token for %(host)s is stored. The next scan uses it.") % {"host": form.cleaned_data["host"]}
    )
    return redirect(view.url())


@require_POST
def forget_token(request: SignedIn, kind: str, slug: str) -> HttpResponse:
    view = Connections(request, kind, slug)
    remove_token(owner=view.owner, host=request.POST.get("host", "")[:253].replace("\0", ""), by=request.user)
    messages.success(request, _("The token is removed."))
    return redirect(view.url())
