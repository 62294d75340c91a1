"""New powers: what a text could not do before, in whatever language."""

from __future__ import annotations

from heal.guard.rules import ask, ask_once, refuse, refuse_once, table

POWERS = table(
    refuse("power.network", "it reaches into the network, which it did not before"),
    refuse("power.process", "it starts a program that it did not start before"),
    ask_once("power.program", "it starts a program that it did not start before"),
    refuse("power.code", "it runs text as code, or reaches what runs it, which it did not before"),
    refuse("power.unpickle", "it loads objects from a file in a way that can run what the file says"),
    refuse("power.delete", "it deletes, which it did not before"),
    ask("power.move", "it moves or links files, or changes the folder it works in, which it did not before"),
    refuse("power.rights", "it changes who owns or may end something, which it did not before"),
    ask("power.mode", "it changes the mode of a file, which it did not before"),
    refuse("power.install", "it installs software, which it did not before"),
    refuse("power.secrets", "it reads what may be secret, which it did not before"),
    ask_once("power.secrets_asked", "it reads a variable or a place of the user's that it did not read before"),
    ask("power.decode", "it decodes something that cannot be read as it stands"),
    refuse("power.at_exit", "it arranges for something to happen when it ends or is signalled"),
    refuse("power.code_written", "it writes into a file that is run as code, which it did not before"),
    refuse("power.inner_name", "it reaches for inner names, Python's own or a library's"),
    ask("power.shell_text", "a text holds what a shell takes for more than words, and is put into a command"),
    refuse("power.engine_shell", "it changes how the engine starts its scripts"),
    ask_once("power.import", "it loads a library that it did not load before and that is not one of the field"),
    ask("power.decorator", "a function is wrapped by what did not wrap it before"),
    refuse("power.replaced", "it puts something of its own in the place of a known function"),
    ask("power.patched", "it changes a library while it runs"),
    refuse("power.loader", "it sets a variable that decides which programs or libraries are loaded"),
    ask("power.variable", "it sets a variable of the environment that it did not set before"),
    refuse("power.sensitive_path", "it names a place where secrets or a system's settings lie"),
    ask_once("power.absolute_path", "it names a place outside the pipeline that it did not name before"),
    ask_once("power.url", "it names an address in the network that it did not name before"),
    ask_once("power.environment", "it runs in another container or software environment than before"),
    refuse_once("power.package_source", "it takes packages from a place that it did not take them from before"),
    refuse_once("power.profile", "it sets an option of the engine that may run code, or leave work or checks out"),
    refuse("power.include", "it takes in code from elsewhere, which it did not before"),
    ask("power.include_asked", "it takes in another file's code, which it did not before"),
    refuse("power.directive", "it makes the engine run or allow something around its tasks, which it did not before"),
    ask("power.directive_asked", "it changes how or where the engine runs a task or puts its results"),
    refuse("power.dynamic", "it puts a name together while it runs, so that nobody can read what it calls"),
    refuse("power.yaml_tag", "a tag makes the reader of this file build objects"),
)
