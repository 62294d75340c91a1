"""heal's lines come into a slurm.conf once, and go out of it without a trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.home.marked import without_block
from heal.home.slurm_conf import Taken, hooks, taken, value, with_block

OURS = hooks("/etc/slurm/heal")
BLOCK = """\
# heal hooks: begin
EpilogSlurmctld=/etc/slurm/heal/slurm_epilog.sh
JobCompType=jobcomp/script
JobCompLoc=/etc/slurm/heal/slurm_jobcomp.sh
# heal hooks: end
"""


def test_the_block_comes_to_the_end():
    assert with_block("ClusterName=lab\n", OURS) == "ClusterName=lab\n" + BLOCK


@pytest.mark.parametrize("text", ["", "\n", "a=1", "a=1\n", "a=1\n\n", "a=1\r\nb=2\r\n", "a=1\n# heal hooks: begin\n"])
def test_it_comes_once_and_goes_without_a_trace(text: str):
    once = with_block(text, OURS)
    assert with_block(once, OURS) == once
    assert without_block(once) == text
    assert without_block(text) == text


@given(st.text(alphabet="aA=# \n\r", max_size=40), st.text(alphabet="b=\n", max_size=10))
def test_what_others_write_around_it_stays(before: str, after: str):
    later = with_block(before, OURS) + after
    if with_block(before, OURS).endswith("\n"):
        assert without_block(later) == before + after


def test_a_block_of_an_earlier_heal_is_replaced_where_it_is():
    text = f"a=1\n{BLOCK}b=2\n"
    assert with_block(text, hooks("/opt/heal")) == text.replace("/etc/slurm/heal", "/opt/heal")


def test_what_is_set_already_is_found_but_not_in_the_block_or_a_comment():
    text = f"#EpilogSlurmctld=/a\nepilogslurmctld = /site/epilog.sh # ours\n{BLOCK}JobCompType=jobcomp/none\n"
    assert taken(text, OURS) == [
        Taken(2, "EpilogSlurmctld", "/site/epilog.sh"),
        Taken(8, "JobCompType", "jobcomp/none"),
    ]
    assert taken(BLOCK, OURS) == []


def test_the_last_value_counts():
    assert value("SlurmUser=root\nslurmuser=slurm(64030)\n", "SlurmUser") == "slurm(64030)"
    assert value("# SlurmUser=slurm\n", "SlurmUser") == ""
