"""How the plugin and the Nextflow of the tests come about."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

from heal import __version__
from heal.shipped import NEXTFLOW_PLUGIN

ROOT = Path(__file__).parents[2]
POM = "{http://maven.apache.org/POM/4.0.0}"


def test_the_plugin_has_the_version_of_heal():
    project = ET.parse(ROOT / "nf-plugin/pom.xml").getroot()  # noqa: S314 - our own file
    name, version = project.findtext(f"{POM}artifactId"), project.findtext(f"{POM}version")
    assert f"{name}-{version}" == NEXTFLOW_PLUGIN
    assert version == ".".join(__version__.split(".")[:3])


@pytest.mark.nextflow
def test_nothing_in_the_plugin_can_reach_a_network(nextflow_plugin: Path):
    # Given all that runs in Nextflow's process, as it is built
    jars = [zipfile.ZipFile(nextflow_plugin / f"{NEXTFLOW_PLUGIN}{kind}.jar") for kind in ("", "-agent")]
    code = b"".join(jar.read(name) for jar in jars for name in jar.namelist() if name.endswith(".class"))
    assert b"heal/nextflow/HealObserver" in code
    # Then it names nothing of Java's that opens a connection, asks a name server or starts a program
    named = set(re.findall(rb"(?:javax?/net|java/nio/channels|java/rmi)/[\w/$]+", code))
    assert named == {b"java/net/URI", b"java/net/URL", b"java/nio/channels/SeekableByteChannel"}
    assert re.findall(rb"openStream|openConnection|java/lang/ProcessBuilder|^exec$", code) == []


@pytest.mark.nextflow
@pytest.mark.usefixtures("nextflow")
def test_two_that_fetch_nextflow_at_once_make_one(tmp_path: Path):
    # Given a cache that nothing was ever kept in
    argv, env = ["bash", str(ROOT / "tests/nextflow/get.sh")], os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    # When two ask for a Nextflow
    asked = [subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=300)[0] for one in asked]
    # Then both are told of the same, which runs, and nothing else is left behind
    folder = tmp_path / "heal-tests" / "nextflow-25.04.4"
    assert told == [f"{folder}\n"] * 2
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == [folder.name]
    own = os.environ | {"NXF_HOME": str(tmp_path / "home"), "NXF_OFFLINE": "true"}
    said = subprocess.run(
        [folder / "nextflow", "-version"], env=own, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "version 25.04.4" in said.stdout
