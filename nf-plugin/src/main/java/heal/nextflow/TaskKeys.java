package heal.nextflow;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import nextflow.file.FileHolder;
import nextflow.processor.TaskRun;
import nextflow.script.params.InParam;
import nextflow.util.Bag;

/**
 * What names a task in every try and every launch: its name where its process has a tag, else what it is made from.
 *
 * <p>A tag need not be unique. Two tasks of a run with one name would be one task to heal, and the second failure would
 * be lost: the later one's key gains what it is made from. Tasks out of the cache count as well ({@link #seen}), so that
 * who came later is the same in a resumed run.
 */
final class TaskKeys {

    private final Map<String, String> known = new ConcurrentHashMap<>();

    /** The key of a task; {@code tag} is null where its process has none. */
    String key(TaskRun task, String process, String tag) {
        String made = Detail.or("", () -> task.getInputs() == null ? "" : fingerprint(task.getInputs()));
        if (tag == null || tag.isEmpty()) {
            return made.isEmpty() ? process : process + ":" + made;
        }
        String name = Text.plain(task.getName());
        String first = known.putIfAbsent(name, made);
        return first == null || first.equals(made) ? name : name + ":" + made;
    }

    /** Takes down a task that nothing is told of. */
    void seen(TaskRun task) {
        Object tag = task.getConfig().get("tag");
        if (tag != null) {
            key(task, "", String.valueOf(tag));
        }
    }

    /** Eight hexadecimal digits over the inputs in the order they are declared; empty where there are none. */
    static String fingerprint(Map<InParam, Object> inputs) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<InParam, Object> input : inputs.entrySet()) {
            // the input that Nextflow gives a process that declares none
            if (!"$".equals(input.getKey().getName())) {
                describe(text, input.getValue());
                text.append('\n');
            }
        }
        return text.isEmpty() ? "" : digest(text.toString());
    }

    /**
     * A value as text. Files count by their whole path: many tasks of a process may read an {@code out.txt} each, and a
     * resumed run finds what was made in the same folder again.
     */
    private static void describe(StringBuilder text, Object value) {
        if (value instanceof FileHolder file) {
            describe(text, file.getSourceObj() instanceof Path source ? source : file.getStorePath());
        } else if (value instanceof Path path) {
            text.append(Text.path(path));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((name, held) -> describe(text.append(name).append('='), held));
        } else if (value instanceof Set<?> || value instanceof Bag<?>) {
            // no order of its own: files that were collected come as their tasks ended
            ((Collection<?>) value).stream().map(TaskKeys::described).sorted().forEach(held -> text.append(held).append(','));
        } else if (value instanceof Iterable<?> list) {
            list.forEach(held -> {
                describe(text, held);
                text.append(',');
            });
        } else {
            text.append(value);
        }
    }

    private static String described(Object value) {
        StringBuilder text = new StringBuilder();
        describe(text, value);
        return text.toString();
    }

    private static String digest(String text) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sum, 0, 4);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
