package heal.nextflow;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import nextflow.Session;
import nextflow.processor.TaskFault;
import nextflow.processor.TaskId;
import nextflow.processor.TaskRun;
import nextflow.trace.TraceRecord;
import nextflow.trace.event.TaskEvent;

/**
 * Follows one run and tells of it. Its methods are called on any thread, and may throw what Nextflow throws.
 *
 * <p>Nextflow tells that a task has failed for good before it says why: the reason comes with the run's fault, right
 * after. Such a failure is held until then.
 */
final class Follower {

    /** How long the end of a run may wait for a disk. */
    private static final Duration AT_THE_END = Duration.ofSeconds(3);

    private final Session session;
    private final Run run;
    private final EventWriter writer;
    private final TaskKeys keys;
    private final Queue<Ending> held = new ConcurrentLinkedQueue<>();
    private final Set<TaskId> told = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean finished = new AtomicBoolean();
    private volatile boolean begun;
    private volatile boolean failing;
    private volatile boolean explained;

    Follower(Session session, EventWriter writer, TaskKeys keys) {
        this.session = session;
        this.run = Run.of(session);
        this.writer = writer;
        this.keys = keys;
    }

    /** The run has a name: tell of it. */
    void start(Spool spool, String version) {
        Map<String, Object> facts = RunFacts.of(session, System.getenv("HEAL_RUN"), version);
        List<String> argv = Launch.argv();
        Map<String, Object> event = run.event("run_started", null, facts, argv.isEmpty() ? fallback() : argv);
        writer.tell(() -> {
            try {
                facts.put("env_file", spool.environment(run.id(), Launch.environment()).toString());
            } catch (Exception unkept) { // the run can be told of all the same
                writer.complain(String.valueOf(unkept));
            }
            return event;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(this::vanish, "heal-end"));
    }

    private List<String> fallback() {
        String line = session.getCommandLine();
        return line == null ? List.of("nextflow") : List.of(line.strip().split("\\s+"));
    }

    /** The script was read and run, and tasks may begin: from here on Nextflow says when the run is over. */
    void begin() {
        begun = true;
    }

    void submitted(TaskEvent event) {
        TaskRun task = event.getHandler().getTask();
        if (!task.isArray()) {
            Task told = Task.of(task, event.getTrace(), keys);
            tell("task_submitted", told.task(), told.facts());
        }
    }

    void ended(TaskEvent event) {
        TaskRun task = event.getHandler().getTask();
        if (task.isArray()) {
            return;
        }
        Ending ending = ending(task, event.getTrace());
        if (!ending.fatal()) {
            tell(ending);
            return;
        }
        explained = true;
        held.add(ending);
        // held first, asked then: a fault that comes between the two releases it
        if (failing || session.getFault() != null) {
            release();
        }
    }

    /** What ended the run has failed, also where Nextflow's record says that it never began: its array was not accepted. */
    private Ending ending(TaskRun task, TraceRecord record) {
        TaskFault fault = session.getFault();
        boolean refused = Faults.blamed(fault) == task && "NEW".equals(record.get("status"));
        TraceRecord trace = refused ? Traces.failed(task, fault.getTask()) : record;
        return new Ending(Task.of(task, trace, keys), task, trace);
    }

    /** Something has ended the run, or will: what, the session knows by now. */
    void failed() {
        failing = true;
        release();
        if (!begun) {
            // the script itself is wrong: no task was started and no other word follows
            finish();
        }
    }

    /** The run is over. What comes more than once is told once. */
    void finish() {
        if (!finished.compareAndSet(false, true)) {
            return;
        }
        release();
        blame();
        boolean interrupted = Faults.interrupted(session);
        String message = Faults.text(session);
        boolean ok = message == null && session.isSuccess();
        if (message != null && !explained && !interrupted) {
            tell("task_failed", Faults.task(), Faults.facts(message));
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", ok);
        facts.put("exit", ok ? 0 : 1);
        if (interrupted) {
            facts.put("interrupted", true);
        }
        tell("run_finished", null, facts);
        writer.drain(AT_THE_END);
    }

    /** Tells of the task that ended the run, where Nextflow does not, or not in time: its array was not accepted. */
    private void blame() {
        TaskFault fault = session.getFault();
        TaskRun task = Faults.blamed(fault);
        // without a folder it was no task yet: its script could not be made
        if (!explained && task != null && task.getWorkDir() != null) {
            TraceRecord trace = Traces.failed(task, fault.getTask());
            explained = true;
            tell(new Ending(Task.of(task, trace, keys), task, trace));
        }
    }

    /** The process ends, and nothing may have said how the run did. */
    private void vanish() {
        try {
            if (failing) {
                finish();
            } else if (finished.compareAndSet(false, true)) {
                release();
                Map<String, Object> unknown = new LinkedHashMap<>();
                unknown.put("ok", null);
                unknown.put("exit", null);
                tell("run_finished", null, unknown);
            }
            writer.drain(AT_THE_END);
        } catch (Throwable error) { // a guest does not hurt its host
            writer.complain(String.valueOf(error));
        }
    }

    private void release() {
        for (Ending ending = held.poll(); ending != null; ending = held.poll()) {
            tell(ending);
        }
    }

    private void tell(Ending ending) {
        if (!ending.finished() && !told.add(ending.run().getId())) {
            return;
        }
        Map<String, Object> event = ending.event(run, session.getFault());
        writer.tell(() -> event);
    }

    private void tell(String kind, Map<String, Object> task, Map<String, Object> facts) {
        Map<String, Object> event = run.event(kind, task, facts);
        writer.tell(() -> event);
    }
}
