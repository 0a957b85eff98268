import os
import threading

import pytest

from apps.analysis.pipes import MOST_WAITING, Post, pipe, wait


def test_messages_arrive_whole_and_in_order():
    receives, sends = pipe()
    messages = [b"", b"a", b"x" * 3_000_000, b"end"]
    sender = threading.Thread(target=lambda: [sends.send_bytes(one) for one in messages])
    sender.start()
    assert [receives.recv_bytes() for _ in messages] == messages
    sender.join()


def test_the_end_is_told_even_in_the_middle_of_a_message():
    for begun in (b"", b"\0\0\0", b"\0\0\0\0\0\0\0\x05abc"):
        receives, sends = pipe()
        os.write(sends.fileno(), begun)
        sends.close()
        with pytest.raises(EOFError):
            receives.recv_bytes()


def test_nobody_receives_what_is_sent_to_a_closed_end():
    receives, sends = pipe()
    receives.close()
    with pytest.raises(BrokenPipeError):
        sends.send_bytes(b"a")


def test_who_waits_is_told_of_messages_and_of_ends():
    (silent, _silent), (told, tells), (ended, ends) = pipe(), pipe(), pipe()
    assert wait([silent, told, ended], 0.01) == []
    tells.send_bytes(b"a")
    ends.close()
    assert wait([silent, told, ended], 5) == [told, ended]


def test_who_posts_goes_on_while_nobody_listens_yet():
    receives, sends = pipe()
    post, messages = Post(sends), [bytes([number]) * 200_000 for number in range(20)]  # more than a pipe holds
    for one in messages:
        post.send(one)
    assert [receives.recv_bytes() for _ in messages] == messages
    post.end()
    assert post.is_heard


def test_who_posts_learns_that_nobody_listens_any_more():
    receives, sends = pipe()
    post = Post(sends)
    receives.close()
    for _ in range(MOST_WAITING * 2):
        post.send(b"a")
    post.end()
    assert not post.is_heard
