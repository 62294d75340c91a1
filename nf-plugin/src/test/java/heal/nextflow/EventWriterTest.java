package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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
    void aDiskThatHangsHoldsNobodyAndFillsNoMemory() throws Exception {
        // Given a disk that hangs on the first event
        EventWriter writer = new EventWriter(new Spool(folder, null));
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        writer.tell(() -> held(hanging, released));
        assertTrue(hanging.await(LONG.toSeconds(), TimeUnit.SECONDS));
        // When a run tells of more than is kept
        List<Integer> asked = Collections.synchronizedList(new ArrayList<>());
        List<String> said = saidDuring(() -> assertTimeout(
            LONG, () -> IntStream.range(0, 100_000).forEach(number -> writer.tell(() -> noted(asked, number)))));
        // Then the log has one line of it, and the end of the run waits once, and only so long
        assertEquals(
            List.of("WARN heal: cannot tell all of this run in " + folder
                + " (it takes events too slowly); the run goes on"),
            said);
        assertFalse(writer.drain(Duration.ofMillis(50)));
        assertTimeout(Duration.ofSeconds(5), () -> assertFalse(writer.drain(Duration.ofMinutes(10))));
        // And when the disk is back, the first of them are told, as many as are kept, and the log has no more of it
        assertEquals(List.of(), saidDuring(() -> {
            released.countDown();
            assertTrue(came(writer));
        }));
        assertEquals(IntStream.range(0, 4096).boxed().toList(), asked);
    }

    private static Map<String, Object> noted(List<Integer> asked, int number) {
        asked.add(number);
        throw new IllegalStateException("thousands of files would take their time");
    }

    private static Map<String, Object> held(CountDownLatch hanging, CountDownLatch released) {
        hanging.countDown();
        try {
            released.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
        return Map.of();
    }

    /** True once an event is written that is told until there is room for it: all before it are written then. */
    private static boolean came(EventWriter writer) {
        long end = System.nanoTime() + LONG.toNanos();
        boolean came = false;
        while (!came && System.nanoTime() < end) {
            came = writer.write(Map.of("last", true));
        }
        return came;
    }

    /** What the writer says in the log meanwhile: level and words. */
    private static List<String> saidDuring(Runnable work) {
        Logger log = (Logger) LoggerFactory.getLogger(EventWriter.class);
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        log.addAppender(heard);
        try {
            work.run();
        } finally {
            log.detachAppender(heard);
        }
        return heard.list.stream().map(line -> line.getLevel() + " " + line.getFormattedMessage()).toList();
    }
}
