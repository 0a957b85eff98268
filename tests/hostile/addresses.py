"""Hostile addresses by family: each with the sentence that must refuse it, and what a hostile name service answers."""

from __future__ import annotations

from ipaddress import IPv4Address

SCHEME = "Only addresses that begin with https://"
FORM = "This is not a repository address"
NAME = "The host's name is not one that can be looked up"
CONTROL = "A repository address has no control characters"
PRIVATE = "is not on the public internet"
PORT = "The port in this address may not be used"
OWN = "This is an address of Twelvefold itself"
LENGTH = "A repository address has between 1 and"

PUBLIC = "140.82.121.4"
INSIDE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.1", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
INSIDE6 = [
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:140.82.121.4", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:0:53aa:64c:0:7bff:80ff:fffe", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "3fff::1", "2620:4f:8000::1",
]  # fmt: skip

SCHEMES = [
    "ext::sh -c id", "ext::sh -c touch% /tmp/x", "ext://sh", "EXT::id", "fd::17", "fd://17", "transport::address",
    "file:///etc", "file:///etc/passwd", "file://localhost/etc", "FILE:///etc", "file:/etc", "/srv/x", "/etc/passwd",
    "//example.org/x", "./x", "../x", "~/x", "x", ".", "C:\\x", "\\\\example.org\\x",
    "ssh://example.org/x", "ssh://-oProxyCommand=id/x", "ssh://git@example.org/x", "git@example.org:team/system",
    "-oProxyCommand=id:x", "git+ssh://example.org/x", "git+https://example.org/x", "git://example.org/x",
    "http://example.org/x", "HTTP://example.org/x", "https:example.org/x", "https:/example.org/x", "https::http://example.org/x",
    "https::https://example.org/x", "http+unix://%2Fvar%2Frun%2Fdocker.sock/x", "unix:///var/run/docker.sock",
    "ftp://example.org/x", "ftps://example.org/x", "gopher://127.0.0.1:6379/_FLUSHALL", "dict://127.0.0.1:6379/info",
    "ldap://127.0.0.1/x", "tftp://127.0.0.1/x", "smb://127.0.0.1/x", "rsync://example.org/x", "svn://example.org/x",
    "data:text/plain,x", "javascript:alert(1)", "jar:file:///x!/y", "bundle.bundle", "netdoc:///etc/passwd",
    "httpss://example.org/x", " https://example.org/x", "ttps://example.org/x",
    "--upload-pack=id", "--upload-pack=touch /tmp/x", "-u", "-u id", "--config=core.sshCommand=id", "-c", "--exec=id",
    "--template=/tmp", "--reference=/etc", "--separate-git-dir=/tmp/x", "--", "-", "--help", "--recurse-submodules",
]  # fmt: skip

CONFUSED = [
    "https://", "https:///path", "https://example.org", "https://example.org/", "https://user@example.org/x",
    "https://user:secret@example.org/x", "https://:@example.org/x", "https://@example.org/x", "https://ok\\@127.0.0.1/",
    "https://ok\\@127.0.0.1/x", "https://example.org#@127.0.0.1/x", "https://example.org?@127.0.0.1/x",
    "https://example.org/x?a=b", "https://example.org/x#a", "https://example.org\\x", "https://example.org\\.evil.org/x",
    "https://example.org%2f@127.0.0.1/x", "https://example.org%00.evil.org/x", "https://example.org%0a/x",
    "https://[::1]/x", "https://[::ffff:127.0.0.1]/x", "https://[::ffff:7f00:1]/x", "https://[::]/x", "https://[fe80::1%25eth0]/x",
    "https://[64:ff9b::a9fe:a9fe]/x", "https://[2002:7f00:1::]/x", "https://[fd00:ec2::254]/x", "https://[::1/x",
    "https://::1/x", "https://[2606:4700::1111]/x", "https://[v1.x]/x", "https://example.org:/x", "https://example.org:+443/x",
    "https://example.org:0x1bb/x", "https://example.org:443:443/x", "https://example.org:-1/x", "https://example.org:4430000/x",
    "https://example.org/../x", "https://example.org/..", "https://example.org/a/../../x", "https://example.org/a/./x",
    "https://example.org/a//x", "https://example.org//x", "https://example.org/%2e%2e/x", "https://example.org/%2E/x",
    "https://example.org/a%2fx", "https://example.org/a%5cx", "https://example.org/x%00", "https://example.org/x%0a",
    "https://example.org/x%0d%0aHost:%20127.0.0.1", "https://example.org/x%09", "https://example.org/x%ff", "https://example.org/x%",
    "https://example.org/x y", "https://example.org /x", "https://exam ple.org/x", "https://example.org/<script>", "https://example.org/{{7*7}}",
    "https://example.org/`id`", "https://example.org/|id", "https://example.org/\"x", "https://example.org/x^y",
]  # fmt: skip

NAMES = [
    "localhost", "LOCALHOST", "metadata", "redis", "postgres", "twelvefold", "a", "example.org.", "example..org", ".example.org",
    "-x.example.org", "x-.example.org", "exa_mple.org", "exa*mple.org", "exa$mple.org", "ex,ample.org", "example.123", "example.0x7f",
    f"{'a' * 64}.org", f"{'a.' * 200}org", f"{'a' * 63}." * 4 + "org",
    "ex\u0430mple.org", "g\u0131thub\u0433.com", "git\u04bbub.com", "p\u0430ypal.example", "\u0261ithub\u0440.com", "exam\u03c1le.org",
    "\uff45\uff58ample.org", "example\u3002org", "example\uff0eorg", "\u2460\u2461\u2466.0.0.1",
    "\uff11\uff12\uff17.0.0.1", "\u0661\u0662\u0667.0.0.1", "127\u30020\u30020\u30021", "\u2488example.org", "exa\u0338mple.org", "\u0300x.org",
    "\u212aelvin.org", "\U0001f4a9.org",
]  # fmt: skip

PORTS = [0, 1, 21, 22, 25, 80, 111, 389, 442, 444, 445, 2375, 3306, 5000, 5432, 6379, 6443, 8000, 8080, 8443, 9000, 9200,
         11211, 27017, 50000, 65535, 65536, 99999]  # fmt: skip


def disguised(ip: str) -> list[str]:
    """One IPv4 address in the spellings that some resolver understands."""
    number = int(IPv4Address(ip))
    a, b, c, d = ip.split(".")
    return [
        ip,
        str(number),
        hex(number),
        oct(number).replace("0o", "0"),
        f"{a}.{int(b) << 16 | int(c) << 8 | int(d)}",
        f"{a}.{b}.{int(c) << 8 | int(d)}",
        ".".join(f"0{int(part):o}" for part in (a, b, c, d)),
        ".".join(hex(int(part)) for part in (a, b, c, d)),
        f"{ip}.",
        f"{a.zfill(4)}.{b}.{c}.{d}",
    ]


def _controls() -> list[str]:
    raw = [chr(number) for number in (*range(32), 0x7F, 0x85, 0x2028, 0x2029, 0x202E, 0x2066, 0x200F, 0xFEFF)]
    invisible = ["https://ex\u00adample.org/x", "https://ex\u2060ample\u200d.org/x", "https://\ud7ff.org/x"]
    return (
        invisible
        + [f"https://example.org/{character}x" for character in raw]
        + [f"https://exa{character}mple.org/x" for character in raw]
    )


def every() -> list[tuple[str, str]]:
    """(address, the sentence that refuses it) for everything that needs no name service to be wrong."""
    table = [("", LENGTH), ("x" * 501, LENGTH), (f"https://{'a' * 4000}.org/x", LENGTH)]
    table += [(url, SCHEME) for url in SCHEMES]
    table += [(url, FORM) for url in CONFUSED]
    table += [(f"https://{name}/x", NAME) for name in NAMES if " " not in name]
    table += [(f"https://{spelling}/x", NAME) for ip in INSIDE for spelling in disguised(ip)]
    table += [(f"https://example.org:{port}/x", PORT) for port in PORTS]
    table += [(url, CONTROL) for url in _controls()]
    return table


def named() -> list[tuple[str, list[str]]]:
    """(host, what its name service answers): every answer leads inside, alone or among public ones."""
    answers = [[ip] for ip in (*INSIDE, *INSIDE6)]
    answers += [[PUBLIC, ip] for ip in (*INSIDE, *INSIDE6)] + [[ip, PUBLIC] for ip in INSIDE[:5]]
    return [(f"host{number}.example.org", answer) for number, answer in enumerate(answers)]
