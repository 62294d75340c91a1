package heal.nextflow;

import nextflow.processor.TaskConfig;
import nextflow.processor.TaskRun;
import nextflow.trace.TraceRecord;

/** The record of a task that Nextflow itself gives none for: it never came to be submitted. */
final class Traces {

    private Traces() {}

    /**
     * What the task itself knows, and how what was {@code refused} ended: the task, or the array it is an element of. Its
     * directives may be closures of the pipeline's, and are asked here.
     */
    static TraceRecord failed(TaskRun task, TaskRun refused) {
        TraceRecord trace = new TraceRecord();
        TaskConfig config = task.getConfig();
        trace.put("name", task.getName());
        trace.put("process", task.getProcessor().getName());
        trace.put("status", "FAILED");
        trace.put("script", task.getTraceScript());
        trace.put("workdir", task.getWorkDirStr());
        trace.put("hash", task.getHashLog());
        trace.put("attempt", config.getAttempt());
        trace.put("tag", config.get("tag"));
        trace.put("cpus", config.getCpus());
        trace.put("memory", config.getMemory() == null ? null : config.getMemory().toBytes());
        trace.put("time", config.getTime() == null ? null : config.getTime().toMillis());
        trace.put("exit", refused.getExitStatus());
        trace.put("error_action", refused.getErrorAction() == null ? null : refused.getErrorAction().toString());
        return trace;
    }
}
