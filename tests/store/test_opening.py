"""A database is made, found current, refused or kept aside; never harmed."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.store.given import seen, started

from heal.errors import StoreBroken, StoreTooNew
from heal.store import Store, StoreTooOld
from heal.store.connecting import engine_of_file
from heal.store.schema import REVISIONS, metadata

LOOKS = """
import sys
from heal.store import Store

with Store.open(sys.argv[1]) as store:
    store.projects()
print(sorted({"alembic", "pydantic", "mako"} & set(sys.modules)))
"""

SPILLS = """
import sqlite3, sys

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size=1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("DROP TABLE alembic_version")
connection.executemany("INSERT INTO projects VALUES (?)", [(f"/half/{n}" * 50,) for n in range(2000)])
print("spilt", flush=True)
sys.stdin.readline()
"""


def snapshot(folder):
    """Give the names and bytes of all that is in a folder."""
    return {found.name: found.read_bytes() for found in folder.iterdir()}


@pytest.fixture
def made(path):
    """Make a database with a project in it, at rest."""
    with Store.open(path) as store:
        store.take(seen("project", path="/a"))
    return path


def alter(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_new_database_is_for_its_owner_only(tmp_path):
    # given
    path = tmp_path / "state" / "heal" / "heal.db"
    # when
    with Store.open(path) as store:
        store.take(started("r1"))
        modes = {found.name: stat.filemode(found.stat().st_mode) for found in path.parent.iterdir()}
    # then
    private = "-rw-------"
    assert modes == {"heal.db": private, "heal.db-wal": private, "heal.db-shm": private}
    assert stat.filemode(path.parent.stat().st_mode) == "drwx------"


def test_a_path_and_a_url_mean_the_same_file(made):
    # given, when, then
    with Store.open(f"sqlite:///{made}") as store:
        assert store.projects() == ("/a",)


def test_what_was_stored_is_there_the_next_time(made):
    # given, when, then
    with Store.open(made) as store:
        assert store.projects() == ("/a",)


def test_the_migrations_make_the_tables_that_the_code_names(store):
    # given a database made by migrations alone; when
    with store._engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    # then
    assert differences == []


def test_every_revision_is_listed():
    # given
    config = Config()
    config.set_main_option("script_location", "heal:store/migrations")
    # when
    steps = ScriptDirectory.from_config(config).walk_revisions()
    # then
    assert tuple(reversed([step.revision for step in steps])) == REVISIONS


def test_a_current_database_is_opened_without_the_migration_tools(made):
    # given, when
    told = subprocess.run([sys.executable, "-c", LOOKS, made], capture_output=True, text=True, check=True)
    # then
    assert told.stdout == "[]\n"


@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_database_is_refused_and_not_touched(made, read_only):
    # given
    alter(made, "UPDATE alembic_version SET version_num = '9999'")
    before = snapshot(made.parent)
    # when
    with pytest.raises(StoreTooNew) as refusal:
        Store.open(made, read_only=read_only)
    # then
    assert str(refusal.value) == (
        f"the database {made} was written by a newer heal (its schema is '9999', this heal knows up to"
        f" '{REVISIONS[-1]}'). Nothing was touched. Upgrade heal, or point HEAL_HOME elsewhere."
    )
    assert snapshot(made.parent) == before


@pytest.mark.parametrize("read_only", [True, False])
def test_the_database_of_another_program_is_refused_and_not_touched(path, read_only):
    # given
    alter(path, "CREATE TABLE cookies (name TEXT)")
    before = snapshot(path.parent)
    # when
    with pytest.raises(StoreBroken, match="is not heal's: it holds tables of something else"):
        Store.open(path, read_only=read_only)
    # then
    assert snapshot(path.parent) == before


def test_a_file_that_is_no_database_is_copied_aside(path):
    # given
    path.write_bytes(b"once upon a time " * 1000)
    # when
    with pytest.raises(StoreBroken) as refusal:
        Store.open(path)
    # then
    (copy,) = path.parent.glob("heal.db.broken-*Z")
    assert re.fullmatch(r"heal\.db\.broken-\d{8}T\d{6}Z", copy.name)
    assert copy.read_bytes() == path.read_bytes() == b"once upon a time " * 1000
    assert str(refusal.value) == (
        f"the database {path} cannot be read (file is not a database). A copy is kept at {copy}. Nothing was deleted."
        f" To save what can be saved: sqlite3 {path} .recover | sqlite3 {path}.recovered;"
        f" to begin anew, move {path} away and start heal again."
    )


def test_damage_met_later_is_copied_aside_once(made):
    # given damage in the pages behind the first
    whole = made.read_bytes()
    made.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    # when
    for _ in range(3):
        with pytest.raises(StoreBroken, match=r"cannot be read \(.*malformed"), Store.open(made) as store:
            store.take(seen("project", path="/b"))
    # then
    (copy,) = made.parent.glob("heal.db.broken-*Z")
    assert copy.read_bytes() == made.read_bytes()


def test_a_folder_in_the_place_of_the_database_is_named(path):
    # given
    path.mkdir()
    # when, then
    with pytest.raises(StoreBroken, match=re.escape(f"the database {path} is not a file")):
        Store.open(path)


def test_a_place_where_nothing_can_be_made_is_named(tmp_path):
    # given
    (tmp_path / "file").write_text("")
    # when, then
    with pytest.raises(StoreBroken, match="cannot be made"):
        Store.open(tmp_path / "file" / "heal.db")


def test_a_reader_of_nothing_finds_nothing_and_leaves_nothing(path):
    # given, when
    with Store.open(path, read_only=True) as store:
        told = (store.newest(5), store.open_runs(), store.projects())
    # then
    assert (told, list(path.parent.iterdir())) == (((), (), ()), [])


def test_a_reader_of_a_database_that_is_being_made_finds_nothing_yet(path):
    # given a file in which there are no tables yet, as while another heal makes them
    alter(path, "PRAGMA user_version = 1")
    assert path.stat().st_size > 0
    # when, then
    with Store.open(path, read_only=True) as store:
        assert (store.newest(5), store.projects()) == ((), ())


def test_a_reader_cannot_write(made):
    # given, when, then
    with Store.open(made, read_only=True) as store:
        with pytest.raises(StoreBroken, match="attempt to write a readonly database"):
            store.take(seen("project", path="/b"))
        assert store.projects() == ("/a",)


def test_a_reader_does_not_upgrade(made):
    # given a database from before the first migration
    alter(made, "DELETE FROM alembic_version")
    # when, then
    with pytest.raises(StoreTooOld, match="Any writing command upgrades it"):
        Store.open(made, read_only=True)


@pytest.mark.parametrize(("shared", "mode"), [(True, "delete"), (False, "wal")])
def test_only_a_local_file_system_gets_a_write_ahead_log(made, shared, mode):
    # given a database from the other kind of file system
    alter(made, f"PRAGMA journal_mode={'wal' if shared else 'delete'}")
    # when
    engine = engine_of_file(made, read_only=False, shared=shared)
    # then
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == mode
    engine.dispose()


def test_a_writer_that_died_while_its_pages_went_to_disk_is_taken_back(made):
    # given a rollback journal beside a file whose pages were half written
    alter(made, "PRAGMA journal_mode=delete")
    before = snapshot(made.parent)
    writer = subprocess.Popen(
        [sys.executable, "-c", SPILLS, made], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout.readline() == "spilt\n"
    writer.kill()
    writer.communicate()
    assert set(snapshot(made.parent)) == {"heal.db", "heal.db-journal"}
    # when
    with Store.open(made) as store:
        told = store.projects()
    # then
    assert (told, set(snapshot(made.parent))) == (("/a",), set(before))
