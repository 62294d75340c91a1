package heal.nextflow;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import nextflow.Session;
import nextflow.processor.TaskProcessor;
import nextflow.processor.TaskRun;
import nextflow.trace.TraceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks heal about tasks that failed, before Nextflow gives them up, and waits for the answer (docs/in-flight.md). */
final class InFlight implements InFlightStrategy.Asker {

    /** Whoever listens on a spool touches this file in it every few seconds. */
    static final String LISTENING = ".listening";

    private static final long SILENCE_MS = 30_000;
    private static final long LOOK_EVERY_MS = 200;
    /** This many look as often as that; of more, each looks less often. */
    private static final int LOOKERS = 16;
    private static final int MOST_BYTES = 64 * 1024;
    /** A number and the end of a line. */
    private static final int LONGEST_MARK = 64;
    private static final String FINALIZER = "TaskFinalizer";
    private static final Logger log = LoggerFactory.getLogger(InFlight.class);

    private final Run run;
    private final EventWriter writer;
    private final TaskKeys keys;
    private final Path listening;
    private final Path answers;
    private final Duration patience;
    private final InFlightRoom room;
    private final BooleanSupplier over;
    private final Map<TaskProcessor, AtomicInteger> retries = new ConcurrentHashMap<>();

    InFlight(
            Run run,
            EventWriter writer,
            TaskKeys keys,
            Path spool,
            Duration patience,
            InFlightRoom room,
            BooleanSupplier over) {
        this.run = run;
        this.writer = writer;
        this.keys = keys;
        this.listening = spool.resolve(LISTENING);
        this.answers = Path.of(run.cwd(), ".heal", "answers");
        this.patience = patience;
        this.room = room;
        this.over = over;
    }

    /** For a run: null where {@code HEAL_IN_FLIGHT} asks for no waiting; where it is not set, who listens says how long. */
    static InFlight of(Session session, EventWriter writer, TaskKeys keys, Spool spool) {
        String told = System.getenv("HEAL_IN_FLIGHT");
        Duration patience = told == null ? null : patience(told);
        if (patience != null && patience.isZero()) {
            return null;
        }
        InFlightRoom room = new InFlightRoom(session.taskFinalizerExecutorService());
        BooleanSupplier over = () -> session.isAborted() || session.isCancelled();
        return new InFlight(Run.of(session), writer, keys, spool.folder(), patience, room, over);
    }

    /** Seconds as text; zero where it is none, or not positive. */
    static Duration patience(String seconds) {
        try {
            double wanted = Double.parseDouble(seconds);
            return wanted > 0 && wanted < Integer.MAX_VALUE ? Duration.ofMillis((long) (wanted * 1000)) : Duration.ZERO;
        } catch (NullPointerException | NumberFormatException none) {
            return Duration.ZERO;
        }
    }

    /** Has heal asked when this try fails for good. */
    void watch(TaskRun task) {
        if (!task.isArray()) {
            AtomicInteger ofProcess = retries.computeIfAbsent(task.getProcessor(), process -> new AtomicInteger());
            InFlightStrategy.watch(task, this, ofProcess);
        }
    }

    @Override
    public InFlightAnswer ask(TaskRun task, TraceRecord trace) {
        // any other thread is one that all tasks need: the submitter's, the monitor's
        boolean mayWait = Thread.currentThread().getName().startsWith(FINALIZER);
        if (trace == null || !mayWait || over.getAsBoolean() || !listened() || !room.enter()) {
            return InFlightAnswer.NONE;
        }
        try {
            String question = UUID.randomUUID().toString();
            Duration wait = patience();
            Instant until = Instant.now().plus(wait);
            if (!writer.write(event(task, trace, question, until))) {
                return InFlightAnswer.NONE;
            }
            log.debug("heal: asked about {} ({})", task.lazyName(), question);
            InFlightAnswer answer = answer(answers.resolve(question + ".json"), wait, task.getProcessor());
            log.debug("heal: {} for {}", answer, task.lazyName());
            return over.getAsBoolean() ? InFlightAnswer.NONE : answer;
        } finally {
            room.leave();
        }
    }

    private Map<String, Object> event(TaskRun run, TraceRecord trace, String question, Instant until) {
        // the record was made before Nextflow had looked at what the task left behind, and pipelines may read it
        TraceRecord failed = new TraceRecord();
        failed.putAll(trace.getStore());
        failed.put("status", "FAILED");
        Task task = Task.of(run, failed, keys);
        Map<String, Object> facts = new Ending(task, run, failed).failure(null);
        facts.put("asks", question);
        facts.put("asks_until", until.toString());
        return this.run.event("task_failed", task.task(), facts);
    }

    private boolean listened() {
        try {
            long touched = Files.getLastModifiedTime(listening).toMillis();
            // a clock that is ahead on another machine must not make anybody wait
            return Math.abs(System.currentTimeMillis() - touched) < SILENCE_MS && !patience().isZero();
        } catch (IOException nobody) {
            return false;
        }
    }

    /** How long an answer is waited for: as this process was told, else as whoever listens has put down. */
    private Duration patience() {
        return patience != null ? patience : said(listening);
    }

    /** The patience that a mark holds; zero where it holds none. */
    static Duration said(Path mark) {
        try (InputStream text = Files.newInputStream(mark)) {
            return patience(new String(text.readNBytes(LONGEST_MARK), StandardCharsets.US_ASCII));
        } catch (IOException nobody) {
            return Duration.ZERO;
        }
    }

    /** Waits for an answer; none where nobody listens any more, the run ends or the time is up. */
    private InFlightAnswer answer(Path file, Duration wait, Object process) {
        long end = System.nanoTime() + wait.toNanos();
        try {
            while (System.nanoTime() < end && !over.getAsBoolean() && listened()) {
                String text = taken(file);
                if (text != null) {
                    return InFlightAnswer.read(text);
                }
                pause(process, LOOK_EVERY_MS * Math.max(1, room.waiting() / LOOKERS));
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        } catch (IOException unreadable) {
            log.debug("heal: {}", String.valueOf(unreadable));
        }
        return InFlightAnswer.NONE;
    }

    /** The text of an answer, which is gone then; null while there is none. Throws where what is there is no answer. */
    static String taken(Path file) throws IOException {
        if (Files.exists(file, NOFOLLOW_LINKS) && !Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            throw new IOException("no plain file: " + file); // whoever opens a pipe waits for a writer
        }
        // opened by its name all the same: on a network file system that asks the server
        try (InputStream stream = Files.newInputStream(file, READ, NOFOLLOW_LINKS)) {
            byte[] text = stream.readNBytes(MOST_BYTES + 1);
            Files.deleteIfExists(file);
            if (text.length > MOST_BYTES) {
                throw new IOException("too long for an answer: " + file);
            }
            return new String(text, StandardCharsets.UTF_8);
        } catch (NoSuchFileException notYet) {
            return null;
        }
    }

    /**
     * Waits without holding up other tasks of the process.
     *
     * <p>Nextflow decides about a failure, and hands on the outputs of a success, under the process's monitor
     * (TaskProcessor.resumeOrDie, bindOutputs). Waiting on that monitor sets it free meanwhile.
     */
    private static void pause(Object process, long milliseconds) throws InterruptedException {
        if (Thread.holdsLock(process)) {
            process.wait(milliseconds);
        } else {
            Thread.sleep(milliseconds);
        }
    }
}
