package heal.nextflow;

import groovy.lang.Closure;
import groovy.lang.GString;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import nextflow.processor.TaskConfig;
import nextflow.processor.TaskContext;

/**
 * The directives of the try that would come next, evaluated before anybody is asked for it.
 *
 * <p>Pipelines write them for the tries that they count on. In one more, what such a directive throws would end the run
 * when Nextflow submits the task again, and the task's own failure would never be told.
 */
final class InFlightAhead {

    /** Those that have another value in each try by their nature, or that {@link InFlightFloor} sees to. */
    private static final Set<String> OTHERS =
        Set.of("memory", "time", "ext", "when", "previousException", "previousTrace");

    private InFlightAhead() {}

    /**
     * Whether each directive has a value in the attempt after this failure, or has none now either.
     *
     * @param config the directives of the failed try, the pipeline's own
     * @param scope what they are evaluated in
     */
    static boolean has(TaskConfig config, Map<?, ?> scope, int attempt) {
        TaskConfig next = next(config, scope, attempt);
        return next.keySet().stream()
            .filter(name -> !OTHERS.contains(name) && isEvaluated(next.getRawValue(name)))
            .allMatch(name -> hasValue(next, name) || !hasValue(config.clone(), name));
    }

    /**
     * Whether the next attempt has more of something that is granted to it than the failed one had.
     *
     * <p>Limits of the pipeline's own may leave nothing of a grant, and the try would fail as the last one did.
     */
    static boolean helps(InFlightAnswer answer, TaskConfig config, Map<?, ?> scope, int attempt) {
        if (answer.memoryMb() == null && answer.timeMin() == null) {
            return true;
        }
        TaskConfig granted = config.clone();
        InFlightFloor.memory(granted, attempt, answer.memoryMb());
        InFlightFloor.time(granted, attempt, answer.timeMin());
        TaskConfig next = next(granted, scope, attempt);
        return answer.memoryMb() != null && isMore(config.clone(), next, TaskConfig::getMemory)
            || answer.timeMin() != null && isMore(config.clone(), next, TaskConfig::getTime);
    }

    private static <T extends Comparable<T>> boolean isMore(TaskConfig had, TaskConfig next, Function<TaskConfig, T> read) {
        return Detail.or(true, () -> read.apply(had) == null || read.apply(next).compareTo(read.apply(had)) > 0);
    }

    @SuppressWarnings("unchecked")
    private static TaskConfig next(TaskConfig config, Map<?, ?> scope, int attempt) {
        TaskConfig next = config.clone();
        if (config.getRawValue("ext") instanceof Map<?, ?> shared) {
            // put() makes a map of its own: setContext would have the one of the failed try evaluated in the next one's scope
            next.put("ext", shared);
        }
        next.put("attempt", attempt);
        next.setContext(scope instanceof TaskContext context ? context.clone() : new HashMap<>(scope));
        return next;
    }

    private static boolean isEvaluated(Object raw) {
        if (raw instanceof Map<?, ?> many) {
            return many.values().stream().anyMatch(InFlightAhead::isEvaluated);
        }
        if (raw instanceof Collection<?> many) {
            return many.stream().anyMatch(InFlightAhead::isEvaluated);
        }
        return raw instanceof Closure<?> || raw instanceof GString;
    }

    private static boolean hasValue(TaskConfig config, String name) {
        try {
            Object value = "cpus".equals(name) ? config.getCpus() : config.get(name);
            // a text is made when it is read
            return !(value instanceof GString) || value.toString() != null;
        } catch (Exception | LinkageError | AssertionError | StackOverflowError none) {
            return false;
        }
    }
}
