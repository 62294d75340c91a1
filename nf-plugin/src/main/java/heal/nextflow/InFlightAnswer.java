package heal.nextflow;

import groovy.json.JsonSlurper;
import java.util.Map;

/**
 * What heal says about one failed try (docs/in-flight.md).
 *
 * @param retry false: as Nextflow would without heal
 * @param memoryMb the least memory of the next try in MB, null where it stays as it is
 * @param timeMin the least time of the next try in minutes, null where it stays as it is
 */
record InFlightAnswer(boolean retry, Double memoryMb, Double timeMin) {

    /** No task has a million terabytes, or two million years; more would not fit into what Nextflow counts in. */
    private static final double MOST = 1e12;

    static final InFlightAnswer NONE = new InFlightAnswer(false, null, null);

    /** Reads an answer; whatever is not understood to the end is {@link #NONE}. */
    static InFlightAnswer read(String text) {
        try {
            if (!(new JsonSlurper().parseText(text) instanceof Map<?, ?> said)
                || !Integer.valueOf(1).equals(said.get("v"))
                || !"retry".equals(said.get("answer"))) {
                return NONE;
            }
            Map<?, ?> resources = said.get("resources") instanceof Map<?, ?> named ? named : Map.of();
            return new InFlightAnswer(true, amount(resources.get("memory_mb")), amount(resources.get("time_min")));
        } catch (RuntimeException unreadable) { // half of an answer could start a task with half of what it needs
            return NONE;
        }
    }

    private static Double amount(Object said) {
        if (said == null) {
            return null;
        }
        if (said instanceof Number number && number.doubleValue() > 0 && number.doubleValue() <= MOST) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("no amount: " + said);
    }
}
