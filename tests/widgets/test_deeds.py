import pytest

from splitbrain.widgets.deeds import Deed, deed, form, literal

from .registers import register

FORMS = [form("put(key='x', value=1)")]


@pytest.mark.parametrize("wish, code", [
    ({"action": "cut", "nodes": ["n1", "n2"]}, "cluster.cut('n1', 'n2')"),
    ({"action": "crash", "nodes": ["n3"]}, "cluster.crash('n3')"),
    ({"action": "call", "nodes": ["n1"], "operation": "put", "arguments": ["x", "'7'"]},
     "cluster.client('n1').put('x', '7')"),
    ({"action": "run", "ms": 200.0}, "cluster.run(200)"),
    ({"action": "run", "ms": 0.5}, "cluster.run(0.5)"),
    ({"action": "step"}, "cluster.step()"),
    ({"action": "heal"}, "cluster.heal()"),
    ({"action": "reset"}, "cluster.reset()"),
])
def test_the_code_that_is_shown_is_the_call_that_is_made(wish, code):
    with register() as clicked, register() as coded:
        todo = deed(wish, clicked, FORMS)
        assert todo.code() == code
        todo.carry_out(clicked)
        eval(code, {"cluster": coded})
        assert clicked.journal.to_bytes() == coded.journal.to_bytes()
        assert repr(clicked.schedule) == repr(coded.schedule)
        assert clicked.now == coded.now


def test_a_link_that_is_cut_one_way_can_be_healed_and_cut():
    with register() as cluster:
        cluster.cut("n2", "n1", one_way=True)
        assert deed({"action": "join", "nodes": ["n1", "n2"]}, cluster, ()).code() == "cluster.heal('n1', 'n2')"
        assert deed({"action": "cut", "nodes": ["n1", "n2"]}, cluster, ()).code() == "cluster.cut('n1', 'n2')"
        cluster.cut("n1", "n2")
        with pytest.raises(ValueError, match="already cut"):
            deed({"action": "cut", "nodes": ["n1", "n2"]}, cluster, ())


def test_nodes_without_a_link_have_none_to_cut():
    chain = [("n1", "n2"), ("n2", "n3")]
    with register(links=chain) as cluster, pytest.raises(ValueError, match="n1 and n3 have no link"):
        deed({"action": "cut", "nodes": ["n1", "n3"]}, cluster, ())


@pytest.mark.parametrize("text, value", [
    ("7", 7), ("-1.5", -1.5), ("x", "x"), ("two words", "two words"), ("'7'", "7"), ("None", None), ("True", True),
    ("{'a': [1]}", {"a": [1]}), ("__import__('os')", "__import__('os')"), ("(" * 5000, "(" * 5000), ("", ""),
])
def test_what_is_typed_is_a_literal_or_itself(text, value):
    assert literal(text) == value


@pytest.mark.parametrize("signature, fields", [
    ("put(key='x', value=1)", (("key", "x"), ("value", "1"))),
    ("move(source, target, amount=10)", (("source", ""), ("target", ""), ("amount", "10"))),
    ("count()", ()),
    ("put(key='7')", (("key", "'7'"),)),
])
def test_an_operation_is_read_as_it_would_be_defined(signature, fields):
    assert form(signature).fields == fields


@pytest.mark.parametrize("signature", ["put", "put(", "put(key=open('x'))", "", "put(1)", "def put(key)"])
def test_what_is_not_an_operation_is_refused_with_an_example(signature):
    with pytest.raises(ValueError, match=r"put\(key='x', value=1\)"):
        form(signature)


def test_a_deed_without_a_home_is_the_clusters():
    assert Deed("cut", ("a", "b")).code("mine") == "mine.cut('a', 'b')"
