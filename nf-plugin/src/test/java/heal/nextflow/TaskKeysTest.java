package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import groovyx.gpars.dataflow.DataflowReadChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nextflow.file.FileHolder;
import nextflow.processor.TaskRun;
import nextflow.script.params.InParam;
import nextflow.util.ArrayBag;
import org.junit.jupiter.api.Test;

class TaskKeysTest {

    /** An input as a process declares it. */
    private record Declared(String name) implements InParam {

        @Override
        public String getName() {
            return name;
        }

        @Override
        public DataflowReadChannel getInChannel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object getRawChannel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object decodeInputs(List values) {
            throw new UnsupportedOperationException();
        }
    }

    private static TaskRun task(String name, Object... values) {
        TaskRun task = new TaskRun();
        task.setName(name);
        Map<InParam, Object> inputs = new LinkedHashMap<>();
        for (int number = 0; number < values.length; number++) {
            inputs.put(new Declared("x" + number), values[number]);
        }
        task.setInputs(inputs);
        return task;
    }

    private static FileHolder file(String path) {
        return new FileHolder(Path.of(path));
    }

    private static String key(Object... values) {
        return new TaskKeys().key(task("A (1)", values), "A", null);
    }

    @Test
    void aTagNamesATask() {
        assertEquals("A (S7)", new TaskKeys().key(task("A (S7)", "S7"), "A", "S7"));
    }

    @Test
    void aTagThatIsUsedTwiceNamesTheFirst() {
        TaskKeys keys = new TaskKeys();
        assertEquals("A (S7)", keys.key(task("A (S7)", "lane 1"), "A", "S7"));
        String second = keys.key(task("A (S7)", "lane 2"), "A", "S7");
        assertTrue(second.matches("A \\(S7\\):[0-9a-f]{8}"), second);
        // and a later try of either is the same task
        assertEquals("A (S7)", keys.key(task("A (S7)", "lane 1"), "A", "S7"));
        assertEquals(second, keys.key(task("A (S7)", "lane 2"), "A", "S7"));
    }

    @Test
    void withoutATagItIsWhatItIsMadeFrom() throws NoSuchAlgorithmException {
        assertEquals("A", key());
        assertEquals("A:" + sum("S7\n/d/reads.fq\n"), key("S7", file("/d/reads.fq")));
        assertEquals(key(Map.of("id", "S7")), key(Map.of("id", "S7")));
        assertNotEquals(key(file("/d/ab/out.txt")), key(file("/d/cd/out.txt")));
    }

    @Test
    void filesThatWereCollectedAreTheSameInAnyOrder() {
        FileHolder one = file("/d/1");
        FileHolder two = file("/d/2");
        assertEquals(key(new ArrayBag<>(List.of(one, two))), key(new ArrayBag<>(List.of(two, one))));
        assertEquals(key(Set.of("a", "b", "c")), key(Set.of("c", "b", "a")));
        assertNotEquals(key(List.of("a", "b")), key(List.of("b", "a")));
    }

    private static String sum(String text) throws NoSuchAlgorithmException {
        byte[] whole = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(whole, 0, 4);
    }
}
