"""However the process that started a server ends, the server and its folder are gone within five seconds."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

GONE_SECONDS = 5

KERNEL = """
import ctypes, os, signal, sys, time
from splitbrain.messaging.server import start_server
ours = start_server(folder=sys.argv[1], choice=sys.argv[2], transport=sys.argv[3])
print(ours.pid, ours.folder, ours._watcher.pid, flush=True)
sys.stdin.readline()
{then}
"""


def kernel(base, then="time.sleep(60)", *, choice="bundled", transport="unix"):
    """A process that starts a server: itself, the server, the server's folder, the watcher."""
    command = [sys.executable, "-c", KERNEL.format(then=then), str(base), choice, transport]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, **pipes, start_new_session=True)
    pid, folder, watcher = process.stdout.readline().split()
    watched = process, psutil.Process(int(pid)), Path(folder), psutil.Process(int(watcher))
    process.stdin.write("\n")
    process.stdin.flush()
    return watched


def alive(process):
    """A watcher whose parent died waits as a zombie for init, which may take its time."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def assert_gone(*processes, folder):
    deadline = time.monotonic() + GONE_SECONDS
    while any(map(alive, processes)) or folder.exists():
        assert time.monotonic() < deadline, "the server outlives its kernel"
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_killed_by_a_signal(base, how):
    process, server, folder, watcher = kernel(base)
    process.send_signal(how)
    process.communicate()
    assert_gone(server, watcher, folder=folder)


def test_sigkill_over_tcp_and_for_every_binary(base, choice):
    process, server, folder, watcher = kernel(base, choice=choice, transport="tcp")
    process.kill()
    process.communicate()
    assert_gone(server, watcher, folder=folder)


def test_its_whole_group_is_killed_as_jupyter_does(base):
    process, server, folder, watcher = kernel(base)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert_gone(server, watcher, folder=folder)


@pytest.mark.parametrize(
    "then", ["pass", "raise ValueError", "os._exit(0)", "os.abort()", "os.execv(sys.executable, ['python', '-V'])"]
)
def test_ended_by_itself(base, then):
    process, server, folder, watcher = kernel(base, then)
    process.communicate()
    assert_gone(server, watcher, folder=folder)


@pytest.mark.parametrize("fork", ["os.fork()", "ctypes.CDLL(None).fork()"])
def test_a_forked_child_that_lives_on_does_not_keep_it_alive(base, fork):
    then = f"child = {fork}\nif child: print(child, flush=True)\ntime.sleep(60)"
    process, server, folder, watcher = kernel(base, then)
    child = psutil.Process(int(process.stdout.readline()))
    process.kill()
    process.wait()
    assert_gone(server, watcher, folder=folder)
    assert alive(child)
    child.kill()
    while alive(child):
        time.sleep(0.01)
    process.stdout.close()


def test_a_forked_child_that_ends_does_not_take_it_along(base):
    then = """
child = os.fork()
if not child:
    ours.stop()
    sys.exit()
os.waitpid(child, 0)
print(ours.client().ping(), flush=True)
"""
    process, server, folder, watcher = kernel(base, then)
    assert process.communicate()[0] == "True\n"
    assert_gone(server, watcher, folder=folder)


def test_control_c_in_the_terminal_does_not_reach_it(base):
    then = """
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print(ours.client().ping(), flush=True)
time.sleep(60)
"""
    process, server, folder, watcher = kernel(base, then)
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.stdout.readline() == "True\n"
    process.kill()
    process.communicate()
    assert_gone(server, watcher, folder=folder)


def test_the_child_that_saves_its_data_goes_with_it(base):
    then = """
client = ours.client()
client.mset({i: i for i in range(1000)})
client.config_set("rdb-key-save-delay", 100000)
client.bgsave()
print("saving", flush=True)
time.sleep(60)
"""
    process, server, folder, watcher = kernel(base, then)
    assert process.stdout.readline() == "saving\n"
    (saving,) = server.children()
    process.kill()
    process.communicate()
    assert_gone(server, saving, watcher, folder=folder)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_without_its_watcher_it_is_still_stopped_at_the_end(base, how):
    process, server, folder, watcher = kernel(base, "time.sleep(0.5)")
    watcher.send_signal(how)
    process.communicate()
    assert_gone(server, watcher, folder=folder)


def test_a_jupyter_kernel_that_is_killed_or_restarted(base):
    manager = pytest.importorskip("jupyter_client").KernelManager(kernel_name="python3")
    manager.start_kernel()
    try:
        for end in (lambda: manager.restart_kernel(now=True), lambda: manager.shutdown_kernel(now=True)):
            server, folder = in_jupyter(manager, base)
            end()
            assert_gone(server, folder=folder)
    finally:
        manager.shutdown_kernel(now=True)


def in_jupyter(manager, base):
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    code = f"from splitbrain.messaging.server import *; ours = start_server(folder={str(base)!r}); print(ours.pid)"
    said = []
    reply = client.execute_interactive(code, output_hook=lambda message: said.append(message["content"]), timeout=60)
    client.stop_channels()
    assert reply["content"]["status"] == "ok", reply["content"]
    (folder,) = base.glob("redis-*")
    return psutil.Process(int("".join(content.get("text", "") for content in said))), folder
