"""The root causes heal tells apart, in words for a model: one line each, the same in every payload."""

from __future__ import annotations

from collections.abc import Mapping

from heal.records import Label

MEANINGS: Mapping[Label, str] = {
    Label.OUT_OF_MEMORY: "the task, its Java machine or its container needed more memory than it was given",
    Label.TIME_LIMIT: "the time that was asked for ran out",
    Label.DISK_FULL: "no space, no more files or no quota left where it writes",
    Label.NODE_FAILURE: "the machine failed, was taken back or was drained",
    Label.FILESYSTEM_TRANSIENT: "the shared file system was slow or stumbled; the file is there a little later",
    Label.NETWORK: "a download or a service far away failed, refused or took too long",
    Label.CONTAINER: "an image cannot be had, found, built, mounted or run",
    Label.ENVIRONMENT_SOLVE: "an environment of conda, pip or modules cannot be made or loaded",
    Label.MISSING_DEPENDENCY: "a program, library or package is not installed where the task ran",
    Label.VERSION_INCOMPATIBILITY: "it is installed, in a version that does not fit what the code expects",
    Label.MISSING_INPUT: "a file that the task reads is not there: never made, a wrong path, other case",
    Label.MISSING_OUTPUT: "the task ended well and did not make what it declares",
    Label.BAD_INPUT_DATA: "the data are there and broken, empty, cut short or not of the kind that is read",
    Label.BAD_PARAMETER: "an option, parameter or setting has a name or value that the program does not take",
    Label.WORKFLOW_SYNTAX: "a file of the workflow or its configuration does not parse",
    Label.WORKFLOW_LOGIC: "the workflow parses, and its rules, channels, wildcards or names do not fit together",
    Label.SCRIPT_ERROR: "the task's own script has a fault of its own",
    Label.TOOL_CRASH: "a program of others crashed by a fault of its own",
    Label.PERMISSION: "the user may not read, write or run something",
    Label.SCHEDULER_REJECTED: "the scheduler does not take what was asked of it",
    Label.LOCKED: "a lock of an earlier run stands in the way",
    Label.GPU: "the graphics card, its memory or its driver",
    Label.AUTH: "credentials or a licence are missing, wrong or at an end",
    Label.CANCELLED: "a person or a rule of the site ended it",
    Label.UNKNOWN: "the evidence does not say",
}


def taxonomy() -> str:
    """One line for each label."""
    return "\n".join(f"{label.value}: {meaning}" for label, meaning in MEANINGS.items())
