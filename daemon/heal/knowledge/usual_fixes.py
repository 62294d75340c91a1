"""What helps against each kind of cause where nothing that knows the failure says it better: data, not rules."""

from __future__ import annotations

from collections.abc import Mapping

from heal.knowledge.patterns import FixSpec
from heal.records import FixKind, Label


def _advice(text: str) -> FixSpec:
    return FixSpec(FixKind.ADVICE, text=text)


USUAL: Mapping[Label, FixSpec] = {
    Label.OUT_OF_MEMORY: FixSpec(FixKind.RESOURCES, resource="memory"),
    Label.TIME_LIMIT: FixSpec(FixKind.RESOURCES, resource="time"),
    Label.NODE_FAILURE: FixSpec(FixKind.RETRY, delay_s=10),
    Label.DISK_FULL: _advice("Make room where it writes, or let it write to another file system; then run it again."),
    Label.FILESYSTEM_TRANSIENT: _advice("Run it again; where it comes back, report the file system and the node."),
    Label.NETWORK: _advice("Run it again later; where it comes back, see whether this node reaches the service."),
    Label.CONTAINER: _advice("See that the image can be had and started here by hand, and that bound folders exist."),
    Label.ENVIRONMENT_SOLVE: _advice("Make the environment by hand, and relax or correct what it cannot satisfy."),
    Label.MISSING_DEPENDENCY: _advice("Install what the line names into the environment that the task runs in."),
    Label.VERSION_INCOMPATIBILITY: _advice("Use versions that fit each other, or change to what the newer one offers."),
    Label.MISSING_INPUT: _advice("See why the file that the line names is not there: its name, or what makes it."),
    Label.MISSING_OUTPUT: _advice("See whether the command writes what the step declares, under that very name."),
    Label.BAD_INPUT_DATA: _advice("Look at the data that the line names, and fetch or make it anew."),
    Label.BAD_PARAMETER: _advice("Correct the option or setting that the line names; the program's help lists them."),
    Label.WORKFLOW_SYNTAX: _advice("Correct the workflow at the place that the line names."),
    Label.WORKFLOW_LOGIC: _advice("Correct how the steps are wired: what each takes and makes, and its name."),
    Label.SCRIPT_ERROR: _advice("Correct the script at the place that the line names."),
    Label.TOOL_CRASH: _advice("Try another version of the program, and report the crash to its authors."),
    Label.PERMISSION: _advice("Ask the owner for access, or use a place that is yours."),
    Label.SCHEDULER_REJECTED: _advice("Correct the request as the scheduler's message says."),
    Label.LOCKED: _advice("Wait for whoever holds it; where nobody does any more, remove the lock."),
    Label.GPU: _advice("See that the job asked for a GPU, and that driver and program fit each other."),
    Label.AUTH: _advice("Renew the credentials or the licence that the job uses."),
    Label.CANCELLED: _advice("Nothing is wrong with the step itself: run it again when it is wanted."),
}
