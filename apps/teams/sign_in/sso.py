"""Single sign-on by OpenID Connect: the provider's answer is believed only when its signature is."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jwt
from allauth.account.utils import filter_users_by_email
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from requests import RequestException

from apps.teams.sign_in.answers import ProviderSession, check_storable
from apps.teams.sign_in.groups import GroupRule, apply_groups

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin
    from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
    from django.contrib.auth.models import User
    from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)

# Signatures with a key that only the provider holds; a shared secret or none proves nothing here.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LONGEST_SUBJECT = 191  # characters that the table of accounts takes
# What a person is called there, if it is told as text.
WORDS = frozenset({"email", "family_name", "given_name", "name", "picture", "preferred_username", "user_id"})
ADDRESSES = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
OURS = frozenset({"next", "csrfmiddlewaretoken"})  # words of our own forms
CLOCKS_APART = 30  # seconds that the provider's clock and ours may differ


class ProviderAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc] # allauth has no types
    """allauth trusts an identity token that came over TLS; this checks signature, issuer, audience and time always."""

    def get_provider(self) -> OpenIDConnectProvider:
        """One that asks this adapter where to send people, and not allauth's own."""
        provider = super().get_provider()
        provider.oauth2_adapter_class = ProviderAdapter
        return provider

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """Where the provider says it is asked for what."""
        told: dict[str, Any] = super().openid_config
        methods = told.get("token_endpoint_auth_methods_supported", [])
        if not all(isinstance(told.get(word), str) for word in ADDRESSES) or not isinstance(methods, list):
            raise RequestException("The provider does not say where it is asked.")
        return told

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Without the rest, which nobody uses: the token serves for this one request."""
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:  # noqa: ANN401
        claims = self._decode_id_token(app, kwargs["response"].get("id_token"))
        told = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else {}
        if told.get("sub", claims["sub"]) != claims["sub"]:
            raise OAuth2Error("The user information is about somebody else.")
        person = {word: said for word, said in (claims | told).items() if word not in WORDS or isinstance(said, str)}
        return self.get_provider().sociallogin_from_response(request, {"userinfo": person, "id_token": claims})

    def _decode_id_token(self, app: SocialApp, id_token: str | None) -> dict[str, Any]:
        if self.openid_config["issuer"].rstrip("/") != app.settings["server_url"]:
            raise OAuth2Error("The provider calls itself by another name than the settings do.")
        try:
            header = jwt.get_unverified_header(id_token or "")
            claims: dict[str, Any] = jwt.decode(
                id_token or "",
                self._key(header),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=CLOCKS_APART,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise OAuth2Error("The identity token is not what the provider signs.") from error
        _check_party(claims, app.client_id)
        if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
            raise OAuth2Error("The identity token names nobody.")
        check_storable(claims)
        return claims

    def _key(self, header: dict[str, Any]) -> Any:  # noqa: ANN401 - of RSA, an elliptic curve or Edwards'
        """The provider's key that the token names; its only key when the token names none."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        fitting = [key for key in keys if header.get("kid") in {None, key.key_id}]
        if len(fitting) != 1:
            raise OAuth2Error("The identity token names no key of the provider.")
        return fitting[0].key


def _check_party(claims: dict[str, Any], client: str) -> None:
    """The token may be for others beside us only when it says that it was given to us (OpenID Connect, 3.1.3.7)."""
    alone = claims["aud"] in (client, [client])
    if claims.get("azp", client if alone else None) != client:
        raise OAuth2Error("The identity token was given to somebody else.")


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Whoever the organisation's provider lets in has an account here; its groups give roles at every sign-in."""

    def get_requests_session(self) -> ProviderSession:
        return ProviderSession()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - allauth's
        return True

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Where several accounts have the address, nothing says whose it is: one may be an admin's."""
        having = filter_users_by_email(email, prefer_verified=True)
        return len(having) == 1 and super().can_authenticate_by_email(login, email)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Keeps no address that the provider does not vouch for: who proves it later must not get this account."""
        sociallogin.email_addresses = [one for one in sociallogin.email_addresses if one.verified]
        proven = {one.email.lower() for one in sociallogin.email_addresses}
        given = data if (data.get("email") or "").lower() in proven else data | {"email": ""}
        user: User = super().populate_user(request, sociallogin, given)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:  # noqa: ARG002 - allauth's
        if sociallogin.is_existing:
            _apply(sociallogin.user, sociallogin)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: object = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        _apply(user, sociallogin)
        return user


def _apply(user: User, sociallogin: SocialLogin) -> None:
    told = sociallogin.account.extra_data.get("userinfo", {}).get(settings.OIDC_GROUP_CLAIM)
    listed = told if isinstance(told, list) else [told]
    groups = {group for group in listed if isinstance(group, str)}
    apply_groups(user=user, groups=groups, rules=map(GroupRule.read, settings.OIDC_GROUPS))


@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sends the person to the provider, to sign in: by their address allauth lets people ask for something else.

    One joined another account to whatever session they sat at; others took the answer elsewhere.
    """
    if {*request.GET, *request.POST} - OURS:
        raise Http404
    return _answer(OAuth2LoginView, request, provider_id)


@login_not_required
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends the person back to."""
    return _answer(OAuth2CallbackView, request, provider_id)


def _answer(view: type[OAuth2LoginView | OAuth2CallbackView], request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        response: HttpResponse = view.adapter_view(ProviderAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist as missing:
        raise Http404 from missing
    except RequestException:
        log.exception("The organisation's sign-in does not answer")
        return render(request, "socialaccount/authentication_error.html", status=502)
    return response
