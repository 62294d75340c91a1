package heal.nextflow;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import nextflow.Session;
import nextflow.processor.TaskProcessor;
import nextflow.trace.TraceObserverV2;
import nextflow.trace.event.FilePublishEvent;
import nextflow.trace.event.TaskEvent;
import nextflow.trace.event.WorkflowOutputEvent;

/** Tells heal what happens to a run and its tasks. No method throws, none waits for a disk but the last. */
final class HealObserver implements TraceObserverV2 {

    private final Spool spool;
    private final EventWriter writer;
    private final TaskKeys keys = new TaskKeys();

    /** Null until the run is known, and where nothing is to be told of it. */
    private volatile Follower follower;

    /** Null where nobody is to be asked about failures. */
    private volatile InFlight inFlight;

    HealObserver(Spool spool, EventWriter writer) {
        this.spool = spool;
        this.writer = writer;
    }

    @Override
    public void onFlowCreate(Session session) {
        try {
            // a preview runs nothing
            if (!session.isPreview()) {
                Follower made = new Follower(session, writer, keys);
                made.start(spool, version());
                follower = made;
                inFlight = InFlight.of(session, writer, keys, spool);
            }
        } catch (Throwable error) {
            writer.complain(String.valueOf(error));
        }
    }

    @Override
    public void onFlowBegin() {
        quietly(Follower::begin);
    }

    @Override
    public void onFlowComplete() {
        quietly(Follower::finish);
    }

    @Override
    public void onFlowError(TaskEvent event) {
        quietly(Follower::failed);
    }

    @Override
    public void onTaskSubmit(TaskEvent event) {
        quietly(told -> told.submitted(event));
    }

    @Override
    public void onTaskComplete(TaskEvent event) {
        quietly(told -> told.ended(event));
    }

    @Override
    public void onProcessCreate(TaskProcessor process) {}

    @Override
    public void onProcessTerminate(TaskProcessor process) {}

    @Override
    public void onTaskPending(TaskEvent event) {
        InFlight asked = inFlight;
        if (asked != null) {
            quietly(told -> asked.watch(event.getHandler().getTask()));
        }
    }

    @Override
    public void onTaskStart(TaskEvent event) {}

    /** Nothing ran: of ten thousand cached tasks nobody needs to hear. */
    @Override
    public void onTaskCached(TaskEvent event) {
        quietly(told -> keys.seen(event.getHandler().getTask()));
    }

    /** Metrics cost every task a process that watches it; heal asks SLURM instead. */
    @Override
    public boolean enableMetrics() {
        return false;
    }

    @Override
    public void onWorkflowOutput(WorkflowOutputEvent event) {}

    @Override
    public void onFilePublish(FilePublishEvent event) {}

    private interface Step {
        void take(Follower follower) throws Exception;
    }

    private void quietly(Step step) {
        Follower known = follower;
        if (known == null) {
            return;
        }
        try {
            step.take(known);
        } catch (Throwable error) { // a guest does not hurt its host
            writer.complain(String.valueOf(error));
        }
    }

    private static String version() throws IOException {
        Properties own = new Properties();
        try (InputStream file = HealObserver.class.getResourceAsStream("plugin.properties")) {
            own.load(file);
        }
        return own.getProperty("version");
    }
}
