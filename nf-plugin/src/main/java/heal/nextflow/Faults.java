package heal.nextflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nextflow.Session;
import nextflow.exception.AbortSignalException;
import nextflow.processor.TaskArrayRun;
import nextflow.processor.TaskFault;
import nextflow.processor.TaskProcessor;
import nextflow.processor.TaskRun;

/** What ended a run. */
final class Faults {

    private Faults() {}

    /** A person, or whoever sent a signal, ended the run. */
    static boolean interrupted(Session session) {
        return session.getError() instanceof AbortSignalException;
    }

    /** The task that ended the run: of an array that was not accepted its first element; null where it was no task. */
    static TaskRun blamed(TaskFault fault) {
        TaskRun task = fault == null ? null : fault.getTask();
        return task instanceof TaskArrayRun array ? array.getChildren().get(0).getTask() : task;
    }

    /** The text of what ended the run: Nextflow's report, else the exception; null where nothing is known. */
    static String text(Session session) {
        TaskFault fault = session.getFault();
        if (fault != null && fault.getReport() != null) {
            return fault.getReport();
        }
        Throwable error = fault != null && fault.getError() != null ? fault.getError() : session.getError();
        return error == null ? null : text(error);
    }

    /** What an exception says, with what it was caused by where that says something else. */
    static String text(Throwable error) {
        // with the line of the script where there is one
        String said = told(error);
        Throwable cause = error.getCause();
        if (cause == null || cause == error || cause.getMessage() == null || said.contains(cause.getMessage())) {
            return said;
        }
        return said + "\nCaused by: " + told(cause);
    }

    private static String told(Throwable error) {
        return Detail.or(String.valueOf(error.getMessage()), () -> TaskProcessor.err0(error));
    }

    /** A failure of Nextflow itself: the task of it. */
    static Map<String, Object> task() {
        Map<String, Object> task = new LinkedHashMap<>();
        task.put("name", "nextflow");
        task.put("key", "");
        task.put("attempt", 1);
        task.put("log_paths", List.of(NextflowLog.path()));
        return task;
    }

    /** A failure of Nextflow itself: the facts of it. */
    static Map<String, Object> facts(String message) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("process", "nextflow");
        facts.put("message", Text.clipped(message));
        facts.put("will_retry", false);
        return facts;
    }
}
