package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import nextflow.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowerTest {

    @TempDir
    Path folder;

    /** Which ends were told, after the run said these; Nextflow gives no order to its callbacks. */
    private List<String> ends(List<String> callbacks) throws IOException {
        Path spool = Files.createDirectory(folder.resolve(String.join("-", callbacks)));
        EventWriter writer = new EventWriter(new Spool(spool, null));
        Follower follower = new Follower(new Session(), writer, new TaskKeys());
        for (String callback : callbacks) {
            switch (callback) {
                case "begin" -> follower.begin();
                case "error" -> follower.failed();
                default -> follower.finish();
            }
        }
        writer.drain(Duration.ofSeconds(20));
        try (var all = Files.list(spool)) {
            List<Path> told = all.filter(path -> path.toString().endsWith(".json")).toList();
            return IntStream.range(0, told.size()).mapToObj(n -> kind(told.get(n))).filter("run_finished"::equals).toList();
        }
    }

    private static String kind(Path event) {
        try {
            return Files.readString(event).replaceAll("(?s).*\"kind\":\\s*\"(\\w+)\".*", "$1");
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    @Test
    void theEndIsToldOnceWhicheverCallbackComesFirst() throws IOException {
        List<String> once = List.of("run_finished");
        assertEquals(once, ends(List.of("begin", "error", "complete")));
        assertEquals(once, ends(List.of("begin", "complete", "error")));
        assertEquals(once, ends(List.of("error", "complete")));
        assertEquals(once, ends(List.of("begin", "complete", "complete")));
    }
}
