package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightTest {

    @ParameterizedTest
    @CsvSource({"600, 600000", "0.5, 500"})
    void patienceIsInSeconds(String seconds, long milliseconds) {
        assertEquals(Duration.ofMillis(milliseconds), InFlight.patience(seconds));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "0", "-5", "soon", "NaN", "Infinity"})
    void withoutPatienceNobodyIsAsked(String seconds) {
        assertEquals(Duration.ZERO, InFlight.patience(seconds));
    }

    @Test
    void whoWasToldNothingWaitsAsLongAsTheListenerSays(@TempDir Path folder) throws IOException {
        Path mark = folder.resolve(".listening");
        assertEquals(Duration.ZERO, InFlight.said(mark));
        assertEquals(Duration.ZERO, InFlight.said(Files.writeString(mark, "")));
        assertEquals(Duration.ofSeconds(600), InFlight.said(Files.writeString(mark, "600\n")));
    }

    @Test
    void anAnswerIsTakenOnce(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "said");
        assertEquals("said", InFlight.taken(file));
        assertEquals(null, InFlight.taken(file));
    }

    @Test
    @Timeout(20)
    void whatIsNoPlainFileOfASensibleSizeIsNoAnswer(@TempDir Path folder) throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "said");
        List<Path> odd = List.of(folder.resolve("pipe"), folder.resolve("link"), folder.resolve("folder"), folder.resolve("long"));
        assertEquals(0, new ProcessBuilder("mkfifo", odd.get(0).toString()).start().waitFor());
        Files.createSymbolicLink(odd.get(1), text);
        Files.createDirectory(odd.get(2));
        Files.writeString(odd.get(3), " ".repeat(64 * 1024 + 1));
        for (Path file : odd) {
            assertThrows(IOException.class, () -> InFlight.taken(file), file.toString());
        }
        assertEquals("said", Files.readString(text));
    }

    @Test
    void thoseThatWaitTakeNoThreadFromThoseThatWork() throws Exception {
        // Given a pool as Nextflow's, of two threads, and both wait for an answer
        ThreadPoolExecutor pool = new ThreadPoolExecutor(2, 2, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
        InFlightRoom room = new InFlightRoom(pool);
        CountDownLatch answers = new CountDownLatch(1);
        List<Runnable> waiting = new ArrayList<>();
        for (int task = 0; task < 2; task++) {
            waiting.add(() -> {
                room.enter();
                try {
                    answers.await();
                } catch (InterruptedException ignored) {
                    Thread.currentThread().interrupt();
                } finally {
                    room.leave();
                }
            });
        }
        try {
            waiting.forEach(pool::execute);
            // When a task ends well, it is finished all the same
            assertEquals("finished", pool.submit(() -> "finished").get(10, TimeUnit.SECONDS));
            answers.countDown();
            pool.shutdown();
            assertTrue(pool.awaitTermination(10, TimeUnit.SECONDS));
            assertEquals(List.of(2, 2, 0), List.of(pool.getCorePoolSize(), pool.getMaximumPoolSize(), room.waiting()));
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void thereIsNotRoomForEverybody() {
        InFlightRoom room = new InFlightRoom(null);
        for (int task = 0; task < InFlightRoom.MOST; task++) {
            assertTrue(room.enter());
        }
        assertEquals(false, room.enter());
        room.leave();
        assertEquals(true, room.enter());
    }
}
