"""Feedback where learners meet it: in a real kernel."""

import time

import pytest
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

CHECK = '''
from splitbrain.course.feedback import Wrong, exercise, learner_code
from splitbrain.views import Picture

@exercise("01_acid", "double", title="Twice as much", hints=("Think.", "2 *"), seconds=SECONDS)
def check_double(double):
    with learner_code():
        result = double(21)
    if result != 42:
        raise Wrong("Not twice.", expected=42, got=result, picture=Picture("<svg/>", "A picture of it."))
    return "twice 21 is 42."
'''


class _ThisPython(KernelSpecManager):
    def get_kernel_spec(self, kernel_name):
        return KernelSpec(**get_kernel_dict())


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    home = tmp_path_factory.mktemp("kernel")
    manager = KernelManager(kernel_spec_manager=_ThisPython(), transport="ipc", ip=str(home / "k"))
    manager.start_kernel(env={"IPYTHONDIR": str(home), "SPLITBRAIN_HOME": str(home), "PATH": ""}, cwd=str(home))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(kernel, code, interrupt_when=None):
    """What a cell shows: [(kind, content)]. If it prints `interrupt_when`, somebody presses the stop button."""
    manager, client = kernel
    shown = []

    def listen(message):
        kind, content = message["header"]["msg_type"], message["content"]
        if kind in ("stream", "display_data", "error"):
            shown.append((kind, content))
        if kind == "stream" and interrupt_when and interrupt_when in content["text"]:
            time.sleep(0.2)  # for the loop after the print to be reached
            manager.interrupt_kernel()

    client.execute_interactive(code, output_hook=listen, timeout=60)
    return shown


def test_the_picture_comes_first_and_the_text_is_no_traceback(kernel):
    (first, picture), (second, error) = run(kernel, CHECK.replace("SECONDS", "10") + "check_double(lambda x: x)")
    assert (first, second) == ("display_data", "error")
    assert 'alt="A picture of it."' in picture["data"]["text/html"]
    assert error["traceback"][0] == "Wrong: Twice as much (acid.double)"
    assert not any("Traceback" in line or "A picture" in line for line in error["traceback"])


def test_a_learners_line_is_named_by_its_cell(kernel):
    run(kernel, CHECK.replace("SECONDS", "10") + "\ndef double(x):\n    return x / 0")
    (_, error), = run(kernel, "check_double(double)")
    assert any(line.startswith("  cell In[") and line.endswith("in double") for line in error["traceback"])
    assert "      return x / 0" in error["traceback"]


def test_an_endless_loop_is_stopped_and_the_kernel_goes_on(kernel):
    run(kernel, CHECK.replace("SECONDS", "0.2"))
    endless = "def double(x):\n    while True:\n        try: x += 1\n        except: pass\n"
    (_, error), = run(kernel, endless + "check_double(double)")
    assert "did not end" in error["evalue"]
    assert run(kernel, "print(1)")[0][1]["text"] == "1\n"


def test_the_stop_button_works_during_a_check(kernel):
    run(kernel, CHECK.replace("SECONDS", "600"))
    endless = "def double(x):\n    print('spinning', flush=True)\n    while True: pass\ncheck_double(double)"
    *_, (kind, error) = run(kernel, endless, interrupt_when="spinning")
    assert kind == "error" and "was interrupted" in error["evalue"]
