"""The calls of a request become the blocks of an icicle chart."""

import pytest

from bench.agent.call_blocks import Block, build_blocks, count_calls

pytestmark = pytest.mark.unit


def test_the_calls_below_a_call_are_counted_with_itself():
    #          a  b  c  d  e
    assert count_calls([1, 2, 3, 2, 1]) == [4, 2, 1, 1, 1]
    assert count_calls([]) == []


def test_each_block_has_its_row_its_place_and_its_calls():
    depths = [1, 2, 3, 2]
    layers = ["server", "framework", "app", "database"]
    assert list(build_blocks(depths, layers)) == [
        Block(0, 0, 4),
        Block(1, 1, 2),
        Block(2, 2, 1),
        Block(3, 1, 1),
    ]


def test_a_small_call_belongs_to_its_caller():
    depths = [1, *[2] * 99]
    layers = ["server", *["framework"] * 99]
    assert list(build_blocks(depths, layers)) == [Block(0, 0, 100)]


def test_a_chain_within_a_layer_is_one_block_but_not_in_the_app():
    depths = [*range(1, 6), *[6] * 60]
    framework = ["framework"] * 65
    assert list(build_blocks(depths, framework)) == [Block(0, 0, 65)]
    assert [block.row for block in build_blocks(depths, ["app"] * 65)] == [0, 1, 2, 3, 4]


def test_a_call_after_a_block_does_not_lie_below_it():
    blocks = list(build_blocks([1, 2, 1, 2], ["server", "app", "server", "app"]))
    assert [(block.row, block.entry) for block in blocks] == [(0, 0), (1, 1), (0, 2), (1, 3)]
