package heal.nextflow;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import nextflow.file.FileHolder;
import nextflow.processor.TaskFault;
import nextflow.processor.TaskRun;
import nextflow.script.params.FileOutParam;
import nextflow.trace.TraceRecord;

/** How one try of a task ended. */
record Ending(Task task, TaskRun run, TraceRecord trace) {

    /** Nextflow's word for an exit code that it does not know; -1 where the file that should hold it stayed empty. */
    private static final int UNKNOWN_EXIT = Integer.MAX_VALUE;

    /** Paths of one task that are worth telling. */
    private static final int MAX_PATHS = 50;

    /** Nextflow's status, never the exit code: a task without its outputs has failed with 0. */
    boolean finished() {
        return "COMPLETED".equals(trace.get("status"));
    }

    private static final Pattern PATTERN = Pattern.compile("[*?\\[{]");

    /** Nextflow gives the task up because of this failure, and the run with it. */
    boolean fatal() {
        return "TERMINATE".equals(action()) || "FINISH".equals(action());
    }

    private String action() {
        return Text.plain(trace.get("error_action"));
    }

    /** The facts of a task that went well. */
    Map<String, Object> success() {
        Map<String, Object> facts = task.facts();
        facts.put("input", Detail.or(List.of(), this::inputs));
        facts.put("output", Detail.or(List.of(), this::outputs));
        return facts;
    }

    /** The facts of a failure; {@code fault} is what ended the run, of this task or of another one, or null. */
    Map<String, Object> failure(TaskFault fault) {
        Map<String, Object> facts = task.facts();
        facts.put("input", Detail.or(List.of(), this::inputs));
        facts.put("output", Detail.or(List.of(), this::declared));
        String state = Text.plain(trace.get("status"));
        facts.put("state", state);
        if (trace.get("exit") instanceof Number exit && exit.intValue() >= 0 && exit.intValue() != UNKNOWN_EXIT) {
            facts.put("exit", exit);
        }
        String action = action();
        if (action != null) {
            facts.put("error_action", action);
            facts.put("will_retry", "RETRY".equals(action));
        }
        if ("IGNORE".equals(action)) {
            facts.put("ignored", true);
        }
        if (aborted(fault)) {
            facts.put("aborted", true);
            facts.put("will_retry", false);
        }
        String message = Detail.or(null, () -> message(fault));
        if (message != null) {
            facts.put("message", Text.clipped(message));
        }
        facts.put("shell", Text.clipped(trace.get("script")));
        return facts;
    }

    /** The run was ended while this task ran, or before it could. */
    private boolean aborted(TaskFault fault) {
        Object state = trace.get("status");
        boolean others = fault != null && Faults.blamed(fault) != run;
        return "ABORTED".equals(state) || (!"FAILED".equals(state) && others);
    }

    private String message(TaskFault fault) {
        if (fault != null && Faults.blamed(fault) == run && fault.getReport() != null) {
            return fault.getReport();
        }
        // null as long as nothing failed: where the task is tried again, Nextflow keeps its reason for the next try
        Object error = run.getError() != null ? run.getError() : run.getConfig().get("previousException");
        return error instanceof Throwable thrown && !aborted(fault) ? Faults.text(thrown) : null;
    }

    private List<String> inputs() {
        List<String> paths = new ArrayList<>();
        if (run.getInputs() != null) {
            run.getInputs().values().forEach(value -> collect(paths, value));
        }
        return paths;
    }

    private List<String> outputs() {
        List<String> paths = new ArrayList<>();
        if (run.getOutputs() != null) {
            run.getOutputs().forEach((declared, value) -> {
                if (declared instanceof FileOutParam) {
                    collect(paths, value);
                }
            });
        }
        return paths;
    }

    /** The outputs that the process declares, where their names are known beforehand: a failed task may have none of them. */
    private List<String> declared() {
        if (task.workdir() == null || run.getOutputs() == null) {
            return List.of();
        }
        return run.getOutputFilesNames().stream()
            .filter(name -> !PATTERN.matcher(name).find())
            .limit(MAX_PATHS)
            .map(name -> task.workdir() + "/" + name)
            .toList();
    }

    private static void collect(List<String> paths, Object value) {
        if (paths.size() >= MAX_PATHS) {
            return;
        }
        if (value instanceof FileHolder file) {
            collect(paths, file.getStorePath());
        } else if (value instanceof Path path) {
            paths.add(Text.path(path));
        } else if (value instanceof Collection<?> many) {
            many.forEach(one -> collect(paths, one));
        }
    }

    /** The event. */
    Map<String, Object> event(Run of, TaskFault fault) {
        return finished()
            ? of.event("task_finished", task.task(), new LinkedHashMap<>(success()))
            : of.event("task_failed", task.task(), failure(fault));
    }
}
