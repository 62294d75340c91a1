package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventWriterTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private List<String> written() throws IOException {
        try (var all = Files.list(folder)) {
            return all.sorted().map(EventWriterTest::text).toList();
        }
    }

    private static String text(Path path) {
        try {
            return Files.readString(path).strip();
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    @Test
    void eventsAreWrittenInTheOrderTheyWereTold() throws IOException {
        EventWriter writer = new EventWriter(new Spool(folder, null));
        IntStream.range(0, 200).forEach(number -> writer.tell(() -> Map.of("n", number)));
        // one that is waited for comes after all of them
        assertTrue(writer.write(Map.of("n", 200)));
        assertEquals(IntStream.rangeClosed(0, 200).mapToObj(number -> "{\"n\":" + number + "}").toList(), written());
    }

    @Test
    void manyThreadsLoseNothingAndEachKeepsItsOrder() throws Exception {
        EventWriter writer = new EventWriter(new Spool(folder, null));
        // Given eight threads that speak at once, 200 times each
        List<Thread> threads = IntStream.range(0, 8).mapToObj(of -> new Thread(() -> IntStream.range(0, 200)
            .forEach(number -> writer.tell(() -> Map.of("thread " + of, number))))).toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(writer.drain(LONG));
        // Then each event lies in the spool once, and what one thread said in the order in which it said it
        List<String> written = written();
        assertEquals(1600, written.size());
        for (int of = 0; of < 8; of++) {
            String name = "{\"thread " + of + "\":";
            assertEquals(
                IntStream.range(0, 200).mapToObj(number -> name + number + "}").toList(),
                written.stream().filter(line -> line.startsWith(name)).toList());
        }
    }

    @Test
    void whatCannotBeMadeCostsItselfAndNothingElse() throws IOException {
        EventWriter writer = new EventWriter(new Spool(folder, null));
        writer.tell(() -> {
            throw new AssertionError("wrong");
        });
        writer.tell(() -> Map.of("n", 1));
        assertTrue(writer.drain(LONG));
        assertEquals(List.of("{\"n\":1}"), written());
    }

    @Test
    void whatCannotBeWrittenIsSaidToWhoWaits() throws IOException {
        Files.writeString(folder.resolve("file"), "");
        assertFalse(new EventWriter(new Spool(folder.resolve("file"), null)).write(Map.of()));
    }

    @Test
    void aDiskThatHangsHoldsNobody() {
        EventWriter writer = new EventWriter(new Spool(folder, null));
        CountDownLatch never = new CountDownLatch(1);
        writer.tell(() -> {
            try {
                never.await();
            } catch (InterruptedException end) {
                // as below
            }
            return Map.of();
        });
        assertTimeout(LONG, () -> IntStream.range(0, 100_000).forEach(number -> writer.tell(Map::of)));
        // the end of the run waits once, and only so long
        assertFalse(writer.drain(Duration.ofMillis(50)));
        assertTimeout(Duration.ofSeconds(5), () -> assertFalse(writer.drain(Duration.ofMinutes(10))));
        // it hangs for good: what it wrote now would meet the removal of its folder
    }
}
