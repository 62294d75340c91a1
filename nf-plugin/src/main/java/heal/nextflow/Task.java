package heal.nextflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nextflow.executor.Executor;
import nextflow.executor.SlurmExecutor;
import nextflow.processor.TaskProcessor;
import nextflow.processor.TaskRun;
import nextflow.trace.TraceRecord;

/** One try of a task, as far as Nextflow has told of it. What is not known is null. */
record Task(
    String name,
    String key,
    int attempt,
    String nativeId,
    String workdir,
    String process,
    String tag,
    String executor,
    String hash,
    Map<String, Number> asked) {

    private static final List<String> LOGS = List.of(".command.err", ".command.out", ".command.log");
    private static final double BYTES_PER_MB = 1024.0 * 1024.0;
    private static final double MS_PER_MIN = 60_000.0;

    /** The task that a trace is of. */
    static Task of(TaskRun task, TraceRecord trace, TaskKeys keys) {
        String process = Text.plain(trace.get("process"));
        String tag = Text.plain(trace.get("tag"));
        TaskProcessor processor = task.getProcessor();
        Executor executor = processor == null ? null : processor.getExecutor();
        return new Task(
            Text.plain(trace.get("name")),
            keys.key(task, process, tag),
            trace.get("attempt") instanceof Number number ? Math.max(1, number.intValue()) : 1,
            // the local executor's is a process that is gone, and another scheduler's number means nothing to SLURM
            executor instanceof SlurmExecutor ? Text.plain(trace.get("native_id")) : null,
            Text.plain(trace.get("workdir")),
            process,
            tag,
            executor == null ? Text.plain(trace.getExecutorName()) : executor.getName(),
            Text.plain(trace.get("hash")),
            asked(trace));
    }

    private static Map<String, Number> asked(TraceRecord trace) {
        Map<String, Number> asked = new LinkedHashMap<>();
        if (trace.get("memory") instanceof Number bytes) {
            asked.put("memory_mb", round(bytes.doubleValue() / BYTES_PER_MB));
        }
        if (trace.get("time") instanceof Number milliseconds) {
            asked.put("time_min", round(milliseconds.doubleValue() / MS_PER_MIN));
        }
        if (trace.get("cpus") instanceof Number cpus) {
            asked.put("cpus", cpus);
        }
        return asked;
    }

    /** A whole number where it is one, else with two places. */
    private static Number round(double value) {
        double rounded = Math.round(value * 100) / 100.0;
        return rounded == Math.rint(rounded) ? (Number) (long) rounded : (Number) rounded;
    }

    /** The {@code task} of an event. */
    Map<String, Object> task() {
        Map<String, Object> task = new LinkedHashMap<>();
        task.put("name", name);
        task.put("key", key);
        task.put("attempt", attempt);
        task.put("native_id", nativeId);
        task.put("workdir", workdir);
        task.put("log_paths", workdir == null ? List.of() : LOGS.stream().map(log -> workdir + "/" + log).toList());
        return task;
    }

    /** The {@code facts} of an event, common to all kinds. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("process", process);
        facts.put("asked", asked);
        facts.put("executor", executor);
        if (tag != null) {
            facts.put("tag", tag);
        }
        facts.put("hash", hash);
        return facts;
    }
}
