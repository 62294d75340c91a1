"""What of an environment is secret."""

from __future__ import annotations

from heal.payload.environment import secret_values, together


def test_a_place_is_no_secret_in_the_second_of_two_environments_either():
    # Given heal's own environment and the run's, in different folders, with one password of the same name
    one = {"PWD": "/home/me/heal", "DB_PASSWORD": "s3cr3t-one"}
    other = {"PWD": "/data/run-7", "DB_PASSWORD": "s3cr3t-two"}
    # Then the folders are told, and neither password is
    assert set(secret_values(together(one, other))) == {"s3cr3t-one", "s3cr3t-two"}
