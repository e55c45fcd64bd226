"""Takes the values of secrets out of what a resolver answers, and puts their names there."""

import re
import urllib.parse

# A shorter value may be a part of another word.
SHORTEST = 8

# What an index has. A repository at its host is none, and has credentials of its own or needs none.
FILES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")

# A URL's user and password, its host, and what of the host.
URL = re.compile(r"""(?<=://)(?:([^/\s"'@]*)@)?([^/\s"'?#]+)([^\s"'?#;]*)""")


class Hidden:
    """The values by name, and where those stand before the host of a URL."""

    def __init__(self, values, credentials):
        self.values = values
        self.credentials = credentials

    def too_short(self):
        """A sentence for each value that can't be told from other words where it stands."""
        before_hosts = " ".join(it["userinfo"] for it in self.credentials)
        for name, value in self.values.items():
            if len(value) < SHORTEST and f"${{{name}}}" not in before_hosts:
                yield (
                    f"the secret `{name}` has fewer than {SHORTEST} characters: such a one is taken "
                    "before the `@` of a URL alone, as elsewhere it can't be told from other words"
                )

    def hide(self, value):
        """The value of a JSON document with a name for each secret, and without any other user
        or password in a URL; `git@` is none. What looks like a name of a secret in what an index
        says is none: nobody may ask for one but the user."""
        if isinstance(value, dict):
            return {key: self.hide(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.hide(item) for item in value]
        return self._hide(value) if isinstance(value, str) else value

    def _hide(self, text):
        text = URL.sub(self._url, text.replace("${", "%24{"))
        for name, value in self.values.items():
            for written in {value, urllib.parse.quote(value, safe="")}:
                if len(written) >= SHORTEST:
                    text = text.replace(written, f"${{{name}}}")
        return text

    def _url(self, found):
        userinfo, host, path = found.groups()
        # As pip does, which gives credentials of an index to every file at its host.
        for known in self.credentials:
            if known["host"] == host.lower() and covers(known["path"], path):
                return f"{known['userinfo']}@{host}{path}"
        return f"git@{host}{path}" if userinfo == "git" else host + path


def covers(known, path):
    """Whether credentials for a path, or for every file, are meant for `path`, which may end in
    a revision."""
    if known is None:
        return path.lower().endswith(FILES)
    return known in (path, path.split("@")[0])
