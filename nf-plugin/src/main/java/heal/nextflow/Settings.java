package heal.nextflow;

import java.util.Map;

/** The settings in the scope {@code heal} of a Nextflow configuration; {@code spool} is null where none is named. */
record Settings(boolean enabled, String spool) {

    /** Reads the whole configuration; what makes no sense there is as if it were not there. */
    static Settings of(Map<?, ?> configuration) {
        Map<?, ?> own = configuration.get("heal") instanceof Map<?, ?> scope ? scope : Map.of();
        return new Settings(
            !(own.get("enabled") instanceof Boolean wanted) || wanted,
            own.get("spool") instanceof CharSequence folder && !folder.isEmpty() ? folder.toString() : null);
    }
}
