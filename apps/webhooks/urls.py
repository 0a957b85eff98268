"""The address that forges deliver to, and the pages on which people set it up."""

from django.urls import path

from apps.webhooks import receiving, views

# `kind` is projects or teams.
PLACE = "<str:kind>/<slug:slug>/connections/"

urlpatterns = [
    path("hooks/<str:key>/", receiving.hook, name="hook"),
    path(PLACE, views.connections, name="connections"),
    path(f"{PLACE}add/", views.add, name="add-webhook"),
    path(f"{PLACE}rotate/", views.rotate, name="rotate-webhook"),
    path(f"{PLACE}trial/", views.trial, name="try-webhook"),
    path(f"{PLACE}remove/", views.remove, name="remove-webhook"),
    path(f"{PLACE}deliveries/<int:key>/again/", views.again, name="evaluate-delivery"),
    path(f"{PLACE}token/", views.token, name="set-token"),
    path(f"{PLACE}token/remove/", views.forget_token, name="remove-token"),
]
