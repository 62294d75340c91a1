package heal.nextflow;

import java.util.function.Supplier;

/** One thing of many that an event says. */
final class Detail {

    private Detail() {}

    /**
     * What is asked for, or the fallback: what a pipeline's own closure refuses to say, or another Nextflow has elsewhere,
     * costs itself and not the event.
     */
    static <T> T or(T fallback, Supplier<T> asked) {
        try {
            return asked.get();
        } catch (Exception | LinkageError | AssertionError refused) {
            return fallback;
        }
    }
}
