package heal.nextflow;

import groovy.lang.Closure;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import nextflow.exception.ProcessSubmitTimeoutException;
import nextflow.exception.ProcessUnrecoverableException;
import nextflow.processor.ErrorStrategy;
import nextflow.processor.TaskConfig;
import nextflow.processor.TaskRun;
import nextflow.trace.TraceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code errorStrategy} of one try of a task: the pipeline's own, and where that would give the task up, heal's
 * answer.
 *
 * <p>Nextflow asks it once for a failure (TaskProcessor.checkErrorStrategy), after it has put exit status, counts and
 * exception into the task's directives; whoever reads it at another time gets the pipeline's own. Tries that heal asked
 * for count neither against the pipeline's maxRetries nor against its maxErrors.
 */
final class InFlightStrategy extends Closure<Object> {

    private static final long serialVersionUID = 1;
    private static final Logger log = LoggerFactory.getLogger(InFlightStrategy.class);

    /** Whoever is asked about a failed try, and waits for the answer. */
    @FunctionalInterface
    interface Asker {
        InFlightAnswer ask(TaskRun task, TraceRecord trace);
    }

    /** The pipeline's own directives, as they stand in its configuration. */
    private record Own(Object errorStrategy, Object maxRetries, Object maxErrors) {
        TaskConfig of(TaskConfig config) {
            TaskConfig own = config.clone();
            own.put("errorStrategy", errorStrategy);
            own.put("maxRetries", maxRetries);
            own.put("maxErrors", maxErrors);
            return own;
        }
    }

    private final transient Asker asker;
    private final transient Own own;
    private final transient TaskRun task;
    private final transient Object earlier;
    private final int retries;
    private final AtomicInteger retriesOfProcess;

    private InFlightStrategy(
            Asker asker, Own own, TaskRun task, Object earlier, int retries, AtomicInteger ofProcess) {
        super(null);
        this.asker = asker;
        this.own = own;
        this.task = task;
        this.earlier = earlier;
        this.retries = retries;
        this.retriesOfProcess = ofProcess;
    }

    /** Has somebody asked when this try of a task fails for good; {@code ofProcess} counts what heal has tried again. */
    static void watch(TaskRun task, Asker asker, AtomicInteger ofProcess) {
        TaskConfig config = task.getConfig();
        Object now = config.getRawValue("errorStrategy");
        boolean again = now instanceof InFlightStrategy;
        Own own = again
            ? ((InFlightStrategy) now).own
            : new Own(now, config.getRawValue("maxRetries"), config.getRawValue("maxErrors"));
        int retries = again ? ((InFlightStrategy) now).retries : 0;
        Object earlier = config.getRawValue("previousException");
        // not put(), as for an InFlightFloor; the key is there, so whoever reads the map meanwhile finds it whole
        config.replace("errorStrategy", new InFlightStrategy(asker, own, task, earlier, retries, ofProcess));
    }

    /** What Nextflow is to do. */
    @Override
    public Object call(Object... nothing) {
        TaskConfig config = InFlightFloor.task(getDelegate());
        TaskConfig unaided = own.of(config == null ? task.getConfig() : config);
        // what this throws, the pipeline's own throws
        Object word = unaided.get("errorStrategy");
        try {
            return config == task.getConfig() && retries(config, unaided) ? "retry" : word;
        } catch (Throwable error) { // a guest does not hurt its host
            log.warn("heal: cannot ask about a failure ({}); the pipeline's own strategy holds", error.toString());
            return word;
        }
    }

    @Override
    public Object call() {
        return call(new Object[0]);
    }

    @Override
    public Object call(Object nothing) {
        return call(new Object[0]);
    }

    /** For Groovy, which looks for it where it calls a closure by its name. */
    public Object doCall(Object... nothing) {
        return call(nothing);
    }

    private boolean retries(TaskConfig config, TaskConfig unaided) {
        if (!(config.getRawValue("previousException") instanceof Throwable error) || error == earlier) {
            return false; // nothing has failed: somebody reads the directive
        }
        int maxRetries = unaided.getMaxRetries() + retries;
        limit(config, unaided, maxRetries);
        int next = count(config, "retryCount") + 1;
        if (!isHopeful(error)
            || !givesUp(config, unaided, maxRetries)
            || !InFlightAhead.has(unaided, (Map<?, ?>) getDelegate(), next)) {
            return false;
        }
        config.replace("errorStrategy", after(error, retries)); // one failure, one question
        InFlightAnswer answer = asker.ask(task, (TraceRecord) config.getRawValue("previousTrace"));
        if (!answer.retry()) {
            return false;
        }
        if (!InFlightAhead.helps(answer, unaided, (Map<?, ?>) getDelegate(), next)) {
            log.debug("heal: the pipeline's own limits leave {} no more than it had", task.lazyName());
            return false;
        }
        grant(config, answer, maxRetries);
        config.replace("errorStrategy", after(error, retries + 1));
        return true;
    }

    /** The pipeline's own limits, where heal's retries are among what Nextflow has counted. */
    private void limit(TaskConfig config, TaskConfig unaided, int maxRetries) {
        if (retries > 0) {
            config.put("maxRetries", maxRetries);
        }
        if (retriesOfProcess.get() > 0) {
            config.put("maxErrors", maxErrors(unaided));
        }
    }

    private int maxErrors(TaskConfig unaided) {
        int max = unaided.getMaxErrors();
        return max < 0 ? max : max + retriesOfProcess.get();
    }

    /** Not where Nextflow would not try again whatever the strategy, nor where nothing has run. */
    private static boolean isHopeful(Throwable error) {
        Throwable cause = error.getCause();
        return !(error instanceof ProcessUnrecoverableException)
            && !(cause instanceof ProcessUnrecoverableException)
            && !(cause instanceof ProcessSubmitTimeoutException);
    }

    /** As TaskProcessor.checkErrorStrategy decides it. */
    private boolean givesUp(TaskConfig config, TaskConfig unaided, int maxRetries) {
        ErrorStrategy strategy = unaided.getErrorStrategy();
        if (strategy != ErrorStrategy.RETRY) {
            return strategy != ErrorStrategy.IGNORE;
        }
        int maxErrors = maxErrors(unaided);
        boolean left = (maxErrors == -1 || count(config, "errorCount") < maxErrors)
            && count(config, "retryCount") <= maxRetries;
        return !left;
    }

    /** Lets Nextflow's own rules pass this retry, and gives the next try what heal granted. */
    private void grant(TaskConfig config, InFlightAnswer answer, int maxRetries) {
        int failures = count(config, "retryCount");
        InFlightFloor.memory(config, failures + 1, answer.memoryMb());
        InFlightFloor.time(config, failures + 1, answer.timeMin());
        config.put("maxRetries", Math.max(maxRetries + 1, failures));
        config.put("maxErrors", -1);
        retriesOfProcess.incrementAndGet();
    }

    private InFlightStrategy after(Throwable error, int tries) {
        return new InFlightStrategy(asker, own, task, error, tries, retriesOfProcess);
    }

    private static int count(TaskConfig config, String name) {
        return config.getRawValue(name) instanceof Number number ? number.intValue() : 0;
    }
}
