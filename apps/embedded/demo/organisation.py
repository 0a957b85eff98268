"""Who the demonstration organisation is: its people, teams and projects. Sample names, nobody real."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in, commits and ticks items."""

    username: str
    full_name: str

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


@dataclass(frozen=True, slots=True)
class Team:
    """A team; its lead is one of its members."""

    slug: str
    name: str
    lead: Person
    members: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """A project; its repository is built from `projects/<slug>.history`."""

    team: Team
    slug: str
    tags: tuple[str, ...]
    summary: str

    @property
    def name(self) -> str:
        return self.slug


NOOR = Person("noor", "Noor Haddad")
ELIAS = Person("elias", "Elias Vorhees")
SOFIA = Person("sofia", "Sofia Lindqvist")
JONAS = Person("jonas", "Jonas Brandt")
AMARA = Person("amara", "Amara Okoye")
TIM = Person("tim", "Tim Delacroix")
ANA = Person("ana", "Ana Ruiz")
LEO = Person("leo", "Leo Martinsson")
SADE = Person("sade", "Sade Coleman")
MEI = Person("mei", "Mei Tanaka")
OSKAR = Person("oskar", "Oskar Lindahl")
PRIYA = Person("priya", "Priya Nair")
TOMASZ = Person("tomasz", "Tomasz Wolny")
INES = Person("ines", "Ines Duarte")

PEOPLE = (NOOR, ELIAS, SOFIA, JONAS, AMARA, TIM, ANA, LEO, SADE, MEI, OSKAR, PRIYA, TOMASZ, INES)

SEARCH = Team("search", "Search & Ranking", NOOR, (NOOR, ELIAS, SOFIA))
RECS = Team("recs", "Recommendations", JONAS, (JONAS, AMARA, TIM))
FRAUD = Team("fraud", "Fraud & Risk", ANA, (ANA, LEO, SADE))
FORECAST = Team("forecast", "Forecasting", MEI, (MEI, OSKAR))
VISION = Team("vision", "Vision & Language", PRIYA, (PRIYA, TOMASZ, INES))

TEAMS = (SEARCH, RECS, FRAUD, FORECAST, VISION)

PROJECTS = (
    Project(SEARCH, "semantic-ranker", ("online", "gpu"), "Re-ranks search results with a cross-encoder"),
    Project(SEARCH, "embeddings-api", ("online", "tier-1"), "Embeds documents and answers nearest-neighbour queries"),
    Project(SEARCH, "query-intent", ("training",), "Trains the classifier that guesses what a query is after"),
    Project(RECS, "home-feed", ("online", "tier-1"), "Orders the items of the home page for one customer"),
    Project(RECS, "similar-items", ("batch",), "Rebuilds the similar-items table every night"),
    Project(RECS, "email-picks", ("batch", "pii"), "Picks the products of the weekly e-mail"),
    Project(FRAUD, "card-fraud-scorer", ("online", "tier-1", "pii"), "Scores card payments before they are authorised"),
    Project(FRAUD, "transaction-stream", ("streaming", "pii"), "Flags account takeover on the stream of transactions"),
    Project(FRAUD, "merchant-features", ("batch", "features"), "Builds the merchant risk features and their tests"),
    Project(FORECAST, "store-demand", ("batch", "r"), "Forecasts demand by store and article every week"),
    Project(FORECAST, "price-elasticity", ("notebooks",), "Estimates how demand answers to price"),
    Project(VISION, "defect-classifier", ("training", "gpu"), "Fine-tunes the classifier of surface defects"),
    Project(VISION, "support-assistant", ("online", "llm"), "Answers support questions from the help centre"),
)
