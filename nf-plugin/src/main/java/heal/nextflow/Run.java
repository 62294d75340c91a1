package heal.nextflow;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nextflow.Session;

/** One launch of Nextflow, and the events that are told of it. */
record Run(String id, String cwd, long pid) {

    /** The launch that this process is: Nextflow's session, which a resume keeps, and its name, which is new each time. */
    static Run of(Session session) {
        String id = session.getUniqueId() + "." + session.getRunName();
        return new Run(id, System.getProperty("user.dir"), ProcessHandle.current().pid());
    }

    /** An event of this run; {@code task} is null where it is not about a task. */
    Map<String, Object> event(String kind, Map<String, ?> task, Map<String, ?> facts) {
        return event(kind, task, facts, null);
    }

    /** As above, and with the command line, which is told once. */
    Map<String, Object> event(String kind, Map<String, ?> task, Map<String, ?> facts, List<String> argv) {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("id", id);
        run.put("engine", "nextflow");
        run.put("cwd", cwd);
        run.put("pid", pid);
        if (argv != null) {
            run.put("argv", argv);
        }
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("v", 1);
        event.put("kind", kind);
        event.put("time", Instant.now().toString());
        event.put("source", "nextflow");
        event.put("run", run);
        event.put("facts", facts);
        if (task != null) {
            event.put("task", task);
        }
        return event;
    }
}
