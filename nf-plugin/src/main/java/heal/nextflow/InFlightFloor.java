package heal.nextflow;

import groovy.lang.Closure;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import nextflow.processor.TaskConfig;
import nextflow.util.Duration;
import nextflow.util.MemoryUnit;
import org.codehaus.groovy.runtime.InvokerHelper;

/**
 * A directive that is what it was, and from some attempt on not less than heal granted.
 *
 * <p>What heal granted is no more than the pipeline itself lets a task ask for: its resourceLimits, to which Nextflow
 * sees, and its check_max, which the pipelines of nf-core put around their own amounts.
 * <p>From that attempt on it is, where the pipeline has nothing for such a try (a closure with a size for each of two),
 * what the failed try had.
 * <p>The try that failed keeps what it had: the record of it is written after its task was given more. Values that
 * Nextflow would not understand are left to Nextflow to complain about.
 */
final class InFlightFloor extends Closure<Object> {

    private static final long serialVersionUID = 1;
    private static final double BYTES_PER_MB = 1024.0 * 1024.0;
    private static final double MS_PER_MIN = 60_000.0;

    private final String name;
    private final transient Object before;
    private final transient Object last;
    private final int from;
    private final transient BinaryOperator<Object> floor;

    private InFlightFloor(String name, Object before, Object last, int from, BinaryOperator<Object> floor) {
        super(null);
        this.name = name;
        this.before = before;
        this.last = last;
        this.from = from;
        this.floor = floor;
    }

    /** Gives a task at least this much memory from an attempt on; null: what it has by itself. */
    static void memory(TaskConfig config, int from, Double megabytes) {
        if (megabytes == null) {
            keep(config, "memory", from, InFlightFloor::own);
            return;
        }
        MemoryUnit granted = checked(config, "memory", new MemoryUnit((long) Math.ceil(megabytes * BYTES_PER_MB)));
        put(config, "memory", from, (name, own) -> own(own).compareTo(granted) >= 0 ? own : granted);
    }

    /** Gives a task at least this much time from an attempt on; null: what it has by itself. */
    static void time(TaskConfig config, int from, Double minutes) {
        if (minutes == null) {
            keep(config, "time", from, InFlightFloor::span);
            return;
        }
        Duration granted = checked(config, "time", new Duration((long) Math.ceil(minutes * MS_PER_MIN)));
        put(config, "time", from, (name, own) -> span(own).compareTo(granted) >= 0 ? own : granted);
    }

    /** What the pipeline's own check_max makes of an amount; the amount where the directive's closure knows of none. */
    @SuppressWarnings("unchecked")
    private static <T extends Comparable<T>> T checked(TaskConfig config, String name, T granted) {
        Object own = config.getRawValue(name);
        while (own instanceof InFlightFloor floor) {
            own = floor.before;
        }
        if (!(own instanceof Closure<?> closure)) {
            return granted;
        }
        Object most = Detail.or(granted, () -> InvokerHelper.invokeMethod(closure, "check_max", new Object[] {granted, name}));
        return granted.getClass().isInstance(most) && granted.compareTo((T) most) > 0 ? (T) most : granted;
    }

    private static void keep(TaskConfig config, String name, int from, Function<Object, ?> read) {
        // what is not evaluated knows each try
        if (config.getRawValue(name) instanceof Closure<?>) {
            put(config, name, from, (same, own) -> {
                read.apply(own);
                return own;
            });
        }
    }

    private static void put(TaskConfig config, String name, int from, BinaryOperator<Object> floor) {
        Object last = Detail.or(null, () -> config.get(name));
        // not put(): a closure that comes that way makes Nextflow keep the task's context beside its outputs, and ask
        // for it when the run is resumed
        config.compute(name, (key, before) -> new InFlightFloor(name, before, last, from, floor));
    }

    /** What the directive is for the task that Nextflow asks for it. */
    @Override
    public Object call(Object... nothing) {
        TaskConfig config = task(getDelegate());
        if (config == null) {
            return before;
        }
        TaskConfig unraised = config.clone();
        unraised.put(name, before);
        if (config.getAttempt() < from) {
            return unraised.get(name);
        }
        Object own = Detail.or(last, () -> unraised.get(name));
        try {
            return floor.apply(name, own);
        } catch (RuntimeException | AssertionError notUnderstood) {
            return last != null ? last : own;
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

    /** The task in the scope that Nextflow evaluates directives in; null elsewhere. */
    static TaskConfig task(Object scope) {
        return scope instanceof Map<?, ?> names && names.get("task") instanceof TaskConfig config ? config : null;
    }

    /** As TaskConfig.getMemory reads it. */
    private static MemoryUnit own(Object value) {
        if (value instanceof MemoryUnit memory) {
            return memory;
        }
        return isNothing(value) ? new MemoryUnit(0) : new MemoryUnit(value.toString().strip());
    }

    /** As TaskConfig.getTime reads it. */
    private static Duration span(Object value) {
        if (value instanceof Duration duration) {
            return duration;
        }
        if (value instanceof Number milliseconds) {
            return new Duration(milliseconds.longValue());
        }
        return isNothing(value) ? new Duration(0) : new Duration(value.toString().strip());
    }

    private static boolean isNothing(Object value) {
        return value == null || value.toString().isEmpty();
    }
}
