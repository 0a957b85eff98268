"""Somebody at the keyboard alone: every stop of Tab must show itself, and be where one looks."""

import re

HERE = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const at = document.activeElement;
  const rings = [at, at.closest('label')].filter(Boolean).map((one) => getComputedStyle(one));
  const box = at.getBoundingClientRect();
  const label = at.labels?.length ? at.labels[0].textContent : at.textContent;
  return {
    name: (at.getAttribute('aria-label') || label || at.value || '').replace(/\\s+/g, ' ').trim(),
    body: at === document.body,
    shown: rings.some((ring) => ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2),
    inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
MOST_STOPS = 120


class Keys:
    def __init__(self, page):
        self.page = page

    def here(self):
        """The name of what has the focus, which must be seen to have it."""
        return self._seen(self.page.evaluate(HERE))

    @staticmethod
    def _seen(at):
        assert not at["body"], "nothing has the focus"
        assert at["shown"], f"“{at['name']}” does not show its focus"
        assert at["inView"], f"“{at['name']}” has the focus out of sight"
        return at["name"]

    def tab_to(self, name, *, back=False):
        """Goes on to the next stop that is called so; returns how many stops that took."""
        wanted = re.compile(name if isinstance(name, str) else name.pattern)
        passed = []
        for stops in range(1, MOST_STOPS):
            self.press("Shift+Tab" if back else "Tab")
            at = self.page.evaluate(HERE)
            if at["body"]:
                continue  # the browser's own stop between the end of a page and its beginning
            passed.append(self._seen(at))
            if wanted.search(passed[-1]):
                return stops
        raise AssertionError(f"no stop is called {wanted.pattern}, but {passed}")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)
