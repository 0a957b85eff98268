"""Steady load on Twelvefold, as people and forges make it, and what they were told is done."""

import json
import threading
import time
from collections import Counter
from itertools import count, cycle

from apps.catalog import ITEMS
from apps.webhooks.signatures import Provider, sign
from tests.operating.producing import Browser, until, value
from tests.webhooks.sending import EVENTS, push

PAGES = ("", "history/", "export.csv", "connections/")


class Load:
    """Does each deed again and again, in a thread of its own, until told to stop; ends with the first fault of each."""

    def __init__(self, *deeds):
        self.done, self.faults, self._deeds, self._over = Counter(), [], deeds, threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=[deed], daemon=True) for deed in deeds]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, deed):
        while not self._over.wait(0.05):
            try:
                self.done[deed.__name__] += deed()
            except Exception as fault:  # noqa: BLE001 - whatever a caller would meet
                self.faults.append(f"{deed.__name__}: {fault!r}")
                return

    def go_on(self):
        """Returns when every deed has succeeded some more times."""
        wanted = {deed.__name__: self.done[deed.__name__] + 4 for deed in self._deeds}
        until(lambda: self.faults or all(self.done[name] >= number for name, number in wanted.items()), seconds=180)
        assert not self.faults, self.faults


class People:
    """Each deed is true when it was accepted; a false one was refused in a way that tells its sender to try again."""

    def __init__(self, proxy, account, repositories):
        self.proxy = proxy
        self.reader, self.ticker, self.asker = (Browser(proxy) for _ in range(3))
        for browser in (self.reader, self.ticker, self.asker):
            browser.sign_in(*account)
        self.asker.add_team("Fraud")
        self.projects = {self.asker.add_project("Fraud", one.path): one for one in repositories}
        first = next(iter(self.projects))
        self.hook, self.secret = self._connect(first)
        self.ticks, self.deliveries, self.heads = set(), set(), {}
        self._pages = cycle(["/", "/history/", *(f"{first}{page}" for page in PAGES)])
        self._items = cycle([f"{first}items/{item}/tick/" for item in ITEMS])
        self._turns, self._numbers = cycle(self.projects.items()), count(1)

    def _connect(self, project):
        connections = f"{project}connections/"
        self.asker.get(connections)
        status, _, page = self.asker.ask("POST", f"{connections}add/", {"provider": Provider.GITHUB})
        assert status == 200
        return f"/hooks/{value('address', page).split('/hooks/')[1]}", value("secret", page)

    def reads(self):
        self.reader.get(next(self._pages))
        return True

    def ticks_items(self):
        item, note = next(self._items), f"Tick {next(self._numbers)}."
        form = self.ticker.get(item)
        said = {"state": "met", "note": note} | {name: value(name, form) for name in ("expires_at", "version")}
        status, _, _ = self.ticker.ask("POST", item, said)
        assert status in {302, 409}, status  # 409: a scan has changed the item meanwhile
        if status == 302:
            self.ticks.add(note)
        return status == 302

    def delivers(self):
        delivery, body = f"delivery-{next(self._numbers)}", json.dumps(push(Provider.GITHUB)).encode()
        headers = EVENTS[Provider.GITHUB] | sign(Provider.GITHUB, self.secret, body, delivery=delivery, now=time.time())
        status, _, text = self.proxy.send("POST", self.hook, body, headers | {"Content-Type": "application/json"})
        assert status in {200, 202}, (status, text)
        self.deliveries.add(delivery)
        return True

    def asks_for_scans(self):
        address, repository = next(self._turns)
        head = repository.commit({"seed.py": f"SEED = {next(self._numbers)}\n"})
        self.asker.post(f"{address}scan/")
        self.heads[address] = head
        return True
