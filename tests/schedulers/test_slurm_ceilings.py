"""A limit that a group shares is in vain to wait for where the job alone is above it."""

from __future__ import annotations

import pytest

from heal.schedulers.slurm_ceilings import Cap, assoc_mgr, ceiling_of, parse_caps, request_of

# recorded from 22.05.8, shortened
TOLD = """Current Association Manager state
Association Records
ClusterName=lab Account=little UserName= Partition= Priority=0 ID=9 ParentAccount=root(1) Lft=2 GrpJobs=N(0) GrpWall=N(0.00) GrpTRES=cpu=1(0),mem=300(100),energy=N(0),node=N(0) GrpTRESMins=cpu=5(0),mem=N(0) MaxWallPJ=
ClusterName=lab Account=little UserName=ada(1000) Partition= Priority=0 ID=11 ParentAccount= Lft=5 GrpJobs=N(0) GrpWall=N(0.00) GrpTRES=cpu=N(0),mem=N(0),node=2(0) GrpTRESMins=cpu=N(0) MaxWallPJ=
ClusterName=lab Account=open UserName= Partition= Priority=0 ID=3 ParentAccount=root(1) Lft=14 GrpJobs=N(0) GrpWall=N(0.00) GrpTRES=cpu=N(0),mem=N(0) GrpTRESMins=cpu=N(0) MaxWallPJ=
QOS Records
QOS=brief(2) UsageRaw=0.000000 GrpJobs=N(0) GrpWall=N(0.00) GrpTRES=cpu=N(0),mem=N(0),gres/gpu=4(4) GrpTRESMins=cpu=N(0) MaxWallPJ=2
"""
CAPS = (
    Cap("account little", {"cpu": 1.0, "mem": 300.0}),
    Cap("account little", {"node": 2.0}, "ada(1000)"),
    Cap("QOS brief", {"gres/gpu": 4.0}),
)


def test_caps_of_accounts_users_and_qos_are_read() -> None:
    assert parse_caps(TOLD) == CAPS
    assert parse_caps("slurm_load_assoc_mgr_info error: Access/permission denied\n") == ()


@pytest.mark.parametrize("field", ["TRES", "ReqTRES"])
def test_what_a_job_asks_for_in_all(field: str) -> None:
    asked = request_of({field: "cpu=8,mem=1.5G,node=2,billing=8,gres/gpu=1"})
    assert asked == {"cpu": 8, "mem": 1536, "node": 2, "billing": 8, "gres/gpu": 1}


@pytest.mark.parametrize(
    ("account", "qos", "tres", "said"),
    [
        (
            "little",
            "normal",
            "cpu=2,mem=200M,node=1",
            "account little gives 1 cpu to all its jobs together, and this one asks for 2 cpus",
        ),
        (
            "little",
            "normal",
            "cpu=1,mem=400M,node=1",
            "account little gives 300 MB of memory to all its jobs together, and this one asks for 400 MB of memory",
        ),
        (
            "little",
            "normal",
            "cpu=1,mem=100M,node=3",
            "account little gives 2 nodes to all jobs of this user together, and this one asks for 3 nodes",
        ),
        (
            "open",
            "brief",
            "cpu=1,mem=1G,node=1,gres/gpu=5",
            "QOS brief gives 4 gres/gpu to all its jobs together, and this one asks for 5 gres/gpu",
        ),
        # it fits, and waits its turn
        ("little", "normal", "cpu=1,mem=300M,node=1", ""),
        ("open", "normal", "cpu=99,mem=400G,node=9", ""),
        ("", "", "", ""),
    ],
)
def test_a_cap_below_the_jobs_own_request_is_said(account: str, qos: str, tres: str, said: str) -> None:
    record = {"Account": account, "QOS": qos, "TRES": tres, "UserId": "ada(1000)"}
    assert ceiling_of(record, CAPS) == said


def test_what_a_qos_caps_its_account_does_not() -> None:
    record = {"Account": "little", "QOS": "roomy", "UserId": "ada(1000)"}
    caps = (*CAPS, Cap("QOS roomy", {"mem": 500.0}))
    told = [ceiling_of({**record, "TRES": tres}, caps) for tres in ("cpu=1,mem=400M", "cpu=2,mem=400M", "mem=600M")]
    assert told == [
        "",
        "account little gives 1 cpu to all its jobs together, and this one asks for 2 cpus",
        "QOS roomy gives 500 MB of memory to all its jobs together, and this one asks for 600 MB of memory",
    ]


def test_another_users_cap_is_not_this_ones() -> None:
    record = {"Account": "little", "QOS": "normal", "TRES": "cpu=1,mem=1M,node=3", "UserId": "bob(1001)"}
    assert ceiling_of(record, CAPS) == ""


def test_the_question_names_what_it_is_about() -> None:
    assert assoc_mgr({"b", "a"}, {"q"}) == [
        "scontrol",
        "--oneliner",
        "show",
        "assoc_mgr",
        "accounts=a,b",
        "qos=q",
        "flags=assoc,qos",
    ]
